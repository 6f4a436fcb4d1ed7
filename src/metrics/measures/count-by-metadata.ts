import type { Environment } from '../../domain/environment.ts';
import { LIVE_STATES, type LiveState } from '../../domain/work.ts';
import type { ItemsSnapshot } from '../../state/environment-state.ts';
import { metadataValue, nextShownValues, OTHER_VALUES } from '../../state/shown-metadata.ts';

export interface MetadataCount {
  readonly state: LiveState;
  readonly key: string;
  readonly value: string;
  readonly count: number;
}

type ByState = Map<LiveState, number>;

/**
 * Counts live items by the values of the allow-listed keys. Values that are shown are named; all others count as `other`. An item without the key is not counted.
 */
export function countByMetadata(items: ItemsSnapshot, metadata: Environment['metadata']): MetadataCount[] {
  // Chosen again because the configuration may be newer than the read; if it is not, the values are those of the read.
  return [...nextShownValues(items, metadata)].flatMap(([key, shown]) => {
    const byValue = new Map<string, ByState>(shown.keys().map((value) => [value, new Map()]));
    for (const { item } of items.live) {
      const value = metadataValue(item, key);
      if (value === null || item.state === 'stopped') continue;
      const counts = byValue.get(value) ?? byValue.get(OTHER_VALUES)!;
      counts.set(item.state, (counts.get(item.state) ?? 0) + 1);
    }
    return [...byValue].flatMap(([value, counts]) =>
      LIVE_STATES.map((state) => ({ state, key, value, count: counts.get(state) ?? 0 })),
    );
  });
}
