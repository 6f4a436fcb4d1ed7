import { looksLikeKey } from '../base/secret.ts';
import { shownText } from '../base/text.ts';
import type { Environment } from '../domain/environment.ts';
import type { WorkItem } from '../domain/work.ts';
import type { ItemsSnapshot, ShownMetadataValues } from './environment-state.ts';

/** Stands for all values beyond the limit. */
export const OTHER_VALUES = 'other';

/** Only this many characters of a value are examined: labels are cut long before. */
const EXAMINED_CHARACTERS = 1024;

/** An item's value of a metadata key, as a label shows it; null when it has none. */
export function metadataValue({ metadata }: WorkItem, key: string): string | null {
  const value = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
  if (value === undefined) return null;
  return looksLikeKey(value.slice(0, EXAMINED_CHARACTERS)) ? OTHER_VALUES : shownText(value);
}

/**
 * Which values are shown by name after a read, `maxValues` for each key. One that was shown stays shown while an item with it is
 * live: if all were chosen anew at each read, values would alternate, and each change would be a new series. Free places go to
 * the most frequent other values, ties in alphabetical order.
 */
export function nextShownValues(
  live: ItemsSnapshot['live'],
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
      counts.delete(OTHER_VALUES);
      const isShown = (value: string) => Number(before?.get(key)?.has(value) === true);
      const rank = ([a, countOfA]: [string, number], [b, countOfB]: [string, number]) =>
        isShown(b) - isShown(a) || countOfB - countOfA || (a < b ? -1 : 1);
      return [
        key,
        new Set(
          [...counts]
            .sort(rank)
            .slice(0, maxValues)
            .map(([value]) => value),
        ),
      ];
    }),
  );
}
