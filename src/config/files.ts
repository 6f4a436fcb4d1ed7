import { dirname, resolve } from 'node:path';
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Scalar } from 'yaml';
import { type FileReader, fileFault, fileRemedy } from '../base/files.ts';
import { type Position, type Problem, type Source, shownPath, sortProblems, type Tree, wholeFile } from './problem.ts';

/** What is wrong, in words that never hold a key, and what to do about it. */
export interface Fault {
  readonly what: string;
  readonly remedy: string;
}

/** The content of a file of at most `limit` bytes, or why there is none. @param name what messages call the file */
export async function readBytes(
  path: string,
  limit: number,
  files: FileReader,
  name = `file ${path}`,
): Promise<Uint8Array | Fault> {
  try {
    const bytes = await files.readFile(path, limit);
    if (bytes.length <= limit) return bytes;
    return { what: `${name} is longer than ${limit / 1024} KiB`, remedy: 'name another file' };
  } catch (error) {
    return { what: `${name} ${fileFault(error)}`, remedy: fileRemedy(error) };
  }
}

/** Relative paths start at the file that names them, so that the working directory does not matter. */
export function absolutePath(path: string, file: string | null): string {
  return file === null ? resolve(path) : resolve(dirname(file), path);
}

/** A longer file is not a configuration. */
const LIMIT = 4 * 1024 * 1024;

export type YamlResult =
  | { readonly ok: true; readonly source: Source }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * The tree of a YAML file, with the places in it; of one in which nothing is written, an empty tree.
 *
 * @param name what messages call the file
 * @param place where to say that it cannot be read
 */
export async function readYaml(
  path: string,
  files: FileReader,
  name = `file ${path}`,
  place: Position = wholeFile(path),
): Promise<YamlResult> {
  const text = await readText(path, files, name);
  return typeof text === 'string' ? parseYaml(path, text) : { ok: false, problems: [{ ...place, ...text }] };
}

/** The text of a file in UTF-8, with or without a byte order mark. */
async function readText(path: string, files: FileReader, name: string): Promise<string | Fault> {
  const bytes = await readBytes(path, LIMIT, files, name);
  if ('what' in bytes) return bytes;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // The YAML parser does not treat a lone CR as a line break, so it would ignore what follows a comment.
    if (!/\0|\r(?!\n)/.test(text)) return text;
    return { what: `${name} has NUL bytes, or CR without LF`, remedy: 'save it as text, with LF or CRLF' };
  } catch {
    return { what: `${name} is not written in UTF-8`, remedy: 'save it as UTF-8' };
  }
}

/** Parses one YAML 1.2 document. */
function parseYaml(file: string, text: string): YamlResult {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    merge: true,
    stringKeys: true,
    // Its lines of the file may have a key in them.
    prettyErrors: false,
    // The parser's own search for duplicate keys compares every key with every other.
    uniqueKeys: false,
    // A set or a date would become a value that no option knows, and an option under it would be ignored.
    resolveKnownTags: false,
  });
  const at = (offset: number, option = '') => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col, option };
  };
  const failed = (offset: number, what: string, remedy: string): YamlResult => ({
    ok: false,
    problems: [{ ...at(offset), what, remedy }],
  });
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) {
    // Only its code: its message quotes the file, and a file may hold keys.
    const what = `the file is no YAML here (${error.code.toLowerCase().replaceAll('_', ' ')})`;
    const remedy = `check quotes, brackets, colons and indentation around this place; inside { } or [ ], \${NAME} needs quotes`;
    return failed(error.pos[0], what, remedy);
  }
  const { contents } = document;
  if (!isMap(contents) && !isEmpty(contents))
    return failed(0, 'the file is not a map of options', 'begin with a key such as environments:');
  const { root, faults } = placesIn(contents);
  const problems = faults.map(({ offset, option, ...fault }) => ({ ...at(offset, option), ...fault }));
  if (problems.length > 0) return { ok: false, problems: sortProblems(problems) };
  try {
    const tree: Tree = document.toJS({ maxAliasCount: MOST_ALIASES }) ?? {};
    const locate: Source['locate'] = (path, what = 'value') => {
      let place = root;
      for (const step of path) {
        const below = place.below.get(String(step));
        if (below === undefined) return at(place.key, shownPath(path));
        place = below;
      }
      return at(place[what], shownPath(path));
    };
    return { ok: true, source: { origin: `file ${file}`, file, tree, locate } };
  } catch {
    return failed(0, 'the file has too many aliases, or a merge of what is no map', 'write the values out');
  }
}

/** How many values one anchor may stand for: a few lines can stand for a billion. */
const MOST_ALIASES = 100_000;
const startOf = (node: Node | null): number => node?.range?.[0] ?? 0;
const isEmpty = (node: Node | null): boolean => node === null || (isScalar(node) && node.value === null);

/** Where a value and its name stand, and what is under it. */
interface Place {
  readonly key: number;
  readonly value: number;
  readonly below: ReadonlyMap<string, Place>;
}

/** The places in a document, and what YAML allows and a configuration does not. */
function placesIn(contents: Node | null) {
  const faults: (Fault & { readonly offset: number; readonly option?: string })[] = [];
  const anchors = new Map<string, Place>();
  const placeOf = (node: Node | null, key = node): Place => {
    const below = new Map<string, Place>();
    const items = isSeq<Node>(node) ? node.items : [];
    for (const [index, item] of items.entries()) below.set(String(index), placeOf(item));
    const members = isMap<Scalar, Node | null>(node) ? node.items : [];
    for (const { key: member, value } of members) {
      const name = String(member.value ?? '');
      const place = { offset: startOf(member), option: shownPath([name]) };
      if (below.has(name) && name !== '<<')
        faults.push({ ...place, what: 'is listed twice', remedy: 'keep one of them' });
      below.set(name, placeOf(value, member));
    }
    const target = isAlias(node) ? anchors.get(node.source) : { below };
    if (target === undefined) {
      const what = 'the file names an anchor that does not exist, or not before this place';
      faults.push({ offset: startOf(node), what, remedy: 'put a text that begins with * in quotes' });
    }
    const isWritten = !isEmpty(node) || (isScalar(node) && node.source);
    const place = { key: startOf(key), value: startOf(isWritten ? node : key), below: target?.below ?? below };
    if (!isAlias(node) && node?.anchor) anchors.set(node.anchor, place);
    return place;
  };
  return { root: placeOf(contents), faults };
}
