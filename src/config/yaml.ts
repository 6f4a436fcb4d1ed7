import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { type FileReader, fileFault, fileRemedy } from '../base/files.ts';
import type { Path } from './option-tree.ts';
import { type Problem, type Source, shownPath, type Tree } from './problem.ts';

/** A longer file is not a configuration. */
const LIMIT = 4 * 1024 * 1024;

export type TextResult =
  | { readonly ok: true; readonly text: string }
  /** `unread`: the file could not be read; otherwise it holds no text. */
  | { readonly ok: false; readonly unread: boolean; readonly what: string; readonly remedy: string };

/** The text of a file in UTF-8, with or without a byte order mark. @param name what messages call the file */
export async function readText(path: string, files: FileReader, name = `file ${path}`): Promise<TextResult> {
  const fault = (what: string, remedy: string): TextResult => ({ ok: false, unread: false, what, remedy });
  let bytes: Uint8Array;
  try {
    bytes = await files.readFile(path, LIMIT);
  } catch (error) {
    return { ok: false, unread: true, what: `${name} ${fileFault(error)}`, remedy: fileRemedy(error) };
  }
  if (bytes.length > LIMIT) return fault('the file is longer than 4 MiB', 'name a configuration file');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // The YAML parser does not treat a lone CR as a line break, so it would ignore what follows a comment.
    if (/\0|\r(?!\n)/.test(text))
      return fault('the file has NUL bytes, or CR without LF', 'save it as text, with LF or CRLF line endings');
    return { ok: true, text };
  } catch {
    return fault('the file is not written in UTF-8', 'save it as UTF-8');
  }
}

export type YamlResult =
  | { readonly ok: true; readonly source: Source }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const REMEDY = `check quotes, brackets, colons and indentation around this place; inside { } or [ ], \${NAME} needs quotes`;

/** How often anchors may be used, and anchors within them. */
const MOST_ALIASES = 100_000;
/** How many values a file may have with its aliases written out. */
const MOST_VALUES = 1_000_000;

/** Parses one YAML 1.2 document. */
export function parseYaml(file: string, text: string): YamlResult {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    // Its lines of the file may have a key in them.
    prettyErrors: false,
    merge: true,
    // The parser's own search for duplicate keys compares every key with every other.
    uniqueKeys: false,
    // A set or a date would become a value that no option knows, and an option under it would be ignored.
    resolveKnownTags: false,
  });
  const at = (offset: number, option = '') => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col, option };
  };
  const problem = (offset: number, what: string, remedy: string, option = '') => ({
    ...at(offset, option),
    what,
    remedy,
  });
  const stop = (...one: Parameters<typeof problem>): YamlResult => ({ ok: false, problems: [problem(...one)] });
  const [error] = document.errors;
  if (error !== undefined) {
    // Only its code: its message quotes the file, and a file may hold keys.
    const what = `the file is no YAML here (${error.code.toLowerCase().replaceAll('_', ' ')})`;
    return stop(error.pos[0], what, REMEDY);
  }
  const [tag] = document.warnings;
  if (tag !== undefined)
    return stop(tag.pos[0], 'the file has a tag here, which no option takes', 'leave out what begins with !');
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null))
    return stop(0, 'the file is empty', 'begin with a key such as environments:');
  if (!isMap(contents)) return stop(0, 'the file is not a map of options', 'begin with a key such as environments:');
  const problems = oddities(document).map((each) => problem(...each));
  if (problems.length > 0) return { ok: false, problems };
  try {
    const tree = document.toJS({ maxAliasCount: MOST_ALIASES }) as Tree;
    if (sizeOf(tree, new Map()) > MOST_VALUES) throw new RangeError('too many values');
    const locate: Source['locate'] = (path, what = 'value') => at(offsetOf(document, path, what), shownPath(path));
    return { ok: true, source: { origin: `file ${file}`, file, tree, locate } };
  } catch {
    return stop(
      0,
      'the file has aliases that contain themselves, or too many, or a merge of what is no map',
      'write the values out',
    );
  }
}

/** How many values a tree has; infinite for one that contains itself. */
function sizeOf(value: unknown, known: Map<object, number>): number {
  if (typeof value !== 'object' || value === null) return 1;
  const before = known.get(value);
  if (before !== undefined) return before;
  // Whoever meets it again before its size is known is within it.
  known.set(value, Number.POSITIVE_INFINITY);
  const size = Object.values(value).reduce((sum: number, each) => sum + sizeOf(each, known), 1);
  known.set(value, size);
  return size;
}

type Oddity = readonly [offset: number, what: string, remedy: string, option?: string];

/** What YAML allows and a configuration does not: keys that are listed twice or are no text, aliases whose anchor does not exist. */
function oddities(document: Document.Parsed): Oddity[] {
  const found: Oddity[] = [];
  const anchors = new Set<string | undefined>();
  const NO_ANCHOR = [
    'the file names an anchor that does not exist, or not before this line',
    'put a text that begins with * in quotes',
  ] as const;
  const NO_NAME = [
    'the file has a map or a list where the name of an option belongs',
    'put a text with brackets in quotes',
  ] as const;
  visit(document, {
    Alias: (_, { source, range }) => {
      if (!anchors.has(source)) found.push([range?.[0] ?? 0, ...NO_ANCHOR]);
    },
    Value: (_, { anchor }) => {
      anchors.add(anchor);
    },
    Map: (_, { items, anchor }) => {
      anchors.add(anchor);
      const seen = new Set<unknown>();
      for (const { key } of items) {
        const offset = startOf(key) ?? 0;
        if (key !== null && !isScalar(key)) found.push([offset, ...NO_NAME]);
        if (!isScalar(key)) continue;
        if (seen.has(key.value))
          found.push([offset, 'is listed twice', 'keep one of them', shownPath([String(key.value)])]);
        seen.add(key.value);
      }
    },
  });
  return found;
}

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);

/** The pairs of each map that was searched, so that a map with thousands of wrong keys is searched once. */
const pairsOf = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

/** Where the deepest part of a path stands that exists, in characters from the start of the file. */
function offsetOf(document: Document.Parsed, path: Path, what: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, step] of path.entries()) {
    const target = isAlias(node) ? node.resolve(document) : node;
    if (isMap(target)) {
      const pairs =
        pairsOf.get(target) ??
        new Map(target.items.toReversed().map((pair) => [isScalar(pair.key) ? String(pair.key.value) : '', pair]));
      pairsOf.set(target, pairs);
      const pair = pairs.get(String(step));
      if (pair === undefined) return offset;
      node = pair.value;
      const isEmpty = isScalar(node) && node.value === null && !node.source;
      const value = what === 'value' && index === path.length - 1 && !isEmpty ? startOf(node) : undefined;
      offset = value ?? startOf(pair.key) ?? offset;
    } else if (isSeq(target)) {
      node = target.items[Number(step)];
      offset = startOf(node) ?? offset;
    } else return offset;
  }
  return offset;
}
