import type { JsonSchema } from '../config/load/configuration-schema.ts';
import { explained } from './explained.ts';

/** A text that matches `pattern`; Helm says `wanted` of any other. */
export const textLike = (pattern: string, wanted: string, maxLength?: number): JsonSchema => ({
  type: 'string',
  ...explained(maxLength === undefined ? { pattern } : { pattern, maxLength }, wanted),
});

/** The name of a Kubernetes object: a DNS subdomain, which consists of parts. */
const PART = '[a-z0-9]([a-z0-9-]*[a-z0-9])?';
const NAME = `${PART}(\\.${PART})*`;
const A_NAME = 'the name of a Kubernetes object: small letters, digits, - and ., a letter or digit around each .';
export const name = textLike(`^${NAME}$`, A_NAME, 253);
export const nameOrEmpty = textLike(`^(${NAME})?$`, A_NAME, 253);
/** A part of such a name. The whole name of a Service is one part that begins with a letter: a DNS label. */
const LABEL = 'at most 63 small letters, digits and -';
export const part = textLike(`^${PART}$`, LABEL, 63);
export const partOrEmpty = textLike(`^(${PART})?$`, LABEL, 63);
export const labelOrEmpty = textLike('^([a-z]([a-z0-9-]*[a-z0-9])?)?$', `${LABEL}, a letter first`, 63);
/** Labels and annotations of an object have keys such as `team` or `corp.test/team`. */
const KEYED = '([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)';
const A_KEY = 'at most 63 letters, digits, -, _ and ., a letter or digit at both ends';
const keyed = (values: JsonSchema): JsonSchema => ({
  type: 'object',
  additionalProperties: values,
  ...explained(
    { propertyNames: { pattern: `^(${NAME}/)?${KEYED}$`, maxLength: 253 + 1 + 63 } },
    `a map with keys as Kubernetes has them: ${A_KEY}; before it, a domain and / if you like`,
  ),
});
export const labels = keyed(textLike(`^${KEYED}?$`, `a value of a label: ${A_KEY}`));
export const annotations = keyed({ type: 'string' });
