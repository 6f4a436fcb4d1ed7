import { expect, it } from 'vitest';
import { readSummary, untriedOutcome } from '../../../src/cli/check/live-outcome.ts';
import type { WorkState } from '../../../src/domain/work.ts';
import { PRESETS } from '../../../src/wire/presets.ts';
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

it.each([
  ['config', true, 'set environment_key_file of env_1.'],
  ['config', false, 'set ANTHROPIC_ENVIRONMENT_KEY (for several ids: as many keys, in the same order).'],
  ['discovery', true, 'put it into a file named env_1 in discovery.environment_keys_dir.'],
  [
    'discovery',
    false,
    'save it as env_1 in a directory that a configuration file names as discovery.environment_keys_dir.',
  ],
] as const)('where a missing key goes: of an environment from %s, with a file: %s', (source, hasFile, place) => {
  const state = buildState('env_1');
  const environment = { ...state.environment, name: 'prod', source };
  const { remedy } = untriedOutcome({ ...state, environment }, 'list', { preset: PRESETS.anthropic, hasFile });
  expect(remedy).toBe(`Console → Environments → prod → Environment keys → Create, then ${place}`);
});

it.each([
  [true, 'Set api_key_file of connection default.'],
  [false, 'Set ANTHROPIC_API_KEY.'],
])('where a missing API key goes, with a file: %s', (hasFile, remedy) => {
  const outcome = untriedOutcome(buildState('env_1'), 'stats', { preset: PRESETS.aws, hasFile });
  expect(outcome.remedy).toBe(remedy);
});
