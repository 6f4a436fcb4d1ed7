import { z } from 'zod';
import { NEVER } from './option-types.ts';
import { type About, fileSchema } from './options.ts';

/** The JSON Schema of an option or of a group of options, with what its `.meta` says. */
export interface Schema extends About {
  readonly default?: unknown;
  readonly type?: string;
  readonly anyOf?: readonly Schema[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | false;
}

/** What zod says that a file may have, as plain data in one piece: shared parts in their places, and `x or null` like `x`. */
export function schemaOf(of: z.ZodType): Schema {
  const { $defs = {}, ...all } = z.toJSONSchema(of, { io: 'input', unrepresentable: 'any' });
  const inPlace = (_: string, at: unknown): unknown => {
    if (typeof at !== 'object' || at === null) return at;
    const { $ref, ...rest } = at as Schema & { $ref?: string };
    const [first, last] = rest.anyOf ?? [];
    if ($ref !== undefined) return { ...($defs[$ref.slice('#/$defs/'.length)] as object), ...rest };
    if (last?.type !== 'null') return at;
    return { ...first, ...rest, ...(first!.kind !== undefined && { kind: `${first!.kind} or null` }) };
  };
  return JSON.parse(JSON.stringify(all, inPlace));
}

/** Every option and group of options. */
export const TREE = schemaOf(fileSchema);

/** The schema of a member or of an entry; null: there is nothing of this name. */
export function childOf(schema: Schema | null, step: string | number): Schema | null {
  const { properties, items, additionalProperties } = schema ?? {};
  if (properties !== undefined) return Object.hasOwn(properties, step) ? properties[step]! : null;
  return items ?? (additionalProperties || null);
}

/** The names that may stand under a schema; none for lists, for names that the user chooses, and for single options. */
export function keysOf(schema: Schema | null): readonly string[] {
  return Object.keys(schema?.properties ?? {});
}

/** Whether a schema is of options, or of a map or list of such: then nothing behind its name is as if it were missing. */
export function isGroup(schema: Schema | null): boolean {
  return keysOf(schema).length > 0 || keysOf(childOf(schema, 0)).length > 0;
}

/** Every option, with `*` for a name of the user's choice and `[]` for a list. */
export const OPTIONS: readonly { readonly path: string; readonly option: Schema; readonly isRequired: boolean }[] =
  optionsOf(TREE, '');

function optionsOf(schema: Schema, path: string): (typeof OPTIONS)[number][] {
  return keysOf(schema).flatMap((key) => {
    const child = childOf(schema, key)!;
    const at = path === '' ? key : `${path}.${key}`;
    if (!isGroup(child)) return [{ path: at, option: child, isRequired: schema.required?.includes(key) === true }];
    if (keysOf(child).length > 0) return optionsOf(child, at);
    return optionsOf(childOf(child, 0)!, child.items === undefined ? `${at}.*` : `${at}[]`);
  });
}

/** What the schema says for the program and its docs, which is no JSON Schema. */
const OURS = ['id', 'kind', 'example', 'secret', 'env', 'flag'];

/** The JSON Schema (draft 2020-12) of a configuration file, for editors and for the `schema` command. */
export function configurationSchema(): object {
  // Options of these names are schemas, and stay.
  const withoutOurs = (key: string, value: unknown) =>
    OURS.includes(key) && typeof value !== 'object' ? undefined : value;
  const all = z.toJSONSchema(fileSchema, { io: 'input' });
  const { $schema, $defs, ...schema } = JSON.parse(JSON.stringify(all, withoutOurs));
  const variable = {
    type: 'string',
    pattern: '^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$',
    description: 'The value of an environment variable.',
  };
  const title = 'anthropic-work-exporter configuration';
  return { $schema, title, ...forEditors(schema), $defs: { ...mapped($defs), variable } };
}

type Json = { readonly [key: string]: unknown };

const mapped = (schemas: unknown) =>
  Object.fromEntries(Object.entries(schemas as Json).map(([key, schema]) => [key, forEditors(schema as Json)]));

/** The same with what the loader takes besides: `${NAME}` for every value, `.inf` for `never`, and sections with nothing under them. */
function forEditors({ description, default: fallback, ...rest }: Json): object {
  if (rest.$ref !== undefined) return { description, ...rest };
  const { type, properties, items, additionalProperties } = rest;
  if (properties !== undefined) return { description, ...rest, type: [type, 'null'], properties: mapped(properties) };
  const about = { description, default: fallback };
  const [place, child] = items === undefined ? ['additionalProperties', additionalProperties] : ['items', items];
  if (child !== undefined) {
    const isGroups = (child as Json).$ref !== undefined || (child as Json).properties !== undefined;
    return { ...about, ...rest, type: isGroups ? [type, 'null'] : type, [place]: forEditors(child as Json) };
  }
  // JSON has no such number, but the values of a YAML file may.
  const infinity = JSON.stringify(rest).includes(NEVER) ? [{ type: 'number', exclusiveMinimum: Number.MAX_VALUE }] : [];
  return { ...about, anyOf: [rest, { $ref: '#/$defs/variable' }, ...infinity] };
}
