import type { WorkItem } from './work.ts';

/** An item with its stamps, and the two texts of its ids without their characters. */
const BYTES = 240;
/** A text in a map, without its characters. */
const TEXT_BYTES = 48;

/** About how many bytes of memory an item takes. */
export function itemBytes({ id, sessionId, metadata }: WorkItem): number {
  return BYTES + id.length + (sessionId?.length ?? 0) + metadataBytes(metadata);
}

/** About how many bytes of memory the metadata that is kept of an item takes. */
export function metadataBytes(metadata: WorkItem['metadata']): number {
  let bytes = 0;
  // Two bytes for each character: one that is not Latin makes all of a text take that.
  for (const key in metadata) bytes += TEXT_BYTES + 2 * metadata[key]!.length;
  return bytes;
}
