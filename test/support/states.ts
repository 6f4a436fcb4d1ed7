import type { EpochMs } from '../../src/base/clock.ts';
import type { Environment } from '../../src/domain/environment.ts';
import { type FailureReason, NO_FAILURES } from '../../src/domain/failure.ts';
import type { QueueStats, WorkItem } from '../../src/domain/work.ts';
import type {
  EnvironmentState,
  ItemsSnapshot,
  ObservedItem,
  OperationState,
  StateStore,
} from '../../src/state/environment-state.ts';
import { environment } from './environments.ts';

/** The moment that built states are seen at, unless a test says otherwise. */
export const NOW: EpochMs = Date.UTC(2026, 10, 24, 12, 0, 0);

export function buildEnvironment(id = 'env_1', change: Partial<Environment> = {}): Environment {
  return environment(id, change);
}

/** An operation that was read well five seconds before `NOW`. */
export function buildOperation(change: Partial<OperationState> = {}): OperationState {
  return {
    attempted: true,
    credential: 'environment_key',
    scheduledIntervalMs: 15_000,
    lastAttemptAt: NOW - 5000,
    lastSuccessAt: NOW - 5000,
    unreadSince: 0,
    lastDurationSeconds: 0.12,
    nextAttemptAt: NOW + 10_000,
    backoffUntil: null,
    consecutiveFailures: 0,
    failure: null,
    requests: 4,
    failuresByReason: NO_FAILURES,
    ...change,
  };
}

/** An operation whose last read was refused. */
export function failingOperation(reason: FailureReason, change: Partial<OperationState> = {}): OperationState {
  const failure = {
    reason,
    httpStatus: 401,
    requestId: 'req_1',
    message: 'The API refused the environment key.',
    remedy: 'Console → Environments → prod → Environment keys → Create a new key.',
    since: NOW - 60_000,
  };
  return buildOperation({ consecutiveFailures: 4, failure, ...change });
}

/** An operation that is configured and was not tried yet. */
export function untriedOperation(change: Partial<OperationState> = {}): OperationState {
  return buildOperation({
    credential: null,
    lastAttemptAt: null,
    lastSuccessAt: null,
    lastDurationSeconds: null,
    nextAttemptAt: null,
    requests: 0,
    ...change,
  });
}

export function buildStats(change: Partial<QueueStats> = {}): QueueStats {
  return { depth: 3, pending: 0, oldestQueuedAt: NOW - 12_400, workersPolling: 2, ...change };
}

/** An item as the read five seconds before `NOW` saw it. */
export function buildItem(id: string, change: Partial<WorkItem> = {}, observedAt = NOW - 5000): ObservedItem {
  const item: WorkItem = {
    id,
    type: 'session',
    state: 'queued',
    metadata: {},
    createdAt: NOW - 20_000,
    acknowledgedAt: null,
    startedAt: null,
    latestHeartbeatAt: null,
    stopRequestedAt: null,
    sessionId: null,
    stoppedAt: null,
    ...change,
  };
  return { item, observedAt, queuedSince: item.createdAt };
}

export function buildItems(live: readonly ObservedItem[] = [], change: Partial<ItemsSnapshot> = {}): ItemsSnapshot {
  return {
    observedAt: NOW - 5000,
    live,
    mode: 'whole',
    lastFullRead: { at: NOW - 5000, pages: 1, items: live.length, truncated: false },
    mismatch: 0,
    ...change,
  };
}

/** An environment that is read without trouble: three items wait and nothing runs. */
export function buildState(id = 'env_1', change: Partial<EnvironmentState> = {}): EnvironmentState {
  return {
    environment: buildEnvironment(id),
    watchedSince: NOW - 600_000,
    operations: { stats: buildOperation({ credential: 'api_key' }), list: buildOperation() },
    queue: { observedAt: NOW - 5000, stats: buildStats() },
    items: buildItems(['a', 'b', 'c'].map((name) => buildItem(`work_${name}`))),
    lifecycle: null,
    recentPolls: [],
    recentFailures: [],
    ...change,
  };
}

/** A store that holds what it is given. */
export function fixedStates(states: readonly EnvironmentState[]): StateStore {
  const byId = new Map(states.map((state) => [state.environment.id, state]));
  return {
    get: (id) => byId.get(id),
    all: () => [...byId.values()],
    update(id, change) {
      const state = byId.get(id);
      if (state !== undefined) byId.set(id, change(state));
    },
  };
}
