import { dirname, resolve } from 'node:path';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { type FileReader, fileFault, fileRemedy } from '../base/files.ts';
import { type Path, type Problem, type Source, shownPath, wholeFile } from './problem.ts';

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

export type TextResult = { readonly ok: true; readonly text: string } | ({ readonly ok: false } & Fault);

/** The text of a file in UTF-8, with or without a byte order mark. @param name what messages call the file */
export async function readText(path: string, files: FileReader, name = `file ${path}`): Promise<TextResult> {
  const bytes = await readBytes(path, LIMIT, files, name);
  if ('what' in bytes) return { ok: false, ...bytes };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // The YAML parser does not treat a lone CR as a line break, so it would ignore what follows a comment.
    if (!/\0|\r(?!\n)/.test(text)) return { ok: true, text };
    return { ok: false, what: `${name} has NUL bytes, or CR without LF`, remedy: 'save it as text, with LF or CRLF' };
  } catch {
    return { ok: false, what: `${name} is not written in UTF-8`, remedy: 'save it as UTF-8' };
  }
}

export type YamlResult =
  | { readonly ok: true; readonly source: Source }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** The tree of a YAML file, with the places in it. @param name what messages call the file */
export async function readYaml(path: string, files: FileReader, name?: string): Promise<YamlResult> {
  const text = await readText(path, files, name);
  if (text.ok) return parseYaml(path, text.text);
  return { ok: false, problems: [{ ...wholeFile(path), what: text.what, remedy: text.remedy }] };
}

/** Parses one YAML 1.2 document. */
export function parseYaml(file: string, text: string): YamlResult {
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
  const failed = (...faults: PlacedFault[]): YamlResult => ({
    ok: false,
    problems: faults.map(({ offset, option, ...fault }) => ({ ...at(offset, option), ...fault })),
  });
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) {
    // Only its code: its message quotes the file, and a file may hold keys.
    const what = `the file is no YAML here (${error.code.toLowerCase().replaceAll('_', ' ')})`;
    const remedy = `check quotes, brackets, colons and indentation around this place; inside { } or [ ], \${NAME} needs quotes`;
    return failed({ offset: error.pos[0], what, remedy });
  }
  const { contents } = document;
  if (!isMap(contents)) {
    const isEmpty = contents === null || (isScalar(contents) && contents.value === null);
    const what = isEmpty ? 'the file is empty' : 'the file is not a map of options';
    return failed({ offset: 0, what, remedy: 'begin with a key such as environments:' });
  }
  const { faults, offsetOf } = placesIn(document);
  if (faults.length > 0) return failed(...faults.toSorted((one, other) => one.offset - other.offset));
  try {
    const tree = document.toJS({ maxAliasCount: MOST_ALIASES });
    const locate: Source['locate'] = (path, what = 'value') => at(offsetOf(path, what), shownPath(path));
    return { ok: true, source: { origin: `file ${file}`, file, tree, locate } };
  } catch {
    const what = 'the file has too many aliases, or a merge of what is no map';
    return failed({ offset: 0, what, remedy: 'write the values out' });
  }
}

/** How many values one anchor may stand for: a few lines can stand for a billion. */
const MOST_ALIASES = 100_000;
const startOf = (node: Node): number => node.range?.[0] ?? 0;

interface PlacedFault extends Fault {
  readonly offset: number;
  readonly option?: string;
}

/** Where the values of a document stand, and what YAML allows and a configuration does not. */
function placesIn(document: Document.Parsed) {
  const faults: PlacedFault[] = [];
  const anchors = new Map<string, Node>();
  const targets = new Map<Node, Node>();
  const members = new Map<Node, Map<string, Pair<Scalar, Node | null>>>();
  const read = (map: YAMLMap<Scalar, Node | null>) => {
    const own = new Map<string, Pair<Scalar, Node | null>>();
    members.set(map, own);
    for (const member of map.items) {
      const name = String(member.key.value ?? '');
      const place = { offset: startOf(member.key), option: shownPath([name]) };
      if (own.has(name) && name !== '<<')
        faults.push({ ...place, what: 'is listed twice', remedy: 'keep one of them' });
      own.set(name, member);
    }
  };
  visit(document, {
    Node: (_, node, above) => {
      if (isMap<Scalar, Node | null>(node)) read(node);
      if (!isAlias(node)) return void (node.anchor && anchors.set(node.anchor, node));
      const target = anchors.get(node.source);
      if (target !== undefined && !above.includes(target)) return void targets.set(node, target);
      const what = 'the file names an anchor that does not exist, or not before this place';
      faults.push({ offset: startOf(node), what, remedy: 'put a text that begins with * in quotes' });
    },
  });
  /** Of the deepest part of a path that exists. */
  const offsetOf = (path: Path, what: 'key' | 'value'): number => {
    let node: Node | null = document.contents;
    let offset = startOf(document.contents!);
    for (const [index, step] of path.entries()) {
      const group = isAlias(node) ? targets.get(node)! : node!;
      const member = members.get(group)?.get(String(step));
      const key = member?.key ?? (isSeq(group) ? (group.items[Number(step)] as Node | undefined) : undefined);
      if (key === undefined) return offset;
      node = member === undefined ? key : member.value;
      offset = startOf(key);
      const isEmpty = node === null || (isScalar(node) && node.value === null && !node.source);
      if (index === path.length - 1 && what === 'value' && !isEmpty) return startOf(node!);
    }
    return offset;
  };
  return { faults, offsetOf };
}
