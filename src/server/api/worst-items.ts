import type { Thresholds } from '../../domain/environment.ts';
import { isRunning } from '../../domain/work.ts';
import type { ItemsSnapshot, ObservedItem } from '../../state/environment-state.ts';
import { inStateSince, isStale } from '../../state/item-age.ts';
import { secondsAtRead } from './items-at-read.ts';

/** How many items the JSON shows: docs/reference.md#json-of-an-environment. */
const WORST_ITEMS = 20;

/** The items a person should look at first: stale ones, then by how far they are over their limit, then by age. */
export function worstItems(items: ItemsSnapshot, thresholds: Thresholds): readonly ObservedItem[] {
  const ranked = [...items.live.values()].map((observed) => rank(observed, thresholds));
  ranked.sort((a, b) => Number(b.stale) - Number(a.stale) || b.overLimit - a.overLimit || b.age - a.age);
  return ranked.slice(0, WORST_ITEMS).map(({ observed }) => observed);
}

function rank(observed: ObservedItem, thresholds: Thresholds) {
  const age = secondsAtRead(inStateSince(observed), observed) ?? -1;
  const limit = limitSeconds(observed, thresholds);
  return { observed, stale: isStale(observed, thresholds), age, overLimit: limit > 0 ? Math.max(0, age) / limit : age };
}

function limitSeconds({ item }: ObservedItem, thresholds: Thresholds): number {
  if (isRunning(item.state)) return thresholds.stateAgeSeconds[item.state];
  return item.state === 'queued' ? thresholds.queueAgeSeconds.warning : Number.POSITIVE_INFINITY;
}
