import type { Clock, EpochMs } from '../base/clock.ts';
import { configuredIntervalMs, type Environment, OPERATIONS, type Operation } from '../domain/environment.ts';
import { NO_FAILURES } from '../domain/failure.ts';
import { NO_TOTALS } from '../lifecycle/lifecycle-totals.ts';
import type { EnvironmentState, OperationState } from './environment-state.ts';
import { RecentPolls } from './recent-polls.ts';
import { sessionsUnread } from './sessions-state.ts';

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
  return {
    environment,
    watchedSince: clock.now(),
    operations: {
      stats: initialOperation(environment, 'stats', { attempted, monotonic }),
      list: initialOperation(environment, 'list', { attempted, monotonic }),
    },
    queue: null,
    items: null,
    lifecycle: attempted.list ? NO_TOTALS : null,
    recentPolls: RecentPolls.NONE,
    recentFailures: [],
  };
}

function initialOperation(
  environment: Environment,
  operation: Operation,
  { attempted, monotonic }: { readonly attempted: Attempted; readonly monotonic: number },
): OperationState {
  return {
    attempted: attempted[operation],
    credential: null,
    scheduledIntervalMs: configuredIntervalMs(environment.poll, operation),
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
    const intervalChanged =
      configuredIntervalMs(environment.poll, operation) !== configuredIntervalMs(state.environment.poll, operation);
    operations[operation] = {
      ...operations[operation],
      attempted: attempted[operation],
      ...(attempted[operation] && !state.operations[operation].attempted ? { unreadSince: monotonic } : {}),
      ...(intervalChanged ? { scheduledIntervalMs: configuredIntervalMs(environment.poll, operation) } : {}),
    };
  }
  return {
    ...state,
    environment,
    operations,
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
