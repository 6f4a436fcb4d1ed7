import { expect, it } from 'vitest';
import type { Thresholds } from '../../../src/domain/environment.ts';
import { exceededThresholds } from '../../../src/server/api/exceeded-thresholds.ts';
import { visibleState } from '../../../src/server/api/visible-state.ts';
import type { EnvironmentState } from '../../../src/state/environment-state.ts';
import { buildSessions, longRun } from '../../support/sessions.ts';
import { buildEnvironment, buildItem, buildItems, buildState, buildStats, NOW } from '../../support/states.ts';

const SEEN = NOW - 5000;

function conditions(change: Partial<EnvironmentState>, thresholds: Partial<Thresholds> = {}, skewMs = 0) {
  const base = buildEnvironment();
  const environment = buildEnvironment('env_1', { thresholds: { ...base.thresholds, ...thresholds } });
  const state = buildState('env_1', { items: buildItems(), ...change, environment });
  return exceededThresholds({ environment, visible: visibleState(state, NOW), apiNow: NOW + skewMs });
}

const queue = (change: Parameters<typeof buildStats>[0]) => ({
  queue: { observedAt: SEEN, stats: buildStats(change) },
});
const active = (id: string, beatAgo: number) =>
  buildItem(id, { state: 'active', acknowledgedAt: SEEN - 900_000, latestHeartbeatAt: SEEN - beatAgo * 1000 });

it('nothing is wrong with a quiet queue', () => {
  expect(conditions({})).toEqual([]);
});

it('the oldest item waits too long, since it crossed the limit', () => {
  const oldestQueuedAt = NOW - 312_000;
  expect(conditions(queue({ oldestQueuedAt }))).toEqual([
    {
      threshold: 'queue_age',
      severity: 'warning',
      state: null,
      value: 312,
      limit: 300,
      since: oldestQueuedAt + 300_000,
      alert: 'AnthropicWorkOldestItemTooOld',
    },
  ]);
});

it('the age is measured on the clock of the API', () => {
  expect(conditions(queue({ oldestQueuedAt: NOW - 299_000 }), {}, 2000)).toMatchObject([{ value: 301 }]);
  expect(conditions(queue({ oldestQueuedAt: NOW - 301_000 }), {}, -2000)).toEqual([]);
});

it('only the gravest severity of a threshold is listed', () => {
  const found = conditions(queue({ oldestQueuedAt: NOW - 901_000 }));
  expect(found).toMatchObject([{ threshold: 'queue_age', severity: 'critical', limit: 900 }]);
});

it('a queue that is deeper than its threshold exceeds it', () => {
  const found = conditions(queue({ depth: 101 }), { queueDepth: { warning: 100, critical: Number.POSITIVE_INFINITY } });
  expect(found).toMatchObject([
    { threshold: 'queue_depth', value: 101, limit: 100, since: null, alert: 'AnthropicWorkSaturated' },
  ]);
});

it('active items without a heartbeat count, as of the read that saw them', () => {
  const items = buildItems([active('w1', 200), active('w2', 150), active('w3', 119)]);
  expect(conditions({ items }, { staleHeartbeatItems: { warning: 2, critical: 9 } })).toMatchObject([
    { threshold: 'stale_heartbeat_items', value: 2, limit: 2, since: SEEN - 30_000 },
  ]);
  expect(conditions({ items }, { staleHeartbeatItems: { warning: 3, critical: 9 } })).toEqual([]);
});

it('starting and stopping items do not count as stale heartbeats', () => {
  const starting = buildItem('w1', { state: 'starting', acknowledgedAt: SEEN - 301_000 });
  const stopping = buildItem('w2', { state: 'stopping', latestHeartbeatAt: SEEN - 500_000, stopRequestedAt: SEEN });
  const found = conditions({ items: buildItems([starting, stopping]) });
  expect(found.map((condition) => condition.threshold)).toEqual(['state_age']);
});

it('an item is stuck in a state: the oldest one of each state counts', () => {
  const items = buildItems([
    buildItem('w1', { state: 'starting', acknowledgedAt: SEEN - 310_000 }),
    buildItem('w2', { state: 'starting', acknowledgedAt: SEEN - 400_000 }),
    buildItem('w3', { state: 'stopping', stopRequestedAt: SEEN - 121_000 }),
    buildItem('w4', { state: 'stopping', stopRequestedAt: null }),
  ]);
  expect(conditions({ items })).toMatchObject([
    { threshold: 'state_age', state: 'starting', value: 400, limit: 300, since: SEEN - 100_000 },
    { threshold: 'state_age', state: 'stopping', value: 121, limit: 120, alert: 'AnthropicWorkItemStuck' },
  ]);
});

it('polling workers and those kept busy by a live item count together', () => {
  const items = buildItems([active('w1', 10), active('w2', 500)]);
  const off = { staleHeartbeatItems: { warning: 99, critical: 99 } };
  expect(conditions({ items, ...queue({ workersPolling: 2 }) }, { ...off, minWorkers: 3 })).toEqual([]);
  expect(conditions({ items, ...queue({ workersPolling: 2 }) }, { ...off, minWorkers: 4 })).toMatchObject([
    { threshold: 'min_workers', value: 3, limit: 4, alert: 'AnthropicWorkWorkersBelowMinimum' },
  ]);
});

it('what is unknown exceeds nothing', () => {
  expect(conditions({ queue: null, items: null }, { minWorkers: 5 })).toEqual([]);
  expect(conditions(queue({ workersPolling: null, oldestQueuedAt: null }), { minWorkers: 5 })).toEqual([]);
});

it('values too old to be shown exceed nothing', () => {
  const stats = buildStats({ depth: 5000, oldestQueuedAt: NOW - 9_000_000 });
  expect(conditions({ queue: { observedAt: NOW - 90_001, stats } })).toEqual([]);
});

it.each<[string, Parameters<typeof buildSessions>[0], number | null]>([
  ['nothing waits', { one: ['running'] }, null],
  ['one waits for no longer than the limit', { one: ['idle', 'requires_action', NOW - 1_800_000] }, null],
  ['one waits', { one: ['idle', 'requires_action', NOW - 1_801_000] }, 1801],
  ['one waits for something else', { one: ['idle', 'end_turn', NOW - 1_900_000] }, null],
  ['one waits since nobody knows when', { one: ['idle', 'requires_action', null] }, null],
  [
    'the longest of three waits',
    {
      one: ['idle', 'requires_action', NOW - 1_900_000],
      two: ['idle', 'requires_action', null],
      three: ['idle', 'requires_action', NOW - 2_000_000],
    },
    2000,
  ],
])('a session that waits: %s', (_situation, sessions, seconds) => {
  const items = buildItems(Object.keys(sessions).map((id) => longRun(id)));
  const found = conditions({ items, sessions: buildSessions(sessions) });
  const expected = { threshold: 'session_wait', value: seconds, limit: 1800, since: NOW - (seconds! - 1800) * 1000 };
  expect(found).toMatchObject(seconds === null ? [] : [expected]);
  expect(found).toHaveLength(seconds === null ? 0 : 1);
});
