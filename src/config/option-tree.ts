import { z } from 'zod';
import type { About } from './option-types.ts';
import { fileSchema } from './options.ts';

export type Path = readonly (string | number)[];

/** An option with what its schema says of it. */
export interface Option extends About {
  /** As written in a file; undefined: there is none, and the option may be missing. */
  readonly default: unknown;
  readonly required: boolean;
  readonly description: string;
  readonly kind: string;
}

/** What stands inside a default, and inside what may be null or missing. */
function inside(schema: z.core.$ZodType): z.core.$ZodType {
  const isWrapped =
    schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodPrefault;
  return isWrapped ? inside(schema.unwrap()) : schema;
}

/** The schema of a member or of an entry; null: there is nothing of this name. */
export function childOf(schema: z.core.$ZodType | null, step: string | number): z.core.$ZodType | null {
  const at = schema === null ? null : inside(schema);
  if (at instanceof z.ZodObject) return Object.hasOwn(at.shape, step) ? at.shape[step]! : null;
  if (at instanceof z.ZodRecord) return at.valueType as z.ZodType;
  return at instanceof z.ZodArray ? at.element : null;
}

/** The names that may stand under a schema; none for lists, for names that the user chooses, and for single options. */
export function keysOf(schema: z.core.$ZodType | null): readonly string[] {
  const at = schema === null ? null : inside(schema);
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

/** Whether a schema is of options, or of a map or list of such: then nothing behind its name is as if it were missing. */
export function isGroup(schema: z.core.$ZodType | null): boolean {
  return keysOf(schema).length > 0 || keysOf(childOf(schema, 0)).length > 0;
}

/** What is known of the option at a schema, whatever is around it. */
export function aboutOf(schema: z.core.$ZodType | null): About {
  if (schema === null) return {};
  const core = inside(schema);
  return { ...(core === schema ? {} : aboutOf((schema as z.ZodOptional).unwrap())), ...z.globalRegistry.get(schema) };
}

interface Found {
  readonly path: string;
  readonly about: About;
  readonly schema: z.core.$ZodType;
}

/** Every option, with `*` for a name of the user's choice and `[]` for a list. */
export const OPTIONS: readonly Found[] = optionsOf(fileSchema, '');

function optionsOf(schema: z.core.$ZodType, path: string): Found[] {
  return keysOf(schema).flatMap((key) => {
    const child = childOf(schema, key)!;
    const at = path === '' ? key : `${path}.${key}`;
    if (!isGroup(child)) return [{ path: at, about: aboutOf(child), schema: child }];
    if (keysOf(child).length > 0) return optionsOf(child, at);
    return optionsOf(childOf(child, 0)!, inside(child) instanceof z.ZodArray ? `${at}[]` : `${at}.*`);
  });
}

/** An option as the docs show it. */
export function optionOf(schema: z.core.$ZodType): Option {
  const about = aboutOf(schema);
  const isRequired = !z.core.safeParse(schema, undefined).success;
  const mayBeNull = !isRequired && z.core.safeParse(schema, null).success;
  const kind = `${about.kind}${mayBeNull ? ' or null' : ''}`;
  const { default: fallback } = z.toJSONSchema(schema, { io: 'input' });
  return { ...about, description: about.description ?? '', kind, default: fallback, required: isRequired };
}

export type JsonSchema = { [key: string]: unknown };

/** What the schema says for the program and its docs, which is no JSON Schema. */
const OURS = ['kind', 'unit', 'example', 'secret', 'env', 'flag'];

/** The JSON Schema (draft 2020-12) of a configuration file, for editors and for the `schema` command. */
export function configurationSchema(): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(fileSchema, { io: 'input', reused: 'inline' }) as JsonSchema;
  const variable = {
    type: 'string',
    pattern: '^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$',
    description: 'The value of an environment variable.',
  };
  return { $schema, title: 'anthropic-work-exporter configuration', ...forEditors(schema), $defs: { variable } };
}

/** The same with what the loader takes besides: `${NAME}` for every value, `.inf` for `never`, and sections with nothing under them. */
function forEditors(schema: JsonSchema): JsonSchema {
  const node = Object.fromEntries(Object.entries(schema).filter(([key]) => !OURS.includes(key)));
  const { properties, items, additionalProperties, description, default: fallback, ...rest } = node;
  if (typeof properties === 'object') {
    const below = Object.entries(properties as JsonSchema).map(([key, child]) => [
      key,
      forEditors(child as JsonSchema),
    ]);
    return {
      ...rest,
      description,
      type: ['object', 'null'],
      properties: Object.fromEntries(below),
      additionalProperties,
    };
  }
  const about = {
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
  };
  const child = (items ?? additionalProperties) as JsonSchema | undefined;
  if (typeof child === 'object') {
    const mayBeEmpty = 'properties' in child ? { type: [rest.type, 'null'] } : {};
    return {
      ...about,
      ...rest,
      ...mayBeEmpty,
      [items === undefined ? 'additionalProperties' : 'items']: forEditors(child),
    };
  }
  const text = JSON.stringify(rest);
  // JSON has no such number, but the values of a YAML file may.
  const infinity = text.includes('never') ? [{ type: 'number', exclusiveMinimum: Number.MAX_VALUE }] : [];
  return { ...about, anyOf: [withoutOurs(rest), { $ref: '#/$defs/variable' }, ...infinity] };
}

function withoutOurs(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (key, value) => (OURS.includes(key) ? undefined : value)) as JsonSchema;
}
