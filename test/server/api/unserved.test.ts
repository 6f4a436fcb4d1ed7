import { expect, it } from 'vitest';
import { ALERTS } from '../../../src/rules/parts/alert-names.ts';
import { exceededThresholds } from '../../../src/server/api/exceeded-thresholds.ts';
import { UNSERVED_ALERT } from '../../../src/server/api/unserved.ts';
import { visibleState } from '../../../src/server/api/visible-state.ts';
import type { ItemsSnapshot } from '../../../src/state/environment-state.ts';
import { buildEnvironment, buildItem, buildItems, buildState, buildStats, NOW } from '../../support/states.ts';

const SEEN = NOW - 5000;
const HALF_OF_LIMIT_SECONDS = 150;
const OVERDUE = NOW - 151_000;
const running = (beatAgo: number) =>
  buildItem('w1', { state: 'active', acknowledgedAt: SEEN - 900_000, latestHeartbeatAt: SEEN - beatAgo * 1000 });
const cut = (items: ItemsSnapshot): ItemsSnapshot => ({
  ...items,
  lastFullRead: { at: SEEN, pages: 10, items: 1000, truncated: true },
});
const DEAD = buildItems([running(600)]);
const DEAD_FLEET = { stats: { depth: 3, workersPolling: 0, oldestQueuedAt: OVERDUE }, items: DEAD };

interface Situation {
  readonly stats: Parameters<typeof buildStats>[0];
  readonly items: ItemsSnapshot | null;
  readonly expected: 'critical' | 'warning' | 'nothing';
}

const SITUATIONS: Readonly<Record<string, Situation>> = {
  'nobody polls, and the list shows no live worker': { ...DEAD_FLEET, expected: 'critical' },
  'only pending work waits': {
    stats: { ...DEAD_FLEET.stats, depth: 0, pending: 2 },
    items: DEAD,
    expected: 'critical',
  },
  'the list is empty of running items': { ...DEAD_FLEET, items: buildItems(), expected: 'critical' },
  'the API gives no count, and the list shows no live worker': {
    stats: { ...DEAD_FLEET.stats, workersPolling: null },
    items: DEAD,
    expected: 'critical',
  },
  'no list is read': { ...DEAD_FLEET, items: null, expected: 'warning' },
  'the list is cut, so a worker may be beyond it': { ...DEAD_FLEET, items: cut(DEAD), expected: 'warning' },
  'neither a count nor a list': {
    stats: { ...DEAD_FLEET.stats, workersPolling: null },
    items: null,
    expected: 'nothing',
  },
  'the count is missing and the list is cut': {
    stats: { ...DEAD_FLEET.stats, workersPolling: null },
    items: cut(DEAD),
    expected: 'nothing',
  },
  'a busy worker keeps its item alive': { ...DEAD_FLEET, items: buildItems([running(20)]), expected: 'nothing' },
  'a busy worker is seen on a cut list': { ...DEAD_FLEET, items: cut(buildItems([running(20)])), expected: 'nothing' },
  'somebody polls': { stats: { ...DEAD_FLEET.stats, workersPolling: 1 }, items: DEAD, expected: 'nothing' },
  'the work has not waited for half of the limit': {
    stats: { ...DEAD_FLEET.stats, oldestQueuedAt: NOW - 149_000 },
    items: DEAD,
    expected: 'nothing',
  },
  'nothing waits': {
    stats: { depth: 0, pending: 0, workersPolling: 0, oldestQueuedAt: null },
    items: DEAD,
    expected: 'nothing',
  },
  'the API does not say since when work waits': {
    stats: { ...DEAD_FLEET.stats, oldestQueuedAt: null },
    items: DEAD,
    expected: 'nothing',
  },
};

it.each(Object.entries(SITUATIONS))('judges whether anybody takes the work: %s', (_, { stats, items, expected }) => {
  const environment = buildEnvironment();
  const state = buildState('env_1', { queue: { observedAt: SEEN, stats: buildStats(stats) }, items, environment });
  const found = exceededThresholds({ environment, visible: visibleState(state, NOW), apiNow: NOW }).filter(
    ({ alert }) => alert === UNSERVED_ALERT,
  );
  expect(found.map(({ severity }) => severity)).toEqual(expected === 'nothing' ? [] : [expected]);
});

it.each([149_000, 151_000, 4_000_000])('says since when, for work that was queued %d ms ago', (queuedAgo) => {
  const environment = buildEnvironment();
  const queue = { observedAt: SEEN, stats: buildStats({ ...DEAD_FLEET.stats, oldestQueuedAt: NOW - queuedAgo }) };
  const state = buildState('env_1', { queue, items: DEAD, environment });
  const [found] = exceededThresholds({ environment, visible: visibleState(state, NOW), apiNow: NOW });
  if (found?.alert !== UNSERVED_ALERT) {
    expect(queuedAgo / 1000).toBeLessThanOrEqual(HALF_OF_LIMIT_SECONDS);
    return;
  }
  expect(found.value).toBe(queuedAgo / 1000);
  expect(found.limit).toBe(HALF_OF_LIMIT_SECONDS);
  // It exceeds by as much as has passed since.
  expect((NOW - found.since!) / 1000).toBe(found.value - found.limit);
});

it('is an alert of the rules', () => {
  expect(Object.keys(ALERTS)).toContain(UNSERVED_ALERT);
});

it('switches off with the age limits', () => {
  const none = { warning: Number.POSITIVE_INFINITY, critical: Number.POSITIVE_INFINITY };
  const environment = buildEnvironment('env_1', {
    thresholds: { ...buildEnvironment().thresholds, queueAgeSeconds: none },
  });
  const queue = { observedAt: SEEN, stats: buildStats(DEAD_FLEET.stats) };
  const state = buildState('env_1', { queue, items: DEAD, environment });
  expect(exceededThresholds({ environment, visible: visibleState(state, NOW), apiNow: NOW })).not.toContainEqual(
    expect.objectContaining({ alert: UNSERVED_ALERT }),
  );
});
