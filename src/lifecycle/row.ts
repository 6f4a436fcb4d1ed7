import type { EpochMs } from '../base/clock.ts';
import { isRunning, type WorkItem } from '../domain/work.ts';
import type { QueuedSince } from './ledger.ts';

/** Stamps of one transaction may differ by this much, in either order. W begins with the whole seconds of a `Date`. */
export const SLACK_MS = 1000;

/** A row and when it was read. `enqueuedAt` is null where the service means something else by `started_at`. */
export interface Row extends Omit<WorkItem, 'id' | 'metadata' | 'startedAt'> {
  readonly enqueuedAt: EpochMs | null;
  readonly at: EpochMs;
}

export function rowOf(item: WorkItem, enqueuedAt: EpochMs | null, at: EpochMs): Row {
  const { type, state, sessionId, createdAt, acknowledgedAt, latestHeartbeatAt, stopRequestedAt, stoppedAt } = item;
  const stamps = { createdAt, enqueuedAt, acknowledgedAt, latestHeartbeatAt, stopRequestedAt, stoppedAt };
  return { type, state, sessionId, ...stamps, at };
}

/** Whether somebody has begun to work on a running item: until its first heartbeat it is only acknowledged. */
export function hasBegun({ state, latestHeartbeatAt }: Row): boolean {
  return state === 'active' || (isRunning(state) && latestHeartbeatAt !== null);
}

/** The acknowledgement of the present run; null while the item waits. */
export function acknowledgedAtOf({ state, acknowledgedAt }: Row): EpochMs | null {
  return state === 'queued' ? null : acknowledgedAt;
}

/** Whether a stamp is of a run before that of the enqueue stamp: rows may still show stamps of the previous run. */
export function isBefore(stamp: EpochMs | null, enqueuedAt: EpochMs | null): boolean {
  return stamp !== null && enqueuedAt !== null && enqueuedAt > stamp + SLACK_MS;
}

/** A wait that began at `at` or later, but before `before`. */
export function between(at: EpochMs, before: EpochMs): QueuedSince {
  return { at, slackMs: Math.max(0, before - at) };
}

/** Whether there is a stamp, and it is after the other one, which may be missing. */
export function isLater(stamp: EpochMs | null, than: EpochMs | null): stamp is EpochMs {
  return stamp !== null && (than === null || stamp > than);
}
