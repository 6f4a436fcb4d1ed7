import { beginningOf } from '../base/beginning-of.ts';
import type { WorkItem } from '../domain/work.ts';
import type { Drift } from './drift.ts';
import type { JsonObject } from './read-value.ts';

/** The rest of a longer value is dropped: a label shows 128 characters of the first 512, and a page may have megabytes. */
const LONGEST_VALUE = 512;

const NO_METADATA: Readonly<Record<string, string>> = Object.freeze({});

/** Metadata is only shown to people and used for labels, so anything but a map of texts counts as drift and fails no read. */
export function readMetadata(value: unknown, drift: Drift): Readonly<Record<string, string>> {
  if (value === null || value === undefined) return NO_METADATA;
  if (typeof value !== 'object' || Array.isArray(value)) {
    drift.value('field');
    return NO_METADATA;
  }
  const metadata = value as JsonObject;
  let entries = 0;
  for (const key in metadata) {
    if (typeof metadata[key] !== 'string') return onlyText(metadata, drift);
    entries++;
  }
  return entries === 0 ? NO_METADATA : (metadata as Record<string, string>);
}

/** Metadata is the largest part of most items, and items are kept: what is never shown is not. */
export function keptMetadata(keys: readonly string[] | null, metadata: WorkItem['metadata']): WorkItem['metadata'] {
  if (keys === null || metadata === NO_METADATA) return metadata;
  const kept = keys.filter((key) => Object.hasOwn(metadata, key));
  return kept.length === 0
    ? NO_METADATA
    : Object.fromEntries(kept.map((key) => [key, beginningOf(metadata[key]!, LONGEST_VALUE)]));
}

/** The documented values are strings; numbers and booleans have one obvious text, null is a removed key. */
function onlyText(metadata: JsonObject, drift: Drift): Readonly<Record<string, string>> {
  const entries: [string, string][] = [];
  let odd = false;
  for (const [key, value] of Object.entries(metadata)) {
    if (value === null) continue;
    if (typeof value === 'object') odd = true;
    else entries.push([key, String(value)]);
  }
  if (odd) drift.value('field');
  return Object.fromEntries(entries);
}
