import { expect, it } from 'vitest';
import { readSummary } from '../../../src/cli/check/live-outcome.ts';
import type { WorkState } from '../../../src/domain/work.ts';
import { buildItem, buildItems, buildState, buildStats, NOW } from '../../support/states.ts';

const itemsIn = (...states: WorkState[]) =>
  buildItems(states.map((state, index) => buildItem(`work_${index}`, { state })));

it.each([
  [itemsIn(), '0 queued, 0 running'],
  [
    itemsIn(...new Array<WorkState>(200).fill('queued'), 'starting', 'active', 'active', 'stopping'),
    '200 queued, 4 running',
  ],
  [itemsIn('queued', 'other'), '1 queued, 0 running, 1 in an unknown state'],
])('of a list, those that wait do not count as running: %#', (items, summary) => {
  expect(readSummary(buildState('env_1', { items }), 'list')).toBe(summary);
});

it('of statistics', () => {
  const queue = { observedAt: NOW, stats: buildStats({ depth: 3, pending: 1, workersPolling: null }) };
  expect(readSummary(buildState('env_1', { queue }), 'stats')).toBe('depth 3, pending 1, workers polling unknown');
});

it('is empty where nothing was read', () => {
  const nothing = { queue: null, items: null };
  expect([readSummary(nothing, 'stats'), readSummary(nothing, 'list')]).toEqual(['', '']);
});
