import type { Clock } from '../base/clock.ts';
import { ApiError, failureOf } from '../client/failures.ts';
import type { Reply, WorkApi } from '../client/work-api.ts';
import type { Environment, Operation } from '../domain/environment.ts';
import type { Ledger } from '../lifecycle/ledger.ts';
import { isUnserved, UNSERVED_SCAN_MS } from '../scan/stats-mismatch.ts';
import { type GoodPoll, readFailed, statsRead } from '../state/changes.ts';
import type { EnvironmentState, StateStore } from '../state/environment-state.ts';
import type { PollConnection } from './poll-connection.ts';
import type { ReadEnd } from './scheduler.ts';

/**
 * Saves a ledger. Resolves when what was counted may be published: it is in the state file, or that cannot be written. Null:
 * there is nothing to wait for.
 */
export type SaveLedger = (environment: Environment, ledger: Ledger, counted: boolean) => Promise<void> | null;

export interface ReadContext {
  readonly connection: PollConnection;
  /** The API in force when a request is made: a reload may replace it in the middle of a long read. */
  api(): WorkApi;
  readonly states: StateStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** All requests have ended: a slow disk must not take the slots of other reads. */
  leaveSlot(): void;
  /** Saves what was counted before it is published. Absent without a state file. */
  readonly saveLedger?: SaveLedger | undefined;
}

/** What the schedule needs to know of a read that has ended. */
export type EndedRead = Omit<ReadEnd, 'isActive'>;

/** What a read has brought, and how it changes the state. */
export interface GoodRead extends Omit<Reply<unknown>, 'value' | 'requestId'> {
  /** When the last answer came, on the monotonic clock. */
  readonly answeredAt: number;
  apply(state: EnvironmentState, poll: GoodPoll): EnvironmentState;
}

/** One read, from its first request to the new state. Never throws: a fault in one environment stays there. */
export async function readInto(
  { id }: Environment,
  operation: Operation,
  { states, clock, signal }: ReadContext,
  read: () => Promise<GoodRead>,
): Promise<EndedRead> {
  const at = clock.now();
  const from = clock.monotonic();
  const good = await read().catch((error: unknown) => ({ error }));
  const isGood = !('error' in good);
  const cause = isGood ? null : good.error;
  const requests = isGood ? good.requests : cause instanceof ApiError ? cause.requests : 0;
  // A read that was called off (reload, shutdown) says nothing about the environment.
  if (signal.aborted) return { failure: null, retryAfterMs: null, requests };
  const durationSeconds = ((isGood ? good.answeredAt : clock.monotonic()) - from) / 1000;
  const facts = { at, durationSeconds, requests };
  states.update(id, (state) => {
    if (!isGood) return readFailed(state, { ...facts, operation, failure: failureOf(cause) });
    const { credential, httpStatus } = good;
    const ended = { endedAt: clock.now(), endedMonotonic: clock.monotonic() };
    return good.apply(state, { ...facts, ...ended, credential, httpStatus });
  });
  const retryAfterMs = cause instanceof ApiError ? cause.retryAfterMs : null;
  return { failure: states.get(id)?.operations[operation].failure?.reason ?? null, retryAfterMs, requests };
}

/** One read of the stats. Never throws. */
export function readStats(environment: Environment, maxAgeMs: number, context: ReadContext): Promise<EndedRead> {
  const { api, signal, clock } = context;
  return readInto(environment, 'stats', context, async () => {
    const { value, ...reply } = await api().stats(environment.id, { signal, maxAgeMs });
    return { ...reply, answeredAt: clock.monotonic(), apply: (state, poll) => statsRead(state, poll, value) };
  });
}

/**
 * Whether the stats are a reason to read the list at once: the last worker stopped polling, work arrived in an empty
 * queue, or nobody seems to serve waiting work and the last full read is a minute old.
 *
 * @param skewMs - API clock − own clock, because heartbeats have the API's time
 */
export function triggersList(before: EnvironmentState, after: EnvironmentState, skewMs: number): boolean {
  const was = before.queue?.stats;
  const is = after.queue?.stats;
  if (after.queue === null || is === undefined || after.operations.list.failure !== null) return false;
  if (was !== undefined && was.workersPolling !== 0 && is.workersPolling === 0) return true;
  if (was !== undefined && was.depth === 0 && is.depth > 0) return true;
  const now = after.queue.observedAt;
  if (now - (after.items?.lastFullRead?.at ?? Number.NEGATIVE_INFINITY) < UNSERVED_SCAN_MS) return false;
  const live = (after.items?.live ?? []).map(({ item }) => item);
  return isUnserved(is, live, { now: now + skewMs, ...after.environment.thresholds });
}

/** Whether work waits or runs, or a read brought other numbers than the one before. */
export function isActive(before: EnvironmentState | undefined, after: EnvironmentState | undefined): boolean {
  const [was, is] = [before?.queue?.stats, after?.queue?.stats];
  const live = after?.items?.live.length ?? 0;
  if (live > 0 || (is !== undefined && is.depth + is.pending > 0)) return true;
  const hasWorked = (before?.items?.live.length ?? 0) > 0 || (was !== undefined && was.depth + was.pending > 0);
  return hasWorked || was?.workersPolling !== is?.workersPolling || was?.oldestQueuedAt !== is?.oldestQueuedAt;
}
