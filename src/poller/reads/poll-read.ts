import type { Clock } from '../../base/clock.ts';
import { ApiError } from '../../client/failure/api-error.ts';
import { failureOf } from '../../client/failure/failure-of.ts';
import type { Reply, WorkApi } from '../../client/work-api.ts';
import type { CredentialKind, Failure } from '../../domain/failure.ts';
import type { ScanPermits } from '../../scan/steps/scan-request.ts';
import { type GoodPoll, readFailed, statsRead } from '../../state/apply-poll.ts';
import type { EnvironmentState, StateStore } from '../../state/environment-state.ts';
import type { PollJob } from '../schedule/poll-job.ts';
import type { PollConnection } from './poll-connection.ts';
import type { SaveLedger } from './poller-deps.ts';

export interface ReadContext {
  readonly connection: PollConnection;
  /** The API in force when a request is made: a reload may replace it in the middle of a long full scan. */
  api(): WorkApi;
  readonly states: StateStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly permits: ScanPermits;
  /** Saves what was counted before it is published. Absent without a state file. */
  readonly saveLedger?: SaveLedger | undefined;
}

/** What the schedule needs to know of a read that has ended. */
export interface ReadEnd {
  /** The failure that the operation shows now; null if it succeeded. */
  readonly failure: Failure | null;
  /** The wait that the API asked for; null if it asked for none. */
  readonly retryAfterMs: number | null;
  /** Requests sent, including retries and pages. */
  readonly requests: number;
  /** When the last of them had ended; monotonic. */
  readonly answeredAt: number;
}

type Apply<T> = (state: EnvironmentState, poll: GoodPoll, value: T) => EnvironmentState;

/** Records the start of a read; the returned function turns its outcome into the new state. */
export function startRead(
  { environment, operation }: Pick<PollJob, 'environment' | 'operation'>,
  context: ReadContext,
) {
  const { states, clock, signal } = context;
  const at = clock.now();
  const from = clock.monotonic();
  const current = () => states.get(environment.id)?.operations[operation];
  return <T>(outcome: Outcome<T>, apply: Apply<T>, answeredAt = clock.monotonic()): ReadEnd => {
    // A read that was called off (reload, shutdown) says nothing about the environment.
    const { requests } = outcome;
    if (signal.aborted) return { failure: null, retryAfterMs: null, requests, answeredAt };
    const durationSeconds = (answeredAt - from) / 1000;
    const ended = { endedAt: clock.now(), endedMonotonic: clock.monotonic() };
    const facts = { at, durationSeconds, requests };
    states.update(environment.id, (state) => {
      if (!outcome.ok) return readFailed(state, { ...facts, operation, failure: outcome.failure });
      const { credential, httpStatus, value } = outcome;
      return apply(state, { ...facts, ...ended, credential, httpStatus }, value);
    });
    const retryAfterMs = outcome.ok ? null : outcome.retryAfterMs;
    return { failure: current()?.failure ?? null, retryAfterMs, requests, answeredAt };
  };
}

/** The outcome of one read of one environment: a value, whatever happened. */
export type Outcome<T> = { readonly requests: number } & (
  | { readonly ok: true; readonly value: T; readonly credential: CredentialKind; readonly httpStatus: number }
  | { readonly ok: false; readonly failure: Failure; readonly retryAfterMs: number | null }
);

/** Runs a read and turns whatever it throws into a value: a fault in one environment stays there. */
export async function outcomeOf<T>(read: () => Promise<Reply<T>>): Promise<Outcome<T>> {
  try {
    const { value, credential, httpStatus, requests } = await read();
    return { ok: true, value, credential, httpStatus, requests };
  } catch (error) {
    const { retryAfterMs, requests } = error instanceof ApiError ? error : { retryAfterMs: null, requests: 0 };
    return { ok: false, failure: failureOf(error), retryAfterMs, requests };
  }
}

/** One read of the stats, from the request to the new state. Its token has been taken. Never throws. */
export async function readStats(job: PollJob, context: ReadContext): Promise<ReadEnd> {
  const { signal } = context;
  const finish = startRead(job, context);
  const outcome = await outcomeOf(() =>
    context.api().stats(job.environment.id, { signal, prepaid: true, maxAgeMs: job.intervalMs }),
  );
  return finish(outcome, statsRead);
}
