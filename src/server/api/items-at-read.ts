import type { EpochMs } from '../../base/clock.ts';
import type { Thresholds } from '../../domain/environment.ts';
import type { RunningState } from '../../domain/work.ts';
import type { ItemsSnapshot, ObservedItem } from '../../state/environment-state.ts';
import { isStale } from '../../state/staleness.ts';

/** The stale items of one state, or of every state. */
export function staleItems(items: ItemsSnapshot, thresholds: Thresholds, state?: RunningState): ObservedItem[] {
  return items.live.filter(
    (observed) => (state === undefined || observed.item.state === state) && isStale(observed, thresholds),
  );
}

/** Seconds between a moment of the API's clock and the read that showed the item; never negative. */
export function secondsAtRead(since: EpochMs | null, observed: ObservedItem): number | null {
  return since === null ? null : Math.max(0, (observed.observedAt - since) / 1000);
}
