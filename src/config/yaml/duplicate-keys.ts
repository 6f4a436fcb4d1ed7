import { type Document, isScalar, visit } from 'yaml';
import { startOffset } from './yaml-offset.ts';

/** Where a key stands that its map already has, in characters from the start of the file, in the order of the file. */
export function duplicateKeys(document: Document.Parsed): number[] {
  const offsets: number[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) offsets.push(startOffset(key) ?? 0);
        seen.add(key.value);
      }
    },
  });
  return offsets.toSorted((a, b) => a - b);
}
