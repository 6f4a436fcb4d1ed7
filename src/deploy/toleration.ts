import type { JsonSchema } from '../config/load/configuration-schema.ts';
import { meeting } from './explained.ts';
import { objectOf } from './kubernetes-fields.ts';

const KEYED: JsonSchema = { required: ['key'], properties: { key: { type: 'string', minLength: 1 } } };
const EXISTS: JsonSchema = { required: ['operator'], properties: { operator: { const: 'Exists' } } };
const NO_VALUE: JsonSchema = { properties: { value: { enum: ['', null] } } };
const NO_EXECUTE: JsonSchema = { required: ['effect'], properties: { effect: { const: 'NoExecute' } } };
const NO_SECONDS: JsonSchema = { properties: { tolerationSeconds: { type: 'null' } } };

/** A toleration as the API server takes it: its members depend on each other. */
export const toleration: JsonSchema = {
  ...objectOf('Toleration'),
  ...meeting([
    [{ anyOf: [KEYED, EXISTS] }, 'a toleration with a key, or with operator: Exists, which tolerates every taint'],
    [{ anyOf: [{ not: EXISTS }, NO_VALUE] }, 'a toleration without a value, as its operator is Exists'],
    [{ anyOf: [NO_SECONDS, NO_EXECUTE] }, 'a toleration with effect: NoExecute, as it has tolerationSeconds'],
  ]),
};
