import type { EpochMs } from '../../src/base/clock.ts';
import { settingsOf } from '../../src/config/settings.ts';
import type { Environment, PollSettings } from '../../src/domain/environment.ts';
import { type FailureReason, NO_FAILURES } from '../../src/domain/failure.ts';
import type { QueueStats, SessionStatus, WaitReason, WorkItem } from '../../src/domain/work.ts';
import type {
  EnvironmentState,
  ItemsSnapshot,
  ObservedItem,
  OperationState,
  SessionReading,
  SessionsState,
  StateStore,
} from '../../src/state/environment-state.ts';
import { NO_SESSIONS } from '../../src/state/sessions.ts';
import { PRESETS } from '../../src/wire/presets.ts';

const DEFAULTS = settingsOf([{}], PRESETS.anthropic);

export const POLL: PollSettings = DEFAULTS.poll;

/** An environment with the defaults of docs/configuration.md. */
export function environment(id: string, change: Partial<Environment> = {}): Environment {
  return {
    id,
    name: id.replace(/^env_/, ''),
    connection: 'default',
    workspaceId: null,
    source: 'config',
    labels: {},
    ...DEFAULTS,
    thresholds: {
      ...DEFAULTS.thresholds,
      stateAgeSeconds: { starting: 300, active: Number.POSITIVE_INFINITY, stopping: 120 },
    },
    ...change,
  };
}

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
  return { item, observedAt, queuedSince: item.createdAt, runAcknowledgedAt: null, deliveries: 0 };
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
    configType: null,
    archivedAt: null,
    operations: { stats: buildOperation({ credential: 'api_key' }), list: buildOperation() },
    queue: { observedAt: NOW - 5000, stats: buildStats() },
    items: buildItems(['a', 'b', 'c'].map((name) => buildItem(`work_${name}`))),
    ledger: null,
    sessions: null,
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

/** When the runs of `longRun` were acknowledged. */
export const LONG_AGO: EpochMs = NOW - 7_205_000;

type Said = readonly [status: SessionStatus, reason?: WaitReason | null, since?: EpochMs | null];

/** Sessions as they were read five seconds before `NOW`, each of the run that `longRun` builds. */
export function buildSessions(
  said: Readonly<Record<string, Said>>,
  change: Partial<SessionsState> = {},
): SessionsState {
  const readings = Object.entries(said).map(([id, [status, reason = null, since = NOW - 5000]]) => {
    const reading: SessionReading = {
      acknowledgedAt: LONG_AGO,
      readAt: NOW - 5000,
      facts: { status, updatedAt: since ?? NOW - 5000 },
      idle: reason === null ? null : { reason, processedAt: since },
    };
    return [id, reading] as const;
  });
  return {
    ...NO_SESSIONS,
    attempted: true,
    longRuns: readings.length,
    readings: new Map(readings),
    lastReadAt: NOW - 5000,
    ...change,
  };
}

/** An item with a long run and fresh heartbeats; its session has the same id. */
export function longRun(id: string, change: Partial<ObservedItem> = {}): ObservedItem {
  const stamps = { acknowledgedAt: LONG_AGO, latestHeartbeatAt: NOW - 10_000 };
  return { ...buildItem(id, { state: 'active', sessionId: id, ...stamps }), ...change };
}

/** The live items of a snapshot, to be looked up. */
export function liveById({ live }: Pick<ItemsSnapshot, 'live'>): ReadonlyMap<string, ObservedItem> {
  return new Map(live.map((observed) => [observed.item.id, observed]));
}
