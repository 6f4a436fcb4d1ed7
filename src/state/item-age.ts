import type { EpochMs } from '../base/clock.ts';
import type { Thresholds } from '../domain/environment.ts';
import type { ObservedItem } from './environment-state.ts';

/**
 * Since when an item is in its state, on the API's clock; null when the API does not say. Where a stop has no stamp it
 * is the last sign of life: a worker learns of a stop from a heartbeat, so a living one is off by the time between two
 * heartbeats.
 */
export function inStateSince(observed: ObservedItem): EpochMs | null {
  const { item } = observed;
  switch (item.state) {
    case 'queued':
      return observed.queuedSince;
    case 'starting':
    case 'active':
      return acknowledged(observed);
    case 'stopping':
      return item.stopRequestedAt ?? lastSign(observed);
    default:
      return null;
  }
}

/** From when on an item counts as stale unless it heartbeats first; null when it never does or nothing can be said. */
export function staleFrom(observed: ObservedItem, thresholds: Thresholds): EpochMs | null {
  const { state } = observed.item;
  if (state === 'starting') return after(acknowledged(observed), thresholds.stateAgeSeconds.starting);
  if (state !== 'active' && state !== 'stopping') return null;
  return after(lastSign(observed), thresholds.staleHeartbeatSeconds);
}

/**
 * Judged as of the read that saw the item: not reading is never evidence against a worker
 * (docs/design/freshness.md#judged-as-of-the-read).
 */
export function isStale(observed: ObservedItem, thresholds: Thresholds): boolean {
  const from = staleFrom(observed, thresholds);
  return from !== null && observed.observedAt > from;
}

function acknowledged({ item, runAcknowledgedAt }: ObservedItem): EpochMs | null {
  return runAcknowledgedAt ?? item.acknowledgedAt;
}

/** A worker that has sent no heartbeat yet lived when it acknowledged: without this a silent one would never be found. */
function lastSign({ item }: ObservedItem): EpochMs | null {
  return item.latestHeartbeatAt ?? item.acknowledgedAt;
}

function after(moment: EpochMs | null, seconds: number): EpochMs | null {
  return moment === null || seconds === Number.POSITIVE_INFINITY ? null : moment + seconds * 1000;
}
