import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Path } from '../file/option-tree.ts';

/** The offset of the deepest part of `path` that exists. */
export function offsetOf(document: Document.Parsed, path: Path, what: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = startOffset(node) ?? 0;
  for (const [index, step] of path.entries()) {
    const last = index === path.length - 1;
    const target = isAlias(node) ? node.resolve(document) : node;
    if (isMap(target)) {
      const pair = target.items.find((item) => keyOf(item) === String(step));
      if (pair === undefined) return offset;
      const value = startOffset(pair.value);
      node = pair.value;
      offset =
        last && what === 'value' && value !== null && !isEmpty(pair.value) ? value : (startOffset(pair.key) ?? offset);
    } else if (isSeq(target)) {
      node = target.items[Number(step)];
      offset = startOffset(node) ?? offset;
    } else return offset;
  }
  return offset;
}

const isEmpty = (value: unknown) => isScalar(value) && value.value === null && !value.source;

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : '';
}

/** Where a node begins, in characters from the start of the file; null: it is no node of the file. */
export function startOffset(node: unknown): number | null {
  return isNode(node) ? ((node as Node).range?.[0] ?? null) : null;
}
