import { looksLikeKey } from '../../base/key-shape.ts';
import { findOption, optionAt, type Path, pathText } from './option-tree.ts';
import type { Report } from './report.ts';
import type { Tree } from './sources.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** The whole value is one reference. */
export const REFERENCE_PATTERN = '^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$';
const REFERENCE = new RegExp(REFERENCE_PATTERN);
const ANY_REFERENCE = /\$\{[A-Za-z_][A-Za-z0-9_]*\}/;
const DECIMAL = /^-?[0-9]+(?:\.[0-9]+)?$/;

export interface Interpolated {
  readonly tree: Tree;
  /** Path → the environment variable that gave its value. */
  readonly variables: ReadonlyMap<string, string>;
}

/**
 * Replaces each value that is a whole `${NAME}` with that environment variable, writes `.inf` as `never` where that is
 * allowed, and drops what is empty: a section without content, or an omitted value. A connection without content stays.
 *
 * It runs after YAML has been parsed, so a variable can never change the structure.
 */
export function interpolate(tree: Tree, env: Variables, report: Report): Interpolated {
  const variables = new Map<string, string>();

  const scalarOf = (written: string, path: Path): unknown => {
    const scalar = optionAt(path)?.type.scalar ?? 'text';
    if (scalar === 'number' && DECIMAL.test(written)) return Number(written);
    if (scalar === 'boolean' && (written === 'true' || written === 'false')) return written === 'true';
    return written;
  };

  const fromText = (written: string, path: Path): unknown => {
    if (!ANY_REFERENCE.test(written)) return written;
    if (!REFERENCE.test(written)) {
      report.invalidate(
        path,
        `has \${NAME} as part of a value`,
        'make it the whole value and put the rest into the variable',
      );
      return undefined;
    }
    const name = written.slice(2, -1);
    // The name is not shown then, although the messages below would show it.
    if (looksLikeKey(name)) {
      report.invalidate(
        path,
        `has a key where \${NAME} names an environment variable`,
        'write the name, or only the key',
      );
      return undefined;
    }
    const value = env[name];
    if (value === undefined || value === '') {
      const state = value === undefined ? 'not set' : 'empty';
      report.invalidate(path, `environment variable ${name} is ${state}`, `set ${name}, or write the value here`);
      return undefined;
    }
    variables.set(pathText(path), name);
    return scalarOf(value, path);
  };

  const replaceIn = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') return fromText(value, path);
    if (value === Number.POSITIVE_INFINITY) return takesNever(path) ? 'never' : value;
    if (value === null) return withoutContent(path);
    // An invalid item stays in the list as an empty one, so that the others keep their places.
    if (Array.isArray(value))
      return value.map((item, index) => replaceIn(item, [...path, index]) ?? (isLeaf(path) ? '' : {}));
    if (typeof value !== 'object') return value;
    const result: Tree = {};
    for (const [key, item] of Object.entries(value)) {
      if (key === '__proto__') report.invalidate([...path, key], 'is not an option', 'remove it', 'key');
      else {
        const replaced = replaceIn(item, [...path, key]);
        if (replaced !== undefined) result[key] = replaced;
      }
    }
    return result;
  };

  return { tree: (replaceIn(tree, []) ?? {}) as Tree, variables };
}

function takesNever(path: Path): boolean {
  return optionAt(path)?.type.never === true;
}

/** The value of a key that has nothing behind it. */
function withoutContent(path: Path): Tree | null | undefined {
  if (isLeaf(path)) return null;
  const found = findOption(path);
  // The name alone makes a connection, which then has all the defaults.
  return found !== null && 'group' in found ? {} : undefined;
}

function isLeaf(path: Path): boolean {
  return findOption(path) === null || optionAt(path) !== null;
}
