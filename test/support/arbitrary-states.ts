import fc from 'fast-check';
import { FAILURE_REASONS, type FailureReason } from '../../src/domain/failure.ts';
import { DURATION_BUCKETS, emptyHistogram, type Histogram, observe, STOP_BUCKETS } from '../../src/domain/histogram.ts';
import {
  LIVE_STATES,
  SESSION_STATUSES,
  type SessionStatus,
  WAIT_REASONS,
  type WaitReason,
  WORK_TYPES,
} from '../../src/domain/work.ts';
import { type LifecycleTotals, NO_TOTALS } from '../../src/lifecycle/ledger.ts';
import type {
  EnvironmentState,
  ObservedItem,
  OperationState,
  SessionsState,
} from '../../src/state/environment-state.ts';
import { NO_SESSIONS, runStartOf } from '../../src/state/sessions.ts';
import { buildEnvironment, buildItem, buildItems, buildOperation, failingOperation, NOW } from './states.ts';

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a', 'b', 'other', 'constructor', '"\\\n'));
const moment = fc.option(fc.integer({ min: NOW - 10_000_000, max: NOW + 100_000 }), { nil: null });
const count = fc.nat({ max: 1000 });

const operation: fc.Arbitrary<OperationState> = fc
  .record({
    attempted: fc.boolean(),
    reason: fc.option(fc.constantFrom<FailureReason>(...FAILURE_REASONS), { nil: null }),
    lastAttemptAt: moment,
    lastSuccessAt: moment,
    backoffUntil: moment,
    scheduledIntervalMs: fc.integer({ min: 1000, max: 600_000 }),
    requests: count,
  })
  .map(({ reason, ...change }) => (reason === null ? buildOperation(change) : failingOperation(reason, change)));

const item: fc.Arbitrary<ObservedItem> = fc
  .record({
    state: fc.constantFrom(...LIVE_STATES),
    type: fc.constantFrom(...WORK_TYPES),
    metadata: fc.dictionary(fc.constantFrom('team', 'constructor'), text),
    createdAt: moment,
    acknowledgedAt: moment,
    latestHeartbeatAt: moment,
    stopRequestedAt: moment,
  })
  .chain((change) => fc.uuid().map((id) => buildItem(id, { ...change, sessionId: id })));

function histogram(bounds: readonly number[]): fc.Arbitrary<Histogram> {
  return fc
    .array(fc.double({ min: 0, max: 200_000, noNaN: true }), { maxLength: 5 })
    .map((values) =>
      values.reduce(
        (sum, value) => observe(sum, value, { labels: { work_id: 'w' }, value, timestampSeconds: NOW / 1000 }),
        emptyHistogram(bounds),
      ),
    );
}

const lifecycle: fc.Arbitrary<LifecycleTotals> = fc.record({
  created: count,
  acknowledged: count,
  stopped: count,
  requeued: count,
  lapsed: count,
  lost: count,
  begun: count,
  losses: fc.constant(NO_TOTALS.losses),
  waitUnknown: count,
  sessionRuns: count,
  shortSessionRuns: count,
  wait: histogram(DURATION_BUCKETS),
  run: histogram(DURATION_BUCKETS),
  stop: histogram(STOP_BUCKETS),
});

const sessionStatus = fc.constantFrom(...SESSION_STATUSES);
const waitReason = fc.constantFrom(...WAIT_REASONS);

/** Readings of the first items, each in the run that it is in. */
function sessionsOf(
  live: readonly ObservedItem[],
  said: readonly (readonly [SessionStatus, WaitReason, number | null])[],
): SessionsState {
  const readings = live.slice(0, said.length).map((observed, index) => {
    const [status, reason, processedAt] = said[index]!;
    const facts = { status, updatedAt: processedAt };
    const idle = status === 'idle' ? { reason, processedAt } : null;
    return [observed.item.id, { acknowledgedAt: runStartOf(observed) ?? 0, readAt: NOW - 5000, facts, idle }] as const;
  });
  return { ...NO_SESSIONS, attempted: true, readings: new Map(readings), lastReadAt: NOW - 5000 };
}

function state(id: string): fc.Arbitrary<EnvironmentState> {
  return fc
    .record({
      name: text,
      labels: fc.dictionary(fc.stringMatching(/^[a-z_][a-z0-9_]{0,5}$/), text, { maxKeys: 3 }),
      metadata: fc.record({ keys: fc.subarray(['team', 'constructor']), maxValues: fc.nat({ max: 3 }) }),
      exemplars: fc.boolean(),
      stats: operation,
      list: operation,
      queue: fc.option(
        fc.record({
          depth: count,
          pending: count,
          oldestQueuedAt: moment,
          workersPolling: fc.option(count, { nil: null }),
        }),
        { nil: null },
      ),
      live: fc.option(fc.array(item, { maxLength: 8 }), { nil: null }),
      lifecycle: fc.option(lifecycle, { nil: null }),
      said: fc.option(fc.array(fc.tuple(sessionStatus, waitReason, moment), { maxLength: 8 }), { nil: null }),
    })
    .map(({ name, labels, metadata, exemplars, stats, list, queue, live, lifecycle, said }) => ({
      environment: buildEnvironment(id, { name, labels, metadata, exemplars }),
      watchedSince: NOW - 1000,
      operations: { stats, list },
      queue: queue === null ? null : { observedAt: NOW - 5000, stats: queue },
      items: live === null ? null : buildItems(live),
      lifecycle,
      ...(said === null ? {} : { sessions: sessionsOf(live ?? [], said) }),
      recentPolls: [],
      recentFailures: [],
    }));
}

/** A fleet of up to four environments in any condition, trouble and hostile text included. */
export const arbitraryFleet: fc.Arbitrary<readonly EnvironmentState[]> = fc
  .nat({ max: 4 })
  .chain((size) => fc.tuple(...Array.from({ length: size }, (_, index) => state(`env_${index}`))));
