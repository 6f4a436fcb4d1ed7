import type { Clock } from '../base/clock.ts';
import type { Operation } from '../domain/environment.ts';
import type { Failure } from '../domain/failure.ts';
import { type GoodPoll, listRead, readFailed, statsRead } from '../state/apply-poll.ts';
import type { EnvironmentState, StateStore } from '../state/environment-state.ts';
import { snapshotOfFullRead } from '../state/items-snapshot.ts';
import type { PollConnection } from './connection.ts';
import type { Job } from './job.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { walkList } from './walk-list.ts';

export interface ReadContext {
  readonly connection: PollConnection;
  readonly states: StateStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** How a read ended, for the schedule. */
export interface ReadEnd {
  /** What the operation shows now; null when it is well. */
  readonly failure: Failure | null;
  /** What the API asked for before the next try. */
  readonly retryAfterMs: number | null;
}

/** One read of one operation, from the request to the new state. Its first token has been taken. Never throws. */
export async function readEnvironment(job: Job, context: ReadContext): Promise<ReadEnd> {
  return job.operation === 'stats' ? readStats(job, context) : readList(job, context);
}

async function readStats(job: Job, context: ReadContext): Promise<ReadEnd> {
  const { connection, signal } = context;
  const finish = startRead(job, context);
  const outcome = await outcomeOf(() => connection.api.stats(job.environment.id, { signal, prepaid: true }));
  return finish(outcome, statsRead);
}

async function readList({ environment, operation, memory }: Job, context: ReadContext): Promise<ReadEnd> {
  const { connection, clock, signal } = context;
  const finish = startRead({ environment, operation }, context);
  const { fallbackPageSize } = connection;
  const { maxListPages: maxPages } = environment.poll;
  const limits = { pageSize: memory.pageSize ?? connection.pageSize, fallbackPageSize, maxPages };
  const outcome = await outcomeOf(() => walkList(connection.api, environment.id, { ...limits, signal, prepaid: true }));
  if (outcome.ok) memory.pageSize = outcome.value.pageSize;
  return finish(outcome, (state, poll, walk) => {
    const at = clock.now();
    const read = { ...walk, at, apiTime: at + connection.skewMs() };
    return listRead(state, poll, snapshotOfFullRead(read, state.queue, connection.startedAtIsEnqueueStamp));
  });
}

type Apply<T> = (state: EnvironmentState, poll: GoodPoll, value: T) => EnvironmentState;

/** Notes the start of a read; the returned function turns its outcome into the new state. */
function startRead({ environment, operation }: Pick<Job, 'environment' | 'operation'>, context: ReadContext) {
  const { states, clock, signal } = context;
  const at = clock.now();
  const from = clock.monotonic();
  const current = (): { requests: number; failure: Failure | null; operation: Operation } => ({
    requests: states.get(environment.id)?.operations[operation].requests ?? 0,
    failure: states.get(environment.id)?.operations[operation].failure ?? null,
    operation,
  });
  const requestsBefore = current().requests;
  return <T>(outcome: Outcome<T>, apply: Apply<T>): ReadEnd => {
    // A read that was called off (reload, shutdown) says nothing about the environment.
    if (signal.aborted) return { failure: null, retryAfterMs: null };
    const durationSeconds = (clock.monotonic() - from) / 1000;
    const endedAt = clock.now();
    const facts = { at, durationSeconds, requests: current().requests - requestsBefore };
    states.update(environment.id, (state) => {
      if (!outcome.ok) return readFailed(state, { ...facts, operation, failure: outcome.failure });
      const { credential, httpStatus, value } = outcome;
      return apply(state, { ...facts, endedAt, credential, httpStatus }, value);
    });
    return { failure: current().failure, retryAfterMs: outcome.ok ? null : outcome.retryAfterMs };
  };
}
