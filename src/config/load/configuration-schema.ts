import { z } from 'zod';
import { REFERENCE_PATTERN } from '../file/interpolate.ts';
import { fileSchema } from '../options/file-schema.ts';
import type { Group, Option, OptionNode } from '../options/option.ts';
import { options } from '../options/options.ts';

export type JsonSchema = { [key: string]: unknown };

/** The JSON Schema (draft 2020-12) of a configuration file, for editors and for the `schema` command. */
export function configurationSchema(): JsonSchema {
  const schema = z.toJSONSchema(fileSchema, { io: 'input', target: 'draft-2020-12', reused: 'inline' }) as JsonSchema;
  annotateGroup(schema, options);
  // `api` and `connections.default` are two names for the same thing.
  schema.not = {
    type: 'object',
    properties: {
      // Without anything under it, `api` says nothing.
      api: { type: 'object' },
      connections: { type: 'object', properties: { default: true }, required: ['default'] },
    },
    required: ['api', 'connections'],
  };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'anthropic-work-exporter configuration',
    ...schema,
    $defs: {
      variable: { type: 'string', pattern: REFERENCE_PATTERN, description: 'The value of an environment variable.' },
    },
  };
}

/** Adds what the table knows and zod does not: help, defaults, what is required, and that `${NAME}` is allowed. */
function annotateGroup(schema: JsonSchema, group: Group): void {
  const properties = schema.properties as { [key: string]: JsonSchema };
  for (const [key, node] of Object.entries(group)) properties[key] = annotate(properties[key]!, node);
  const required = Object.entries(group).filter(([, node]) => node.kind === 'option' && node.required);
  if (required.length > 0) schema.required = required.map(([key]) => key);
  const pairs = Object.keys(group).filter((key) => Object.hasOwn(group, `${key}_file`));
  if (pairs.length > 0) schema.allOf = pairs.map(notBoth);
}

function annotate(schema: JsonSchema, node: OptionNode): JsonSchema {
  if (node.kind === 'option') return annotateOption(schema, node);
  if (node.kind === 'section') {
    annotateGroup(schema, node.options);
    // A key with nothing under it is an empty section.
    return { description: node.help, ...schema, type: ['object', 'null'] };
  }
  const item = (node.kind === 'list' ? schema.items : schema.additionalProperties) as JsonSchema;
  annotateGroup(item, node.item);
  // A name with nothing under it has the defaults.
  if (node.kind === 'map') item.type = ['object', 'null'];
  return { ...schema, type: [schema.type, 'null'] };
}

function notBoth(key: string): JsonSchema {
  const other = `${key}_file`;
  return { not: { type: 'object', properties: { [key]: true, [other]: true }, required: [key, other] } };
}

function annotateOption(schema: JsonSchema, { type, ...option }: Option<unknown>): JsonSchema {
  const about: JsonSchema = {
    description: option.unit === null ? option.help : `${option.help} Unit: ${option.unit}.`,
  };
  if (option.default !== undefined) about.default = option.default;
  if (type.scalar !== 'none') return { ...about, ...orVariable(schema, ...(type.never ? [INFINITY] : [])) };
  return { ...about, ...schema, ...(schema.items !== undefined && { items: orVariable(schema.items as JsonSchema) }) };
}

/** JSON has no such number, but the values of a YAML file may: `.inf`. */
const INFINITY: JsonSchema = { type: 'number', exclusiveMinimum: Number.MAX_VALUE };

function orVariable(schema: JsonSchema, ...more: readonly JsonSchema[]): JsonSchema {
  return { anyOf: [schema, { $ref: '#/$defs/variable' }, ...more] };
}
