import { looksLikeKey } from '../base/secret.ts';
import { NEVER } from './option-types.ts';
import { childOf, fileSchema, isGroup, keysOf, OPTIONS, type Schema, TREE } from './options.ts';
import {
  nearest,
  type Path,
  pathText,
  plain,
  type Report,
  remedyForUnknown,
  reportIssues,
  type Tree,
} from './problem.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

const REFERENCE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;
const ANY_REFERENCE = /\$\{[A-Za-z_][A-Za-z0-9_]*\}/;
const NO_KEY = 'remove it; a key belongs in api_key or environment_key, or in a file that they name';

export type Checked = ReturnType<typeof checkedValues>;

/**
 * The values of a tree, null if there are problems, which are reported all at once; and the tree without defaults, with variables filled in.
 *
 * @param given the variable or flag of each value that is not in the file, by path
 */
export function checkedValues(written: Tree, env: Variables, given: ReadonlyMap<string, string>, report: Report) {
  /** The variable or flag that gave a value, by path. */
  const variables = new Map(given);
  /** Every key that is written, whatever else is wrong; those of files are added as they are read. */
  const keys: string[] = [];
  /** Every other text, names included, with its place. */
  const texts: (readonly [text: string, path: Path])[] = [];
  const refused = new Set<string>();
  const refuse = (path: Path, what: string, remedy: string, at: 'key' | 'value' = 'value'): null => {
    if (!path.some((_, index) => refused.has(pathText(path.slice(0, index + 1)))))
      report.problem(path, what, remedy, at);
    refused.add(pathText(path));
    return null;
  };

  const ofText = (written: string, path: Path, schema: Schema | null): unknown => {
    const at = pathText(path);
    const name = given.has(at) ? undefined : REFERENCE.exec(written)?.[1];
    if (name === undefined && !given.has(at) && ANY_REFERENCE.test(written))
      return refuse(
        path,
        `has \${NAME} as part of a value`,
        'make it the whole value, and the rest part of the variable',
      );
    const text = name === undefined || looksLikeKey(name) ? written : env[name];
    if (!text && name !== undefined)
      return refuse(path, `environment variable ${name} is not set, or empty`, `set ${name}, or write the value here`);
    // Under an unknown name nothing is shown anyway.
    if (looksLikeKey(text!) && !schema?.secret && (schema !== null || name !== undefined))
      return refuse(path, 'seems to contain a key', NO_KEY);
    if (name !== undefined) variables.set(at, name);
    if (schema?.secret) keys.push(text!);
    else texts.push([text!, path]);
    return name !== undefined || given.has(at) ? fromText(text!, schema) : text;
  };
  const read = (value: unknown, path: Path, schema: Schema | null): unknown => {
    if (typeof value === 'string') return ofText(value, path, schema);
    if (value === Number.POSITIVE_INFINITY) return schema?.kind?.includes(NEVER) ? NEVER : value;
    if (Array.isArray(value)) return value.map((item, index) => read(item, [...path, index], childOf(schema, index)));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).flatMap(([key, below]) => {
      const [at, child] = [[...path, key], childOf(schema, key)];
      // At the parent: the path of the place would show a key.
      texts.push([key, path]);
      if (looksLikeKey(key)) refuse(at, 'is a name that looks like a key', NO_KEY, 'key');
      else if (key === '__proto__') refuse(at, 'is not an option', 'remove it', 'key');
      // A section with nothing under it is as if it were missing; the name alone makes a connection.
      else if (below !== null || !isGroup(child)) return [[key, read(below, at, child)]];
      else if (keysOf(schema).length === 0) return [[key, {}]];
      return [];
    });
    return Object.fromEntries(entries);
  };

  const tree = read(written, [], TREE) as Tree;
  const result = fileSchema.safeParse(tree);
  reportIssues(result.error?.issues ?? [], refuse, 'see docs/configuration.md', meant);
  return { values: refused.size === 0 && result.success ? result.data : null, tree, variables, keys, texts };
}

/** The text of a variable as the value that the option takes. */
function fromText(text: string, schema: Schema | null): unknown {
  const kind = schema?.kind ?? '';
  if (kind === 'boolean' && /^(?:true|false)$/.test(text)) return text === 'true';
  return /^(?:whole )?number/.test(kind) && /^-?[0-9]+(?:\.[0-9]+)?$/.test(text) ? Number(text) : text;
}

/** What somebody probably meant by a name that is unknown at its place: an option beside it, or one of this name elsewhere. */
function meant(key: string, here: readonly string[]): string {
  const isMeant = (option: string) => plain(option) === plain(key) || `.${option}.`.includes(`.${key}.`);
  const elsewhere = OPTIONS.find(({ path: option }) => !option.startsWith('environments[]') && isMeant(option));
  const isNear = elsewhere === undefined || nearest(key, here) !== null;
  return isNear ? remedyForUnknown(key, here) : `did you mean ${elsewhere.path}?`;
}
