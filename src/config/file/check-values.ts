import type { z } from 'zod';
import { type FileValues, fileSchema } from '../options/file-schema.ts';
import type { Option } from '../options/option.ts';
import { findOption, knownKeys, optionAt, type Path, pathText } from './option-tree.ts';
import type { Report } from './report.ts';
import type { Tree } from './sources.ts';
import { reportUnknown } from './unknown-option.ts';
import { butGot, valueFault } from './value-fault.ts';

/**
 * The checked values of a tree. Whatever is wrong is reported and removed, and the rest is checked again, so that one
 * mistake never hides another.
 */
export function checkValues(tree: Tree, report: Report, variables: ReadonlyMap<string, string>): FileValues {
  const rest = emptyBelowOptions(tree, []) as Tree;
  for (;;) {
    const result = fileSchema.safeParse(rest);
    if (result.success) return result.data;
    // All issues are explained before anything is removed: two wrong entries of one list are two problems.
    const invalid = result.error.issues.flatMap((issue) => explain(issue, rest, { report, variables }));
    for (const path of invalid) {
      report.markInvalid(path);
      remove(rest, path);
    }
  }
}

/**
 * A copy in which everything deeper than an option can be, a list or map of texts, is empty. Schemas compare the `length` even
 * of a map, and a map with a key `toString` cannot be compared.
 */
function emptyBelowOptions(value: unknown, path: Path): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const isOption = optionAt(path) !== null;
  const copy = (below: unknown, step: string | number) => {
    if (!isOption || typeof below !== 'object' || below === null) return emptyBelowOptions(below, [...path, step]);
    return Array.isArray(below) ? [] : {};
  };
  if (Array.isArray(value)) return value.map(copy);
  return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, copy(below, key)]));
}

interface Context {
  readonly report: Report;
  readonly variables: ReadonlyMap<string, string>;
}

/** Reports an issue; returns what has to be removed. */
function explain(issue: z.core.$ZodIssue, tree: Tree, context: Context): Path[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    const unknown = issue.keys.map((key) => [...path, key]);
    for (const one of unknown) reportUnknown(one, valueAt(tree, path), context.report);
    return unknown;
  }
  const at = declaredPart(path);
  const option = optionAt(at);
  if (option === null) {
    explainShape(issue, { tree, at }, context);
    return [path];
  }
  explainValue(issue, { tree, option }, context);
  return [at];
}

/** The value of an option is wrong. */
function explainValue(
  issue: z.core.$ZodIssue,
  { tree, option }: { readonly tree: Tree; readonly option: Option<unknown> },
  { report, variables }: Context,
): void {
  const path = issue.path as Path;
  const value = valueAt(tree, path);
  const variable = variables.get(pathText(path));
  const from = variable === undefined ? '' : ` (it comes from environment variable ${variable})`;
  const { what, remedy } = valueFault(issue, value, option);
  // Marked at once, so that a value which breaks several rules is one problem.
  report.invalidate(path, `${what}${from}`, remedy);
}

/**
 * Explains a value where a group of options belongs, a group where a list belongs, or an impossible name of a connection.
 */
function explainShape(
  issue: z.core.$ZodIssue,
  { tree, at }: { readonly tree: Tree; readonly at: Path },
  { report }: Context,
): void {
  const path = issue.path as Path;
  if (issue.code === 'invalid_key') {
    report.problem(path, 'is not a name for a connection', 'use letters, digits, _ and -, at most 64', 'key');
    return;
  }
  const found = findOption(at);
  const isList = found !== null && 'node' in found && found.node.kind === 'list';
  const got = butGot(valueAt(tree, path));
  if (isList && !Array.isArray(valueAt(tree, at))) {
    report.problem(path, `must be a list${got}`, 'begin each entry with a dash and a space');
  } else report.problem(path, `must be a map of options${got}`, shapeRemedy(valueAt(tree, path), path));
}

/** At most this many names are listed in one message. */
const FEW = 4;

function shapeRemedy(value: unknown, path: Path): string {
  const known = knownKeys(path);
  if (path.length === 2 && path[0] === 'connections' && knownKeys([...path]).includes(String(path[1])))
    return 'it is an option of a connection: put it under api, or under a name of your choice under connections';
  if (path.length === 1 && path[0] === 'connections' && Array.isArray(value))
    return 'write the name of each before its options, as in main: {api_key_file: …}, without a dash';
  if (typeof value === 'string' && /^\w+:\S/.test(value)) return 'put a space after the colon';
  if (typeof value === 'string' && /^\w+:[^\S ]/.test(value))
    return 'type the line again: what follows the colon only looks like a space';
  if (typeof value === 'boolean' && known.includes('enabled')) return `write \`enabled: ${value}\` under it`;
  const isText = typeof value === 'string' && typeof path.at(-1) === 'number';
  if (isText) return 'write `- id: ` before it';
  return known.length > 0 && known.length <= FEW
    ? `write lines under it for ${known.join(', ')}`
    : 'write `key: value` lines under it';
}

/** The part of a path that the options table declares: for a wrong entry in a list of texts, the whole option. */
function declaredPart(path: Path): Path {
  for (let length = 1; length <= path.length; length++) {
    if (optionAt(path.slice(0, length)) !== null) return path.slice(0, length);
  }
  return path;
}

function valueAt(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? (value as Tree)[step] : undefined),
    tree,
  );
}

function remove(tree: Tree, path: Path): void {
  const parent = valueAt(tree, path.slice(0, -1));
  const last = path.at(-1)!;
  if (Array.isArray(parent)) parent[Number(last)] = {};
  else if (typeof parent === 'object' && parent !== null) delete (parent as Tree)[last];
}
