import type { Clock, EpochMs } from '../base/clock.ts';
import { configuredIntervalMs, type Environment, OPERATIONS, type Operation } from '../domain/environment.ts';
import { type CredentialKind, type Failure, type FailureReason, NO_FAILURES } from '../domain/failure.ts';
import type { QueueStats, WorkType } from '../domain/work.ts';
import { type Ledger, ledgerAt, NO_TOTALS, newLedger } from '../lifecycle/ledger.ts';
import type { EnvironmentState, ItemsSnapshot, OperationState, PollRecord } from './environment-state.ts';
import {
  declaredNotSelfHostedFailure,
  isDeclaredNotSelfHosted,
  looksNotSelfHosted,
  notSelfHostedFailure,
} from './self-hosted.ts';
import { sessionsUnread } from './sessions.ts';
import { nextShownValues } from './shown-metadata.ts';

/** How many polls and failures are kept for people: docs/reference.md#json-of-an-environment. */
const RECENT_POLLS = 20;

/** Which operations of an environment are polled: those for which it has a credential. */
export type Attempted = Readonly<Record<Operation, boolean>>;

/**
 * A newly watched environment: nothing is known, so nothing is claimed. Counters start at 0 now, and the first good
 * read counts what happened since: `increase()` does not see a counter that starts above 0.
 */
export function initialState(
  environment: Environment,
  attempted: Attempted,
  clock: Pick<Clock, 'now' | 'monotonic'>,
): EnvironmentState {
  const monotonic = clock.monotonic();
  const operation = (name: Operation): OperationState => ({
    attempted: attempted[name],
    credential: null,
    scheduledIntervalMs: configuredIntervalMs(environment.poll, name),
    lastAttemptAt: null,
    lastSuccessAt: null,
    unreadSince: monotonic,
    lastDurationSeconds: null,
    nextAttemptAt: null,
    backoffUntil: null,
    consecutiveFailures: 0,
    failure: null,
    requests: 0,
    failuresByReason: NO_FAILURES,
  });
  return {
    environment,
    watchedSince: clock.now(),
    ...(attempted.list && { listedSince: monotonic }),
    operations: { stats: operation('stats'), list: operation('list') },
    queue: null,
    items: null,
    lifecycle: attempted.list ? NO_TOTALS : null,
    recentPolls: [],
    recentFailures: [],
  };
}

export interface Reconfiguration {
  readonly environment: Environment;
  readonly attempted: Attempted;
  /** The monotonic clock now. */
  readonly monotonic: number;
}

/** The configuration of a watched environment changed: what was counted and seen stays. */
export function reconfigured(
  state: EnvironmentState,
  { environment, attempted, monotonic }: Reconfiguration,
): EnvironmentState {
  const operations = { ...state.operations };
  for (const operation of OPERATIONS) {
    const interval = configuredIntervalMs(environment.poll, operation);
    const hasChanged = interval !== configuredIntervalMs(state.environment.poll, operation);
    operations[operation] = {
      ...operations[operation],
      attempted: attempted[operation],
      ...(attempted[operation] && !state.operations[operation].attempted ? { unreadSince: monotonic } : {}),
      ...(hasChanged ? { scheduledIntervalMs: interval } : {}),
    };
  }
  // What happened before the list had a key is history.
  const listBegins = attempted.list && !state.operations.list.attempted && state.ledger === undefined;
  return {
    ...state,
    environment,
    operations,
    ...(listBegins ? { listedSince: monotonic } : {}),
    queue: attempted.stats ? state.queue : null,
    items: attempted.list ? state.items : null,
    lifecycle: state.lifecycle ?? (attempted.list ? NO_TOTALS : null),
    // Without the list, which runs are long is not known.
    ...(attempted.list || state.sessions === undefined ? {} : { sessions: sessionsUnread(state.sessions) }),
  };
}

/** Takes over from discovery when the environment was archived; null when it is not. */
export function withArchivedAt(state: EnvironmentState, archivedAt: EpochMs | null): EnvironmentState {
  return (state.archivedAt ?? null) === archivedAt ? state : { ...state, archivedAt };
}

/**
 * Takes over what discovery says of the kind. An environment that looked well goes down at once, not at the next read.
 */
export function withConfigType(state: EnvironmentState, configType: string | null): EnvironmentState {
  if ((state.configType ?? null) === configType) return state;
  const told = { ...state, configType };
  const { failure, lastSuccessAt } = told.operations.stats;
  if (failure !== null || lastSuccessAt === null || !isDeclaredNotSelfHosted(told)) return told;
  return markedNotSelfHosted(told, declaredNotSelfHostedFailure(told));
}

/** When the next poll is due, and whether that is a backoff instead of the regular interval. */
export function nextPollPlanned(
  state: EnvironmentState,
  operation: Operation,
  { nextAttemptAt, backingOff }: { readonly nextAttemptAt: EpochMs; readonly backingOff: boolean },
): EnvironmentState {
  return withOperation(state, operation, { nextAttemptAt, backoffUntil: backingOff ? nextAttemptAt : null });
}

/** The connection of the environment is paused until this time; null: it is not paused any more. */
export function connectionPaused(state: EnvironmentState, until: EpochMs | null): EnvironmentState {
  return { ...state, pausedUntil: until };
}

/** One request of an operation, when it ends. */
export interface CountedRequest {
  readonly credential: CredentialKind;
  /** Null when it succeeded. */
  readonly reason: FailureReason | null;
}

/** Counts one request when it ends, so that a scrape in the middle of a poll sees it. */
export function requestCounted(
  state: EnvironmentState,
  operation: Operation,
  { credential, reason }: CountedRequest,
): EnvironmentState {
  const { requests, failuresByReason: failures } = state.operations[operation];
  const failuresByReason = reason === null ? failures : { ...failures, [reason]: failures[reason] + 1 };
  return withOperation(state, operation, { credential, requests: requests + 1, failuresByReason });
}

/** What every finished poll reports, whatever its outcome. */
export interface PollFacts {
  readonly operation: Operation;
  /** When it started, on the own clock. */
  readonly at: EpochMs;
  readonly durationSeconds: number;
  /** Requests sent, including retries and pages. */
  readonly requests: number;
}

/** A successful poll, without its value. */
export interface GoodPoll extends Omit<PollFacts, 'operation'> {
  readonly endedAt: EpochMs;
  /** When it ended, on the monotonic clock. */
  readonly endedMonotonic: number;
  readonly credential: CredentialKind;
  readonly httpStatus: number;
}

export interface BadPoll extends PollFacts {
  readonly failure: Failure;
}

/**
 * Stats were read. If discovery or the list says that the environment has no queue, they prove nothing, so both
 * operations stay down.
 */
export function statsRead(state: EnvironmentState, poll: GoodPoll, stats: QueueStats): EnvironmentState {
  const listFailure = state.operations.list.failure;
  const queue = { observedAt: poll.endedAt, stats };
  const facts = { ...poll, operation: 'stats' as const };
  if (isDeclaredNotSelfHosted({ ...state, queue })) {
    const failure = { ...declaredNotSelfHostedFailure(state), httpStatus: poll.httpStatus };
    const failed = pollFailed(state, { ...facts, failure });
    // The API answered stats for something without a queue: the request counts as failed.
    const { failuresByReason } = failed.operations.stats;
    const counted = { ...failuresByReason, not_self_hosted: failuresByReason.not_self_hosted + 1 };
    return { ...withOperation(failed, 'stats', { failuresByReason: counted }), queue: null };
  }
  if (stats.workersPolling === null && looksNotSelfHosted({ ...state, queue }, listFailure)) {
    return { ...pollFailed(state, { ...facts, failure: notSelfHostedFailure(listFailure!) }), queue: null };
  }
  return { ...pollSucceeded(state, facts), queue };
}

/** The list was read. Types and metadata values that had a series keep it. */
export function listRead(state: EnvironmentState, poll: GoodPoll, items: ItemsSnapshot): EnvironmentState {
  // A type of work that was live once keeps its series, at 0: a series that comes and goes cannot be alerted on.
  const typesSeen = new Set<WorkType>(state.items?.typesSeen);
  for (const { item } of items.live) typesSeen.add(item.type);
  return {
    ...pollSucceeded(state, { ...poll, operation: 'list' }),
    items: {
      ...items,
      typesSeen: [...typesSeen],
      shownMetadata: nextShownValues(items, state.items?.shownMetadata, state.environment.metadata),
    },
  };
}

/**
 * A read failed. The failure of a list may show that the environment is not self-hosted: then both operations are down. The
 * last good values stay: their age removes them from the exposition, not this.
 */
export function readFailed(state: EnvironmentState, poll: BadPoll): EnvironmentState {
  if (poll.operation !== 'list' || !looksNotSelfHosted(state, poll.failure)) return pollFailed(state, poll);
  const failure = notSelfHostedFailure(poll.failure);
  return markedNotSelfHosted(pollFailed(state, { ...poll, failure }), failure);
}

/**
 * What a state has counted, as far as history is settled now. A ledger begins when the list became readable, on the API's
 * clock. Since then the monotonic clock counts, because many machines start with a wrong wall clock.
 */
export function ledgerOf(
  state: EnvironmentState | undefined,
  clock: Pick<Clock, 'now' | 'monotonic'>,
  skewMs: number,
): Ledger {
  const apiNow = clock.now() + skewMs;
  const { listedSince = clock.monotonic() } = state ?? {};
  return ledgerAt(state?.ledger ?? newLedger(Math.round(apiNow - (clock.monotonic() - listedSince))), apiNow);
}

/** Changes one operation and leaves the rest unchanged. */
export function withOperation(
  state: EnvironmentState,
  operation: Operation,
  change: Partial<OperationState>,
): EnvironmentState {
  const changed = { ...state.operations[operation], ...change };
  return { ...state, operations: { ...state.operations, [operation]: changed } };
}

function pollSucceeded(state: EnvironmentState, poll: PollFacts & GoodPoll): EnvironmentState {
  const next = withOperation(state, poll.operation, {
    credential: poll.credential,
    lastAttemptAt: poll.at,
    lastSuccessAt: poll.endedAt,
    unreadSince: poll.endedMonotonic,
    lastDurationSeconds: poll.durationSeconds,
    consecutiveFailures: 0,
    failure: null,
  });
  return recorded(next, poll, { ok: true, reason: null, httpStatus: poll.httpStatus, requestId: null });
}

function pollFailed(state: EnvironmentState, { failure, ...poll }: BadPoll): EnvironmentState {
  const before = state.operations[poll.operation];
  const next = withOperation(state, poll.operation, {
    lastAttemptAt: poll.at,
    lastDurationSeconds: poll.durationSeconds,
    consecutiveFailures: before.consecutiveFailures + 1,
    failure: { ...failure, since: before.failure?.since ?? poll.at },
  });
  const { reason, httpStatus, requestId } = failure;
  return recorded(next, poll, { ok: false, reason, httpStatus, requestId });
}

function recorded(
  state: EnvironmentState,
  { at, operation, durationSeconds, requests }: PollFacts,
  outcome: Pick<PollRecord, 'ok' | 'reason' | 'httpStatus' | 'requestId'>,
): EnvironmentState {
  const record = { at, operation, durationSeconds, requests, ...outcome };
  const withNewest = (records: readonly PollRecord[]) => [record, ...records].slice(0, RECENT_POLLS);
  return {
    ...state,
    recentPolls: withNewest(state.recentPolls),
    recentFailures: outcome.ok ? state.recentFailures : withNewest(state.recentFailures),
  };
}

/** Marks both operations as down: an environment without a queue must never look healthy and empty. */
function markedNotSelfHosted(state: EnvironmentState, failure: Failure): EnvironmentState {
  const since = state.operations.stats.failure?.since ?? state.operations.list.failure?.since ?? state.watchedSince;
  return { ...withOperation(state, 'stats', { failure: { ...failure, since } }), queue: null, items: null };
}
