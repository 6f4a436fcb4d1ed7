import type { EpochMs } from '../base/clock.ts';
import type { Thresholds } from '../domain/environment.ts';
import type { ObservedItem } from './environment-state.ts';

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

function after(moment: EpochMs | null, seconds: number): EpochMs | null {
  return moment === null || seconds === Number.POSITIVE_INFINITY ? null : moment + seconds * 1000;
}
