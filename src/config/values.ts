import { looksLikeKey } from '../base/key-shape.ts';
import { childOf, isGroup, keysOf, OPTIONS, type Path, type Schema, TREE } from './option-tree.ts';
import { NEVER } from './option-types.ts';
import { type FileValues, fileSchema } from './options.ts';
import { nearest, pathText, type Report, type Tree } from './problem.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

const REFERENCE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;
const ANY_REFERENCE = /\$\{[A-Za-z_][A-Za-z0-9_]*\}/;
const NO_KEY = 'remove it; a key belongs in api_key or environment_key, or in a file that they name';

export interface Checked {
  /** Null: there are problems. */
  readonly values: FileValues | null;
  /** What is written, with variables filled in, and nothing that was refused. */
  readonly tree: Tree;
  /** The variable or flag that gave a value, by path. */
  readonly variables: ReadonlyMap<string, string>;
}

/**
 * The values of a tree; what is wrong is reported, all at once.
 *
 * @param given the variable or flag of each value that is not in the file, by path
 */
export function checkedValues(
  written: Tree,
  env: Variables,
  given: ReadonlyMap<string, string>,
  report: Report,
): Checked {
  const variables = new Map(given);
  const refused = new Set<string>();
  const refuse = (path: Path, what: string, remedy: string, at: 'key' | 'value' = 'value'): null => {
    if (!path.some((_, index) => refused.has(pathText(path.slice(0, index + 1)))))
      report.problem(path, what, remedy, at);
    refused.add(pathText(path));
    return null;
  };

  const ofText = (text: string, path: Path, schema: Schema | null): unknown => {
    const isGiven = given.has(pathText(path));
    const name = isGiven ? undefined : REFERENCE.exec(text)?.[1];
    if (!isGiven && name === undefined && ANY_REFERENCE.test(text))
      return refuse(
        path,
        `has \${NAME} as part of a value`,
        'make it the whole value and put the rest into the variable',
      );
    const value = name === undefined || looksLikeKey(name) ? text : env[name];
    if (value === undefined || value === '') {
      if (name === undefined) return text;
      const what = `environment variable ${name} is ${value === undefined ? 'not set' : 'empty'}`;
      return refuse(path, what, `set ${name}, or write the value here`);
    }
    // Under an unknown name nothing is shown anyway.
    if (looksLikeKey(value) && !schema?.secret && (schema !== null || name !== undefined)) {
      const isPath = schema?.kind?.startsWith('path');
      return refuse(path, 'seems to contain a key', isPath ? 'name a file here; the key belongs in that file' : NO_KEY);
    }
    if (name !== undefined) variables.set(pathText(path), name);
    return name !== undefined || isGiven ? fromText(value, schema) : text;
  };
  const prepared = (value: unknown, path: Path, schema: Schema | null): unknown => {
    if (typeof value === 'string') return ofText(value, path, schema);
    if (value === Number.POSITIVE_INFINITY) return schema?.kind?.includes(NEVER) ? NEVER : value;
    if (Array.isArray(value))
      return value.map((item, index) => prepared(item, [...path, index], childOf(schema, index)));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).flatMap(([key, below]) => {
      const child = childOf(schema, key);
      if (looksLikeKey(key)) refuse([...path, key], 'is a name that looks like a key', NO_KEY, 'key');
      else if (key === '__proto__') refuse([...path, key], 'is not an option', 'remove it', 'key');
      // A section with nothing under it is as if it were missing; the name alone makes a connection.
      else if (below !== null || !isGroup(child)) return [[key, prepared(below, [...path, key], child)]];
      else if (keysOf(schema).length === 0) return [[key, {}]];
      return [];
    });
    return Object.fromEntries(entries);
  };

  const tree = prepared(written, [], TREE) as Tree;
  const result = fileSchema.safeParse(tree);
  for (const issue of result.error?.issues ?? []) {
    const path = issue.path as Path;
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) refuse([...path, key], 'unknown option', meant(key, path), 'key');
      continue;
    }
    const variable = given.has(pathText(path)) ? undefined : variables.get(pathText(path));
    const from = variable === undefined ? '' : ` (it comes from environment variable ${variable})`;
    const isName = issue.code === 'invalid_key';
    const what = `${isName ? 'is no name here: it must be in' : 'must be'} ${issue.message}${from}`;
    refuse(path, what, exampleAt(path), isName ? 'key' : 'value');
  }
  return { values: refused.size === 0 && result.success ? result.data : null, tree, variables };
}

/** An example of what belongs at a path: its default, if there is one. */
function exampleAt(path: Path): string {
  const schemas = path.map((_, index) => path.slice(0, index + 1).reduce(childOf, TREE as Schema | null));
  const option = schemas.findLast((schema) => schema?.kind !== undefined);
  const example = option?.example ?? option?.default ?? null;
  if (example === null) return 'docs/configuration.md shows a whole file';
  return `for example ${typeof example === 'string' ? example : JSON.stringify(example)}`;
}

/** The text of a variable as the value that the option takes. */
function fromText(text: string, schema: Schema | null): unknown {
  const types = typesOf(schema);
  if (types.includes('boolean') && /^(?:true|false)$/.test(text)) return text === 'true';
  const isNumber = types.some((type) => type === 'integer' || type === 'number');
  return isNumber && /^-?[0-9]+(?:\.[0-9]+)?$/.test(text) ? Number(text) : text;
}

function typesOf(schema: Schema | null): readonly (string | undefined)[] {
  return schema?.anyOf?.flatMap(typesOf) ?? [schema?.type];
}

/** What other programs call an option. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  token: ['api_key', 'environment_key'],
  key: ['api_key', 'environment_key'],
  endpoint: ['base_url'],
  interval: ['stats_interval'],
  port: ['listen'],
  tls: ['web_config_file'],
};

/** Every option and section by its path and by its last name; the first of each name counts. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map(
  OPTIONS.toReversed().flatMap(({ path }) =>
    path.split('.').flatMap((step, index, steps) => {
      const whole = steps.slice(0, index + 1).join('.');
      return [[whole, whole] as const, [step, whole] as const];
    }),
  ),
);

/** What somebody probably meant by a name that is unknown at its place: an option beside it, or anywhere. */
function meant(key: string, path: Path): string {
  const here = keysOf(path.reduce(childOf, TREE as Schema | null));
  const names = Object.hasOwn(SYNONYMS, key) ? SYNONYMS[key]! : [key];
  const near = names.find((name) => here.includes(name)) ?? nearest(key, here);
  if (near !== null) return `did you mean ${near}?`;
  const best = nearest(names[0]!, [...ELSEWHERE.keys()]);
  return best === null ? `known here: ${here.join(', ')}` : `did you mean ${ELSEWHERE.get(best)}?`;
}
