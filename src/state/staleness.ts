import type { EpochMs } from '../base/clock.ts';
import { type Operation, staleAfterInForceMs, type Thresholds } from '../domain/environment.ts';
import type { EnvironmentState, ObservedItem } from './environment-state.ts';

/** An environment, and until when its connection is paused after a 429, on the own clock; null when it is not. */
interface Paused {
  readonly state: EnvironmentState;
  readonly pausedUntil: EpochMs | null;
}

/** When an operation is tried next, which is never while its connection is paused. */
export function nextAttemptAt({ state, pausedUntil }: Paused, operation: Operation): EpochMs | null {
  const planned = state.operations[operation].nextAttemptAt;
  return planned === null ? null : Math.max(planned, pausedUntil ?? 0);
}

/** Until when an operation is held back, by its own failures or by a pause of its connection; null when it is not. */
export function heldBackUntil({ state, pausedUntil }: Paused, operation: Operation): EpochMs | null {
  const until = Math.max(state.operations[operation].backoffUntil ?? 0, pausedUntil ?? 0);
  return until === 0 ? null : until;
}

/** Whether what an operation read may still be shown: docs/design/README.md#freshness. `now` is the own clock. */
export function isWithinStaleAfter(
  { environment, operations, queue, items }: EnvironmentState,
  operation: Operation,
  now: EpochMs,
): boolean {
  const readAt = (operation === 'stats' ? queue : items)?.observedAt;
  if (!operations[operation].attempted || readAt === undefined) return false;
  // A clock that was set back makes the age unknown, not small: such a value is kept no longer than an old one.
  return Math.abs(now - readAt) <= staleAfterInForceMs(environment.poll, operations[operation].scheduledIntervalMs);
}

/**
 * Since when an item has been in its state, on the API's clock; null when the API does not say. A stop without a stamp
 * is dated by the last sign of life: a worker learns of a stop from a heartbeat, so for a living worker the error is at
 * most the time between two heartbeats.
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

/** When an item becomes stale unless it sends a heartbeat first; null if it never does, or if that is unknown. */
export function staleFrom(observed: ObservedItem, thresholds: Thresholds): EpochMs | null {
  const { state } = observed.item;
  if (state === 'starting') return after(acknowledged(observed), thresholds.stateAgeSeconds.starting);
  if (state !== 'active' && state !== 'stopping') return null;
  return after(lastSign(observed), thresholds.staleHeartbeatSeconds);
}

/**
 * Judged at the time of the read that showed the item: a failed read is never evidence against a worker
 * (docs/design/README.md#freshness).
 */
export function isStale(observed: ObservedItem, thresholds: Thresholds): boolean {
  const from = staleFrom(observed, thresholds);
  return from !== null && observed.observedAt > from;
}

function acknowledged({ item, runAcknowledgedAt }: ObservedItem): EpochMs | null {
  return runAcknowledgedAt ?? item.acknowledgedAt;
}

/** A worker that has sent no heartbeat yet was alive when it acknowledged: otherwise a silent one would never be found. */
function lastSign({ item }: ObservedItem): EpochMs | null {
  return item.latestHeartbeatAt ?? item.acknowledgedAt;
}

function after(moment: EpochMs | null, seconds: number): EpochMs | null {
  return moment === null || seconds === Number.POSITIVE_INFINITY ? null : moment + seconds * 1000;
}
