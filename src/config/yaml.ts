import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { type FileReader, fileFault, fileRemedy } from '../base/files.ts';
import type { Path } from './option-tree.ts';
import { type Problem, pathText, type Source, shownPath, type Tree } from './problem.ts';

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

/** Parses one YAML 1.2 document. */
export function parseYaml(file: string, text: string): YamlResult {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
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
  const stop = (offset: number, what: string, remedy: string): YamlResult => ({
    ok: false,
    problems: [{ ...at(offset), what, remedy }],
  });
  const [error] = document.errors;
  if (error !== undefined) {
    // Only its code: its message quotes the file, and a file may hold keys.
    const what = `the file is no YAML here (${error.code.toLowerCase().replaceAll('_', ' ')})`;
    const remedy = `check quotes, brackets, colons and indentation around this place; inside { } or [ ], \${NAME} needs quotes`;
    return stop(error.pos[0], what, remedy);
  }
  const [tag] = document.warnings;
  if (tag !== undefined)
    return stop(tag.pos[0], 'the file has a tag here, which no option takes', 'leave out what begins with !');
  const { contents } = document;
  const BEGIN = 'begin with a key such as environments:';
  if (contents === null || (isScalar(contents) && contents.value === null)) return stop(0, 'the file is empty', BEGIN);
  if (!isMap(contents)) return stop(0, 'the file is not a map of options', BEGIN);
  const reader = new Reader(document);
  try {
    const tree = reader.value(contents, []) as Tree;
    const problems = reader.faults.map(({ offset, option, what, remedy }) => ({ ...at(offset, option), what, remedy }));
    if (problems.length > 0) return { ok: false, problems };
    const locate: Source['locate'] = (path, what = 'value') => at(reader.offsetOf(path, what), shownPath(path));
    return { ok: true, source: { origin: `file ${file}`, file, tree, locate } };
  } catch (fault) {
    if (fault instanceof Unreadable) return stop(fault.offset, fault.message, 'write the values out');
    throw fault;
  }
}

/** Where the reading has to end. */
class Unreadable extends Error {
  readonly offset: number;

  constructor(offset: number) {
    super('the file has aliases that contain themselves, or too many, or a merge of what is no map');
    this.offset = offset;
  }
}

/** How many values a file may have with its aliases written out. */
const MOST_VALUES = 1_000_000;
const startOf = (node: Node): number => node.range?.[0] ?? 0;

interface Fault {
  readonly offset: number;
  readonly option: string;
  readonly what: string;
  readonly remedy: string;
}

/** The values of a document with the places where they stand, and what YAML allows and a configuration does not. */
class Reader {
  readonly faults: Fault[] = [];
  /** In characters from the start of the file, by path. */
  readonly #places = new Map<string, { readonly key: number; readonly value: number }>();
  readonly #targets = new Map<Alias, Node | undefined>();
  /** The maps and lists that are being read. */
  readonly #open = new Set<Node>();
  /** A map with a fault may be read several times. */
  readonly #reported = new Set<Node>();
  #count = 0;

  readonly #start: number;

  constructor(document: Document.Parsed) {
    this.#start = startOf(document.contents!);
    const anchors = new Map<string, Node>();
    visit(document, {
      Alias: (_, alias) => {
        this.#targets.set(alias, anchors.get(alias.source));
        if (!anchors.has(alias.source))
          this.#fault(
            alias,
            'the file names an anchor that does not exist, or not before this line',
            QUOTED('begins with *'),
          );
      },
      Value: (_, node) => {
        if (node.anchor !== undefined) anchors.set(node.anchor, node);
      },
    });
  }

  #fault(node: Node, what: string, remedy: string, option = ''): void {
    if (!this.#reported.has(node)) this.faults.push({ offset: startOf(node), option, what, remedy });
    this.#reported.add(node);
  }

  /** @param path null: where it stands is of no interest */
  value(node: Node | null, path: Path | null): unknown {
    if (node === null) return null;
    if (++this.#count > MOST_VALUES || this.#open.has(node)) throw new Unreadable(0);
    if (isAlias(node)) return this.value(this.#targets.get(node) ?? null, path);
    if (isScalar(node)) return node.value;
    this.#open.add(node);
    const read = isMap(node) ? this.#map(node, path) : isSeq(node) ? this.#list(node.items as Node[], path) : null;
    this.#open.delete(node);
    return read;
  }

  #list(items: readonly Node[], path: Path | null): unknown[] {
    return items.map((item, index) => {
      const at = path && [...path, index];
      if (at !== null) this.#places.set(pathText(at), { key: startOf(item), value: startOf(item) });
      return this.value(item, at);
    });
  }

  #map(map: YAMLMap, path: Path | null): Tree {
    const own = new Map<string, unknown>();
    const merged: [string, unknown][] = [];
    for (const { key, value } of map.items as { key: Node; value: Node | null }[]) {
      const name = isScalar(key) ? String(key.value ?? '') : null;
      if (name === null)
        this.#fault(key, 'the file has a map or a list where the name of an option belongs', QUOTED('has brackets'));
      else if (name === '<<') merged.push(...this.#merged(value!));
      else {
        if (own.has(name)) this.#fault(key, 'is listed twice', 'keep one of them', shownPath([name]));
        const at = path && [...path, name];
        const isEmpty = value === null || (isScalar(value) && value.value === null && !value.source);
        if (at !== null) this.#places.set(pathText(at), { key: startOf(key), value: startOf(isEmpty ? key : value) });
        own.set(name, this.value(value, at));
      }
    }
    return Object.fromEntries([...merged.toReversed(), ...own]);
  }

  /** What a merge key brings; of several maps, the first wins. */
  #merged(node: Node): [string, unknown][] {
    const source = isAlias(node) ? this.#targets.get(node) : node;
    const read = (one: unknown) => {
      if (typeof one !== 'object' || one === null || Array.isArray(one)) throw new Unreadable(startOf(node));
      return Object.entries(one);
    };
    const value = this.value(node, null);
    return isSeq(source) ? (value as unknown[]).flatMap(read) : read(value);
  }

  /** Where the deepest part of a path stands that exists. */
  offsetOf(path: Path, what: 'key' | 'value'): number {
    for (let length = path.length; length > 0; length--) {
      const place = this.#places.get(pathText(path.slice(0, length)));
      if (place !== undefined) return length === path.length ? place[what] : place.key;
    }
    return this.#start;
  }
}

const QUOTED = (what: string) => `put a text that ${what} in quotes`;
