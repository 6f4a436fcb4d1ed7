import type { EpochMs } from '../../base/clock.ts';
import { queueAgeMs } from '../../domain/work.ts';
import { isWithinStaleAfter } from '../../state/changes.ts';
import type { EnvironmentState, ItemsSnapshot, QueueSnapshot, SessionsState } from '../../state/environment-state.ts';
import { readingLifeMs } from '../../state/sessions.ts';

/**
 * How well an environment can be seen, not how its queue is doing: that is what `conditions` say.
 *
 * - `misconfigured`: the API says that it does not exist or has no work queue, or no key can read it; waiting will not
 * help.
 * - `starting`: an operation was not tried yet, and none that was tried failed.
 * - `blind`: the queue is unknown: never read, or last read longer ago than `stale_after`.
 * - `degraded`: the queue is known, but an operation fails, the connection is paused after a 429, the item list is too
 * old or was not read to its end, or work waits and the API does not say since when.
 * - `ok`: everything for which there is a credential is read.
 */
export type EnvironmentStatus = 'ok' | 'degraded' | 'blind' | 'misconfigured' | 'starting';

/** What may still be shown at a given moment: docs/design/freshness.md. */
export interface VisibleState {
  readonly queue: QueueSnapshot | null;
  readonly items: ItemsSnapshot | null;
  /** Null also while the items are: they determine which sessions matter. */
  readonly sessions: SessionsState | null;
}

/** Drops what is older than the `stale_after` in force. */
export function visibleState(state: EnvironmentState, now: EpochMs): VisibleState {
  const items = isWithinStaleAfter(state, 'list', now) ? state.items : null;
  return {
    queue: isWithinStaleAfter(state, 'stats', now) ? state.queue : null,
    items,
    sessions: items === null ? null : visibleSessions(state, now),
  };
}

function visibleSessions({ sessions, environment }: EnvironmentState, now: EpochMs): SessionsState | null {
  if (sessions === undefined || !sessions.attempted || sessions.lastReadAt === null) return null;
  return Math.abs(now - sessions.lastReadAt) <= readingLifeMs(environment) ? sessions : null;
}

/** @param apiNow now on the API's clock */
export function environmentStatus(state: EnvironmentState, visible: VisibleState, apiNow: EpochMs): EnvironmentStatus {
  const attempted = Object.values(state.operations).filter((operation) => operation.attempted);
  if (attempted.length === 0) return 'misconfigured';
  const paused = (state.pausedUntil ?? null) !== null;
  const reasons = attempted.flatMap((operation) => operation.failure?.reason ?? []);
  if (reasons.includes('not_self_hosted') || reasons.includes('not_found')) return 'misconfigured';
  const untried = attempted.some((operation) => operation.lastAttemptAt === null);
  if (reasons.length === 0 && untried && !paused) return 'starting';
  if (isBlind(state, visible)) return 'blind';
  const itemsMissing = state.operations.list.attempted && visible.items === null;
  const truncated = visible.items?.lastFullRead?.truncated ?? false;
  const ageUnknown = visible.queue !== null && queueAgeMs(visible.queue.stats, apiNow) === null;
  return reasons.length > 0 || paused || itemsMissing || truncated || ageUnknown ? 'degraded' : 'ok';
}

/** The queue is what people ask for; without a credential for stats, the item list must do. */
function isBlind({ operations }: EnvironmentState, { queue, items }: VisibleState): boolean {
  return operations.stats.attempted ? queue === null : items === null;
}
