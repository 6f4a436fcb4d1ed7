import type { Clock, EpochMs } from '../base/clock.ts';
import { configuredIntervalMs, type Environment, OPERATIONS, type Operation } from '../domain/environment.ts';
import { type CredentialKind, type Failure, type FailureReason, NO_FAILURES } from '../domain/failure.ts';
import type { QueueStats, WorkType } from '../domain/work.ts';
import { type Ledger, type LifecycleTotals, ledgerAt, NO_TOTALS, newLedger } from '../lifecycle/ledger.ts';
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
    configType: null,
    archivedAt: null,
    ...(attempted.list && { listedSince: monotonic }),
    operations: { stats: operation('stats'), list: operation('list') },
    queue: null,
    items: null,
    ledger: null,
    sessions: null,
    recentPolls: [],
    recentFailures: [],
  };
}

/** The configuration of a watched environment changed: what was counted and seen stays. `monotonic`: that clock, now. */
export function reconfigured(
  state: EnvironmentState,
  change: { readonly environment: Environment; readonly attempted: Attempted; readonly monotonic: number },
): EnvironmentState {
  const { environment, attempted, monotonic } = change;
  const operations = { ...state.operations };
  for (const operation of OPERATIONS) {
    const begins = attempted[operation] && !operations[operation].attempted;
    // From then on the schedule tells.
    const fresh = { unreadSince: monotonic, scheduledIntervalMs: configuredIntervalMs(environment.poll, operation) };
    operations[operation] = { ...operations[operation], attempted: attempted[operation], ...(begins && fresh) };
  }
  // What happened before the list had a key is history.
  const listBegins = attempted.list && !state.operations.list.attempted && state.ledger === null;
  return {
    ...state,
    environment,
    operations,
    ...(listBegins && { listedSince: monotonic }),
    queue: attempted.stats ? state.queue : null,
    items: attempted.list ? state.items : null,
    // Without the list, which runs are long is not known.
    sessions: attempted.list || state.sessions === null ? state.sessions : sessionsUnread(state.sessions),
  };
}

/** Counts one request when it ends, so that a scrape in the middle of a poll sees it. `reason`: null when it succeeded. */
export function requestCounted(
  state: EnvironmentState,
  operation: Operation,
  { credential, reason }: { readonly credential: CredentialKind; readonly reason: FailureReason | null },
): EnvironmentState {
  const { requests, failuresByReason: failures } = state.operations[operation];
  const failuresByReason = reason === null ? failures : { ...failures, [reason]: failures[reason] + 1 };
  return withOperation(state, operation, { credential, requests: requests + 1, failuresByReason });
}

/** What every finished poll reports, whatever its outcome. */
export interface PollFacts {
  /** When it started, on the own clock. */
  readonly at: EpochMs;
  readonly durationSeconds: number;
  /** Requests sent, including retries and pages. */
  readonly requests: number;
}

/** A successful poll, without its value: when it ended, on both clocks. */
export interface GoodPoll extends PollFacts {
  readonly endedAt: EpochMs;
  readonly endedMonotonic: number;
}

/**
 * Stats were read. If discovery or the list says that the environment has no queue, they prove nothing, so both
 * operations stay down.
 */
export function statsRead(state: EnvironmentState, poll: GoodPoll, stats: QueueStats): EnvironmentState {
  const listFailure = state.operations.list.failure;
  const queue = { observedAt: poll.endedAt, stats };
  const told = { ...state, queue };
  if (isDeclaredNotSelfHosted(told)) {
    const failure = { ...declaredNotSelfHostedFailure(state), httpStatus: 200 };
    // The API answered stats for something without a queue: the request counts as failed.
    const { not_self_hosted: count, ...failures } = state.operations.stats.failuresByReason;
    const counted = withOperation(state, 'stats', { failuresByReason: { ...failures, not_self_hosted: count + 1 } });
    return { ...pollFailed(counted, 'stats', poll, failure), queue: null };
  }
  if (stats.workersPolling === null && looksNotSelfHosted(told, listFailure))
    return { ...pollFailed(state, 'stats', poll, notSelfHostedFailure(listFailure!)), queue: null };
  return { ...pollSucceeded(state, 'stats', poll), queue };
}

/** The list was read. */
export function listRead(state: EnvironmentState, poll: GoodPoll, items: ItemsSnapshot): EnvironmentState {
  // A type of work that was live once keeps its series, at 0: a series that comes and goes cannot be alerted on.
  const typesSeen = new Set<WorkType>(state.items?.typesSeen);
  for (const { item } of items.live) typesSeen.add(item.type);
  return {
    ...pollSucceeded(state, 'list', poll),
    items: {
      ...items,
      typesSeen: [...typesSeen],
      shownMetadata: nextShownValues(items.live, state.items?.shownMetadata, state.environment.metadata),
    },
  };
}

/**
 * A read failed. The failure of a list may show that the environment is not self-hosted: then both operations are down. The
 * last good values stay: their age removes them from the exposition, not this.
 */
export function readFailed(
  state: EnvironmentState,
  operation: Operation,
  poll: PollFacts,
  failure: Failure,
): EnvironmentState {
  if (operation !== 'list' || !looksNotSelfHosted(state, failure)) return pollFailed(state, operation, poll, failure);
  const told = notSelfHostedFailure(failure);
  const failed = pollFailed(state, 'list', poll, told);
  const { since } = failed.operations.stats.failure ?? failed.operations.list.failure!;
  // An environment without a queue must never look healthy and empty.
  return { ...withOperation(failed, 'stats', { failure: { ...told, since } }), queue: null, items: null };
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

/** What was counted for an environment, from 0 before the first read; null without a key for its list. */
export function totalsOf({ operations, ledger }: EnvironmentState): LifecycleTotals | null {
  return operations.list.attempted ? (ledger?.totals ?? NO_TOTALS) : null;
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

function pollSucceeded(state: EnvironmentState, operation: Operation, poll: GoodPoll): EnvironmentState {
  const next = withOperation(state, operation, {
    lastAttemptAt: poll.at,
    lastSuccessAt: poll.endedAt,
    unreadSince: poll.endedMonotonic,
    lastDurationSeconds: poll.durationSeconds,
    consecutiveFailures: 0,
    failure: null,
  });
  return recorded(next, operation, poll, null);
}

function pollFailed(
  state: EnvironmentState,
  operation: Operation,
  poll: PollFacts,
  failure: Failure,
): EnvironmentState {
  const before = state.operations[operation];
  const next = withOperation(state, operation, {
    lastAttemptAt: poll.at,
    lastDurationSeconds: poll.durationSeconds,
    consecutiveFailures: before.consecutiveFailures + 1,
    failure: { ...failure, since: before.failure?.since ?? poll.at },
  });
  return recorded(next, operation, poll, failure);
}

function recorded(
  state: EnvironmentState,
  operation: Operation,
  { at, durationSeconds, requests }: PollFacts,
  failure: Failure | null,
): EnvironmentState {
  const { reason = null, httpStatus = 200, requestId = null } = failure ?? {};
  const ok = failure === null;
  const record: PollRecord = { at, operation, durationSeconds, requests, ok, reason, httpStatus, requestId };
  const withNewest = (records: readonly PollRecord[]) => [record, ...records].slice(0, RECENT_POLLS);
  const recentFailures = ok ? state.recentFailures : withNewest(state.recentFailures);
  return { ...state, recentPolls: withNewest(state.recentPolls), recentFailures };
}
