import type { Environment } from '../domain/environment.ts';
import { LIVE_STATES, type LiveState } from '../domain/work.ts';
import type { ItemsSnapshot } from '../state/environment-state.ts';

export interface MetadataCount {
  readonly state: LiveState;
  readonly key: string;
  readonly value: string;
  readonly count: number;
}

/** What stands for all values beyond the limit. */
const OTHER = 'other';

type ByState = Map<LiveState, number>;

/**
 * Counts live items by the values of the allow-listed keys. The most frequent values keep their names, ties in
 * alphabetical order; the rest is one `other`. An item without the key is not counted.
 */
export function countByMetadata({ live }: ItemsSnapshot, metadata: Environment['metadata']): MetadataCount[] {
  return [...new Set(metadata.keys)].flatMap((key) => {
    const byValue = new Map<string, ByState>();
    for (const { item } of live.values()) {
      const value = Object.hasOwn(item.metadata, key) ? item.metadata[key] : undefined;
      if (value === undefined || item.state === 'stopped') continue;
      // Broken surrogates all become U+FFFD in UTF-8: counted apart they would be one series written twice.
      add(byValue, value.toWellFormed(), new Map([[item.state, 1]]));
    }
    return [...capped(byValue, metadata.maxValues)].flatMap(([value, counts]) =>
      LIVE_STATES.map((state) => ({ state, key, value, count: counts.get(state) ?? 0 })),
    );
  });
}

function capped(byValue: ReadonlyMap<string, ByState>, maxValues: number): Map<string, ByState> {
  const ranked = [...byValue].sort(([a, counts], [b, others]) => total(others) - total(counts) || (a < b ? -1 : 1));
  const kept = new Map<string, ByState>();
  for (const [rank, [value, counts]] of ranked.entries()) add(kept, rank < maxValues ? value : OTHER, counts);
  return kept;
}

function add(byValue: Map<string, ByState>, value: string, counts: ByState): void {
  const sums = byValue.get(value) ?? new Map<LiveState, number>();
  for (const [state, count] of counts) sums.set(state, (sums.get(state) ?? 0) + count);
  byValue.set(value, sums);
}

function total(counts: ByState): number {
  return counts.values().reduce((sum, count) => sum + count, 0);
}
