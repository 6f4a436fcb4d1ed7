import type { EpochMs } from '../base/clock.ts';
import type { Operation } from '../domain/environment.ts';
import type { CredentialKind, Failure, FailureReason } from '../domain/failure.ts';
import type { EnvironmentState, OperationState } from './environment-state.ts';
import { type PollRecord, RECENT_POLLS } from './recent-polls.ts';

/** What every finished poll reports, whatever its outcome. */
export interface PollFacts {
  readonly operation: Operation;
  /** When it started, on the own clock. */
  readonly at: EpochMs;
  readonly durationSeconds: number;
  /** Requests sent, including retries and pages. */
  readonly requests: number;
}

/**
 * Changes one operation and leaves the rest unchanged. Every request does this several times, so it must be quick:
 * objects are spread first, and the other fields are named literally, because V8 copies such objects at once and all
 * others field by field.
 */
export function withOperation(
  state: EnvironmentState,
  operation: Operation,
  changed: OperationState,
): EnvironmentState {
  const { stats, list } = state.operations;
  return { ...state, operations: operation === 'stats' ? { stats: changed, list } : { stats, list: changed } };
}

/** When the next poll is due, and whether that is a backoff instead of the regular interval. */
export function nextPollPlanned(
  state: EnvironmentState,
  operation: Operation,
  plan: { readonly nextAttemptAt: EpochMs; readonly backingOff: boolean },
): EnvironmentState {
  const { nextAttemptAt, backingOff } = plan;
  const backoffUntil = backingOff ? nextAttemptAt : null;
  return withOperation(state, operation, { ...state.operations[operation], nextAttemptAt, backoffUntil });
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
  const before = state.operations[operation];
  const { requests, failuresByReason: failures } = before;
  const failuresByReason = reason === null ? failures : { ...failures, [reason]: failures[reason] + 1 };
  return withOperation(state, operation, { ...before, credential, requests: requests + 1, failuresByReason });
}

/** What a successful poll reports in addition. */
export interface PollSuccess {
  readonly endedAt: EpochMs;
  /** When it ended, on the monotonic clock. */
  readonly endedMonotonic: number;
  readonly credential: CredentialKind;
  readonly httpStatus: number;
}

/** A poll succeeded. The caller stores the answer itself in `queue` or `items`. */
export function pollSucceeded(state: EnvironmentState, facts: PollFacts & PollSuccess): EnvironmentState {
  const next = withOperation(state, facts.operation, {
    ...state.operations[facts.operation],
    credential: facts.credential,
    lastAttemptAt: facts.at,
    lastSuccessAt: facts.endedAt,
    unreadSince: facts.endedMonotonic,
    lastDurationSeconds: facts.durationSeconds,
    consecutiveFailures: 0,
    failure: null,
  });
  return recorded(next, facts, { ok: true, reason: null, httpStatus: facts.httpStatus, requestId: null });
}

/** A poll failed. The last good values stay: their age removes them from the exposition, not this. */
export function pollFailed(
  state: EnvironmentState,
  facts: PollFacts & { readonly failure: Failure },
): EnvironmentState {
  const { operation, failure } = facts;
  const before = state.operations[operation];
  const next = withOperation(state, operation, {
    ...before,
    lastAttemptAt: facts.at,
    lastDurationSeconds: facts.durationSeconds,
    consecutiveFailures: before.consecutiveFailures + 1,
    failure: { ...failure, since: before.failure?.since ?? facts.at },
  });
  const { reason, httpStatus, requestId } = failure;
  return recorded(next, facts, { ok: false, reason, httpStatus, requestId });
}

function recorded(
  state: EnvironmentState,
  facts: PollFacts,
  outcome: Pick<PollRecord, 'ok' | 'reason' | 'httpStatus' | 'requestId'>,
): EnvironmentState {
  const { at, operation, durationSeconds, requests } = facts;
  const { ok, reason, httpStatus, requestId } = outcome;
  const record: PollRecord = { at, operation, durationSeconds, requests, ok, reason, httpStatus, requestId };
  return {
    ...state,
    recentPolls: state.recentPolls.with(record),
    recentFailures: outcome.ok ? state.recentFailures : withNewest(state.recentFailures, record),
  };
}

function withNewest(records: readonly PollRecord[], newest: PollRecord): readonly PollRecord[] {
  return [newest].concat(records.slice(0, RECENT_POLLS - 1));
}
