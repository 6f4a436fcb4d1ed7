import type { EpochMs } from '../base/clock.ts';
import type { Thresholds } from '../domain/environment.ts';
import type { RunningState } from '../domain/work.ts';
import type { ItemsSnapshot, ObservedItem } from '../state/environment-state.ts';

/** Since when an item is in its state, on the API's clock; null when the API does not say. */
export function inStateSince({ item, queuedSince }: ObservedItem): EpochMs | null {
  switch (item.state) {
    case 'queued':
      return queuedSince;
    case 'starting':
    case 'active':
      return item.acknowledgedAt;
    case 'stopping':
      return item.stopRequestedAt;
    default:
      return null;
  }
}

/** From when on an item counts as stale unless it beats first; null when it never does or nothing can be said. */
export function staleFrom({ item }: ObservedItem, thresholds: Thresholds): EpochMs | null {
  if (item.state === 'starting') return after(item.acknowledgedAt, thresholds.stateAgeSeconds.starting);
  if (item.state !== 'active' && item.state !== 'stopping') return null;
  return after(item.latestHeartbeatAt, thresholds.staleHeartbeatSeconds);
}

/** Judged as of the read that saw the item: not reading is never evidence against a worker (metrics.md, Freshness). */
export function isStale(observed: ObservedItem, thresholds: Thresholds): boolean {
  const from = staleFrom(observed, thresholds);
  return from !== null && observed.observedAt > from;
}

/** The stale items of one state, or of every state. */
export function staleItems(items: ItemsSnapshot, thresholds: Thresholds, state?: RunningState): ObservedItem[] {
  return [...items.live.values()].filter(
    (observed) => (state === undefined || observed.item.state === state) && isStale(observed, thresholds),
  );
}

/** Seconds between a moment of the API's clock and the read that saw the item; never negative. */
export function secondsAtRead(since: EpochMs | null, { observedAt }: ObservedItem): number | null {
  return since === null ? null : Math.max(0, (observedAt - since) / 1000);
}

function after(moment: EpochMs | null, seconds: number): EpochMs | null {
  return moment === null || seconds === Number.POSITIVE_INFINITY ? null : moment + seconds * 1000;
}
