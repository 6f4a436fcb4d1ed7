import type { EpochMs } from '../base/clock.ts';
import { looksLikeKey } from '../base/key-shape.ts';
import { shownText } from '../base/text.ts';
import type { Environment } from '../domain/environment.ts';
import type { WorkItem } from '../domain/work.ts';
import type { ItemsSnapshot, ShownMetadataValues } from './environment-state.ts';

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

/**
 * Which values are shown after a read: `maxValues` for each key. A value stays shown while an item with it is live, and an hour
 * longer. The rest of the number goes to the most frequent other values, ties in alphabetical order. If all were chosen anew at
 * each read, values would alternate, and each change would be a new series.
 */
export function nextShownValues(
  { live, observedAt }: Pick<ItemsSnapshot, 'live' | 'observedAt'>,
  before: ShownMetadataValues | undefined,
  { keys, maxValues }: Environment['metadata'],
): ShownMetadataValues {
  return new Map(
    keys.map((key) => {
      const counts = new Map<string, number>();
      for (const { item } of live) {
        const value = metadataValue(item, key);
        if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      return [key, shownValuesOf(counts, before?.get(key) ?? new Map(), { maxValues, at: observedAt })];
    }),
  );
}

/** The values of one key that are shown, with when a read last saw each. `counts`: live items by value; `at`: time of the read. */
function shownValuesOf(
  counts: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, EpochMs>,
  { maxValues, at }: { readonly maxValues: number; readonly at: EpochMs },
): ReadonlyMap<string, EpochMs> {
  const kept = new Map<string, EpochMs>();
  for (const [value, seenAt] of before) {
    // A clock that was set back must not lengthen the hour.
    if (counts.has(value) || at - seenAt <= KEPT_MS) kept.set(value, Math.min(seenAt, at));
  }
  const count = (value: string) => counts.get(value) ?? 0;
  const rank = (a: string, b: string) =>
    Number(kept.has(b)) - Number(kept.has(a)) || count(b) - count(a) || (a < b ? -1 : 1);
  const values = new Set([...kept.keys(), ...counts.keys()]);
  values.delete(OTHER_VALUES);
  const shown = [...values].sort(rank).slice(0, maxValues);
  const seenAtByValue = new Map(shown.map((value) => [value, counts.has(value) ? at : kept.get(value)!]));
  const rest = counts.keys().some((value) => !seenAtByValue.has(value));
  const restSeenAt = rest ? at : kept.get(OTHER_VALUES);
  return restSeenAt === undefined ? seenAtByValue : seenAtByValue.set(OTHER_VALUES, restSeenAt);
}
