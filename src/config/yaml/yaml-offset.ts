import { type Document, isMap, isNode, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Path } from '../file/option-tree.ts';
import type { YamlAliases } from './yaml-aliases.ts';

/** Where the parts of a document stand, in characters from the start of the file. */
export class YamlOffsets {
  readonly #document: Document.Parsed;
  readonly #aliases: YamlAliases;
  /** The pairs of each map that was searched, so that a map with thousands of wrong keys is searched once. */
  readonly #pairs = new Map<YAMLMap, ReadonlyMap<string, Pair>>();

  constructor(document: Document.Parsed, aliases: YamlAliases) {
    this.#document = document;
    this.#aliases = aliases;
  }

  /** The offset of the deepest part of `path` that exists. */
  of(path: Path, what: 'key' | 'value'): number {
    let node: unknown = this.#document.contents;
    let offset = startOffset(node) ?? 0;
    for (const [index, step] of path.entries()) {
      const last = index === path.length - 1;
      const target = this.#aliases.resolved(node);
      if (isMap(target)) {
        const pair = this.#pairsOf(target).get(String(step));
        if (pair === undefined) return offset;
        const value = startOffset(pair.value);
        node = pair.value;
        offset =
          last && what === 'value' && value !== null && !isEmpty(pair.value)
            ? value
            : (startOffset(pair.key) ?? offset);
      } else if (isSeq(target)) {
        node = target.items[Number(step)];
        offset = startOffset(node) ?? offset;
      } else return offset;
    }
    return offset;
  }

  /** Of a key that is listed twice, the first. */
  #pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
    const known = this.#pairs.get(map);
    if (known !== undefined) return known;
    const pairs = new Map(map.items.toReversed().map((pair) => [keyOf(pair), pair]));
    this.#pairs.set(map, pairs);
    return pairs;
  }
}

const isEmpty = (value: unknown) => isScalar(value) && value.value === null && !value.source;

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : '';
}

/** Where a node begins, in characters from the start of the file; null: it is no node of the file. */
export function startOffset(node: unknown): number | null {
  return isNode(node) ? ((node as Node).range?.[0] ?? null) : null;
}
