import type { EpochMs } from '../base/clock.ts';
import { looksLikeKey } from '../base/key-shape.ts';
import { shownText } from '../base/shown-text.ts';
import type { Environment } from '../domain/environment.ts';
import type { WorkItem } from '../domain/work.ts';

/**
 * The values shown by name for each allow-listed metadata key, and when a read last saw a live item with each of them.
 * Includes `other` while it is shown.
 */
export type MetadataPlaces = ReadonlyMap<string, ReadonlyMap<string, EpochMs>>;

const NO_PLACES: MetadataPlaces = new Map();

/** Stands for all values beyond the limit. */
export const OTHER_VALUES = 'other';

/** A value whose last item has ended is shown this long, at 0: its next item often comes soon. */
const KEPT_MS = 3_600_000;
/** Only this many characters of a value are examined: labels are cut long before. */
const EXAMINED_CHARACTERS = 1024;

/** An item's value of a metadata key, as a label shows it; null when it has none. */
export function metadataValue({ metadata }: WorkItem, key: string): string | null {
  const value = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
  if (value === undefined) return null;
  return looksLikeKey(value.slice(0, EXAMINED_CHARACTERS)) ? OTHER_VALUES : shownText(value);
}

/** The live items of a read, and the places of the previous read. */
export interface PlacedItems {
  readonly live: readonly { readonly item: WorkItem }[];
  readonly observedAt: EpochMs;
  readonly metadataPlaces?: MetadataPlaces;
}

/**
 * Which values are shown after a read. A value keeps its place while an item with it is live, and an hour longer. Free places
 * go to the most frequent other values, ties in alphabetical order. If all places were assigned anew at each read, values
 * would alternate, and each change would be a new series.
 */
export function nextPlaces(
  { live, observedAt, metadataPlaces }: PlacedItems,
  { keys, maxValues }: Environment['metadata'],
): MetadataPlaces {
  if (keys.length === 0) return NO_PLACES;
  return new Map(
    keys.map((key) => {
      const counts = new Map<string, number>();
      for (const { item } of live) {
        const value = metadataValue(item, key);
        if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      return [key, placesOf(counts, metadataPlaces?.get(key) ?? new Map(), { maxValues, at: observedAt })];
    }),
  );
}

function placesOf(
  counts: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, EpochMs>,
  { maxValues, at }: { readonly maxValues: number; readonly at: EpochMs },
): ReadonlyMap<string, EpochMs> {
  const held = new Map<string, EpochMs>();
  for (const [value, seenAt] of before) {
    // A clock that was set back must not lengthen the hour.
    if (counts.has(value) || at - seenAt <= KEPT_MS) held.set(value, Math.min(seenAt, at));
  }
  const count = (value: string) => counts.get(value) ?? 0;
  const rank = (a: string, b: string) =>
    Number(held.has(b)) - Number(held.has(a)) || count(b) - count(a) || (a < b ? -1 : 1);
  const values = new Set([...held.keys(), ...counts.keys()]);
  values.delete(OTHER_VALUES);
  const shown = [...values].sort(rank).slice(0, maxValues);
  const places = new Map(shown.map((value) => [value, counts.has(value) ? at : held.get(value)!]));
  const rest = counts.keys().some((value) => !places.has(value));
  const restSeenAt = rest ? at : held.get(OTHER_VALUES);
  return restSeenAt === undefined ? places : places.set(OTHER_VALUES, restSeenAt);
}
