import type { Clock } from '../base/clock.ts';
import { ApiError, failureOf } from '../client/failures.ts';
import type { Reply, WorkApi } from '../client/work-api.ts';
import type { Environment, Operation } from '../domain/environment.ts';
import type { CredentialKind, Failure } from '../domain/failure.ts';
import type { Ledger } from '../lifecycle/ledger.ts';
import { isUnserved, UNSERVED_SCAN_MS } from '../scan/stats-mismatch.ts';
import { type GoodPoll, readFailed, statsRead } from '../state/changes.ts';
import type { EnvironmentState, StateStore } from '../state/environment-state.ts';
import type { PollConnection } from './poll-connection.ts';

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

/** The outcome of one read of one environment: a value, whatever happened. */
export type Outcome<T> = { readonly requests: number } & (
  | { readonly ok: true; readonly value: T; readonly credential: CredentialKind; readonly httpStatus: number }
  | { readonly ok: false; readonly failure: Failure; readonly retryAfterMs: number | null }
);

/** Runs a read and turns whatever it throws into a value: a fault in one environment stays there. */
export async function outcomeOf<T>(read: () => Promise<Omit<Reply<T>, 'requestId'>>): Promise<Outcome<T>> {
  try {
    const { value, credential, httpStatus, requests } = await read();
    return { ok: true, value, credential, httpStatus, requests };
  } catch (error) {
    const { retryAfterMs, requests } = error instanceof ApiError ? error : { retryAfterMs: null, requests: 0 };
    return { ok: false, failure: failureOf(error), retryAfterMs, requests };
  }
}

/** What the schedule needs to know of a read that has ended. */
export interface EndedRead {
  /** The failure that the operation shows now; null if it succeeded, or was called off. */
  readonly failure: Failure | null;
  readonly retryAfterMs: number | null;
  /** Requests sent, including retries and pages. */
  readonly requests: number;
}

type Apply<T> = (state: EnvironmentState, poll: GoodPoll, value: T) => EnvironmentState;

/** Records the start of a read; the returned function turns its outcome into the new state. */
export function startRead({ id }: Environment, operation: Operation, { states, clock, signal }: ReadContext) {
  const at = clock.now();
  const from = clock.monotonic();
  return <T>(outcome: Outcome<T>, apply: Apply<T>, answeredAt = clock.monotonic()): EndedRead => {
    const { requests } = outcome;
    const retryAfterMs = outcome.ok ? null : outcome.retryAfterMs;
    // A read that was called off (reload, shutdown) says nothing about the environment.
    if (signal.aborted) return { failure: null, retryAfterMs: null, requests };
    const facts = { at, durationSeconds: (answeredAt - from) / 1000, requests };
    states.update(id, (state) => {
      if (!outcome.ok) return readFailed(state, { ...facts, operation, failure: outcome.failure });
      const { credential, httpStatus, value } = outcome;
      const ended = { endedAt: clock.now(), endedMonotonic: clock.monotonic() };
      return apply(state, { ...facts, ...ended, credential, httpStatus }, value);
    });
    return { failure: states.get(id)?.operations[operation].failure ?? null, retryAfterMs, requests };
  };
}

/** One read of the stats, from the request to the new state. Never throws. */
export async function readStats(environment: Environment, maxAgeMs: number, context: ReadContext): Promise<EndedRead> {
  const { api, signal } = context;
  const finish = startRead(environment, 'stats', context);
  return finish(await outcomeOf(() => api().stats(environment.id, { signal, maxAgeMs })), statsRead);
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
