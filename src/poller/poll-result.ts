import type { Clock } from '../base/clock.ts';
import type { WorkApi } from '../client/work-api.ts';
import type { Failure } from '../domain/failure.ts';
import type { Ledger } from '../lifecycle/ledger.ts';
import type { LedgerChange } from '../lifecycle/ledger-change.ts';
import type { WalkTurns } from '../scan/scan-quota.ts';
import { type GoodPoll, readFailed } from '../state/apply-poll.ts';
import type { EnvironmentState, StateStore } from '../state/environment-state.ts';
import type { Outcome } from './outcome.ts';
import type { PollConnection } from './poll-connection.ts';
import type { Job } from './poll-job.ts';

export interface ReadContext {
  readonly connection: PollConnection;
  /** The one in force when a request is made: a reload may replace it in the middle of a long walk. */
  api(): WorkApi;
  readonly states: StateStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly turns: WalkTurns;
  /** Resolves when what was counted may be published: the state file. Left out when there is none. */
  readonly keepLedger?: KeepLedger;
}

export type KeepLedger = (environmentId: string, ledger: Ledger, change: LedgerChange) => Promise<void>;

/** How a read ended, for the schedule. */
export interface ReadEnd {
  /** What the operation shows now; null when it is well. */
  readonly failure: Failure | null;
  /** What the API asked for before the next try. */
  readonly retryAfterMs: number | null;
}

type Apply<T> = (state: EnvironmentState, poll: GoodPoll, value: T) => EnvironmentState;

/** Notes the start of a read; the returned function turns its outcome into the new state. */
export function startRead({ environment, operation }: Pick<Job, 'environment' | 'operation'>, context: ReadContext) {
  const { states, clock, signal } = context;
  const at = clock.now();
  const from = clock.monotonic();
  const current = () => states.get(environment.id)?.operations[operation];
  const requestsBefore = current()?.requests ?? 0;
  return <T>(outcome: Outcome<T>, apply: Apply<T>): ReadEnd => {
    // A read that was called off (reload, shutdown) says nothing about the environment.
    if (signal.aborted) return { failure: null, retryAfterMs: null };
    const durationSeconds = (clock.monotonic() - from) / 1000;
    const endedAt = clock.now();
    const facts = { at, durationSeconds, requests: (current()?.requests ?? 0) - requestsBefore };
    states.update(environment.id, (state) => {
      if (!outcome.ok) return readFailed(state, { ...facts, operation, failure: outcome.failure });
      const { credential, httpStatus, value } = outcome;
      return apply(state, { ...facts, endedAt, credential, httpStatus }, value);
    });
    return { failure: current()?.failure ?? null, retryAfterMs: outcome.ok ? null : outcome.retryAfterMs };
  };
}
