import type { Environment } from '../../src/domain/environment.ts';
import { FAILURE_REASONS, type FailureReason } from '../../src/domain/failure.ts';
import { DURATION_BUCKETS, emptyHistogram, observe, STOP_BUCKETS } from '../../src/domain/histogram.ts';
import type { WorkItem } from '../../src/domain/work.ts';
import { NO_TOTALS } from '../../src/lifecycle/lifecycle-totals.ts';
import type { EnvironmentState, ObservedItem, OperationState } from '../../src/state/environment-state.ts';
import { RecentPolls } from '../../src/state/recent-polls.ts';

/** The moment at which the benchmark stands still. */
export const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);

/** A fleet in ordinary use: every environment read well, with items, counters and histograms. */
export function benchFleet(size: number): EnvironmentState[] {
  return Array.from({ length: size }, (_, index) => benchState(index));
}

/** The next good read of `stats`, as the poller would leave it. */
export function afterStatsRead(state: EnvironmentState, depth: number): EnvironmentState {
  const { stats } = state.operations;
  return {
    ...state,
    operations: { ...state.operations, stats: { ...stats, requests: stats.requests + 1, lastSuccessAt: NOW } },
    queue: { observedAt: NOW, stats: { depth, pending: 1, oldestQueuedAt: NOW - 12_345, workersPolling: 3 } },
  };
}

/** The next good read of the list. */
export function afterListRead(state: EnvironmentState): EnvironmentState {
  const { list } = state.operations;
  return {
    ...state,
    operations: { ...state.operations, list: { ...list, requests: list.requests + 1, lastSuccessAt: NOW } },
    items: { ...state.items!, observedAt: NOW },
    lifecycle: { ...state.lifecycle!, created: state.lifecycle!.created + 1 },
  };
}

function benchState(index: number): EnvironmentState {
  const wait = observe(observe(emptyHistogram(DURATION_BUCKETS), 3.25), 700);
  const live = Array.from({ length: 20 }, (_, item) => benchItem(`work_${index}_${item}`, item));
  return {
    environment: benchEnvironment(`env_01bench${String(index).padStart(8, '0')}`, index),
    watchedSince: NOW - 3_600_000,
    operations: { stats: benchOperation(), list: benchOperation() },
    queue: { observedAt: NOW, stats: { depth: index % 7, pending: 1, oldestQueuedAt: NOW - 5432, workersPolling: 3 } },
    items: {
      observedAt: NOW,
      seenAt: NOW,
      live,
      mode: 'newest',
      lastFullRead: { at: NOW, pages: 2, items: 150, truncated: false },
      mismatch: 0,
    },
    lifecycle: {
      ...NO_TOTALS,
      ...{ created: 40, acknowledged: 38, stopped: 30, requeued: 2, lapsed: 0, waitUnknown: 1 },
      ...{ wait, run: wait, stop: observe(emptyHistogram(STOP_BUCKETS), 12) },
    },
    recentPolls: RecentPolls.NONE,
    recentFailures: [],
  };
}

function benchEnvironment(id: string, index: number): Environment {
  const off = Number.POSITIVE_INFINITY;
  return {
    id,
    name: `team-${index % 40} queue ${index}`,
    connection: 'default',
    workspaceId: null,
    source: 'config',
    labels: { team: `team-${index % 40}`, tier: index % 3 === 0 ? 'gold' : 'silver' },
    poll: {
      ...{ statsIntervalMs: 15_000, listIntervalMs: 30_000, maxStatsIntervalMs: 60_000, maxListIntervalMs: 300_000 },
      ...{ fullListIntervalMs: 300_000, maxListPages: 1000, staleAfterMs: 90_000, singleReads: 'auto' },
    },
    sessions: { enabled: true, afterMs: 600_000, intervalMs: 120_000, maxItems: 50 },
    thresholds: {
      queueAgeSeconds: { warning: 300, critical: 900 },
      queueDepth: { warning: 100, critical: off },
      staleHeartbeatSeconds: 120,
      staleHeartbeatItems: { warning: 1, critical: off },
      stateAgeSeconds: { starting: 300, active: off, stopping: 120 },
      sessionWaitSeconds: 1800,
      redeliveries: 3,
      minWorkers: 0,
    },
    slo: { queueWaitTargetSeconds: 300, objectiveRatio: 0.99 },
    scaling: { itemsPerWorker: 1, minWorkers: 0, maxWorkers: off },
    metadata: { keys: [], maxValues: 20 },
    exemplars: false,
  };
}

function benchOperation(): OperationState {
  return {
    attempted: true,
    credential: 'api_key',
    scheduledIntervalMs: 15_000,
    unreadSince: 0,
    ...{ lastAttemptAt: NOW, lastSuccessAt: NOW, lastDurationSeconds: 0.123, nextAttemptAt: NOW + 15_000 },
    ...{ backoffUntil: null, consecutiveFailures: 0, failure: null, requests: 240 },
    failuresByReason: Object.fromEntries(FAILURE_REASONS.map((reason) => [reason, 0])) as Record<FailureReason, number>,
  };
}

function benchItem(id: string, index: number): ObservedItem {
  const state = (['queued', 'starting', 'active', 'active'] as const)[index % 4]!;
  const createdAt = NOW - 60_000 - index * 1000;
  const item: WorkItem = {
    ...{
      id,
      type: 'session',
      sessionId: null,
      state,
      metadata: {},
      createdAt,
      acknowledgedAt: createdAt + 2000,
      startedAt: createdAt,
    },
    ...{ latestHeartbeatAt: NOW - 10_000, stopRequestedAt: null, stoppedAt: null },
  };
  return { item, observedAt: NOW, queuedSince: createdAt };
}
