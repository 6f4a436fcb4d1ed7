import type { ItemsSnapshot, ObservedItem } from '../../src/state/environment-state.ts';

/** The live items of a snapshot, to be looked up. */
export function liveById({ live }: Pick<ItemsSnapshot, 'live'>): ReadonlyMap<string, ObservedItem> {
  return new Map(live.map((observed) => [observed.item.id, observed]));
}
