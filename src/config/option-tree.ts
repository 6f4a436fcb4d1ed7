import { z } from 'zod';
import { type About, NEVER } from './option-types.ts';
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
const OURS = ['id', 'kind', 'unit', 'example', 'secret', 'env', 'flag'];

/** The JSON Schema (draft 2020-12) of a configuration file, for editors and for the `schema` command. */
export function configurationSchema(): JsonSchema {
  const all = z.toJSONSchema(fileSchema, { io: 'input' });
  const { $schema, $defs, ...schema } = JSON.parse(JSON.stringify(all, withoutOurs)) as JsonSchema;
  const variable = {
    type: 'string',
    pattern: '^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$',
    description: 'The value of an environment variable.',
  };
  const title = 'anthropic-work-exporter configuration';
  return { $schema, title, ...forEditors(schema), $defs: { ...mapped($defs as JsonSchema), variable } };
}

const mapped = (schemas: JsonSchema) =>
  Object.fromEntries(Object.entries(schemas).map(([key, schema]) => [key, forEditors(schema as JsonSchema)]));

/** The same with what the loader takes besides: `${NAME}` for every value, `.inf` for `never`, and sections with nothing under them. */
function forEditors({ description, default: fallback, ...rest }: JsonSchema): JsonSchema {
  const about = { description, default: fallback };
  const { $ref, type, properties } = rest;
  if ($ref !== undefined) return { description, $ref };
  if (properties !== undefined)
    return { description, ...rest, type: [type, 'null'], properties: mapped(properties as JsonSchema) };
  const place = rest.items === undefined ? 'additionalProperties' : 'items';
  const child = rest[place] as JsonSchema | undefined;
  if (child !== undefined) {
    const isGroups = child.$ref !== undefined || child.properties !== undefined;
    return { ...about, ...rest, type: isGroups ? [type, 'null'] : type, [place]: forEditors(child) };
  }
  // JSON has no such number, but the values of a YAML file may.
  const infinity = JSON.stringify(rest).includes(NEVER) ? [{ type: 'number', exclusiveMinimum: Number.MAX_VALUE }] : [];
  return { ...about, anyOf: [rest, { $ref: '#/$defs/variable' }, ...infinity] };
}

/** Options of these names are schemas, and stay. */
function withoutOurs(key: string, value: unknown): unknown {
  return OURS.includes(key) && typeof value !== 'object' ? undefined : value;
}
