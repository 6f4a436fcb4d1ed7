import { expect, it } from 'vitest';
import { environmentStatus, visibleState } from '../../../src/server/api/visible-state.ts';
import type { EnvironmentState } from '../../../src/state/environment-state.ts';
import {
  buildItems,
  buildOperation,
  buildState,
  buildStats,
  failingOperation,
  NOW,
  untriedOperation,
} from '../../support/states.ts';

const status = (state: EnvironmentState, now = NOW) => environmentStatus(state, visibleState(state, now), now);
const good = buildOperation();
const untried = untriedOperation();
const refused = failingOperation('unauthorized');
const withoutCredential = untriedOperation({ attempted: false });

it('values stay until they are older than stale_after, then disappear', () => {
  const state = buildState('env_1', {
    queue: { observedAt: NOW - 90_000, stats: buildStats() },
    items: buildItems([], { observedAt: NOW - 90_001 }),
  });
  expect(visibleState(state, NOW)).toMatchObject({ queue: state.queue, items: null });
  expect(visibleState(state, NOW + 1)).toMatchObject({ queue: null, items: null });
});

it('values from the future go too: the clock was set back, so nothing tells their age', () => {
  const state = buildState('env_1', {
    queue: { observedAt: NOW + 90_000, stats: buildStats() },
    items: buildItems([], { observedAt: NOW + 90_001 }),
  });
  expect(visibleState(state, NOW)).toMatchObject({ queue: state.queue, items: null });
});

it('a stretched interval keeps them for three of it', () => {
  const stretched = buildOperation({ scheduledIntervalMs: 60_000 });
  const state = buildState('env_1', {
    operations: { stats: stretched, list: good },
    queue: { observedAt: NOW - 180_000, stats: buildStats() },
  });
  expect(visibleState(state, NOW).queue).toBe(state.queue);
  expect(visibleState(state, NOW + 1).queue).toBeNull();
});

it.each<[string, Partial<EnvironmentState>]>([
  ['ok', {}],
  ['ok', { operations: { stats: good, list: withoutCredential }, items: null }],
  ['ok', { operations: { stats: withoutCredential, list: good }, queue: null }],
  ['starting', { operations: { stats: untried, list: untried }, queue: null, items: null }],
  ['starting', { operations: { stats: good, list: untried }, items: null }],
  ['misconfigured', { operations: { stats: withoutCredential, list: withoutCredential }, queue: null, items: null }],
  ['degraded', { pausedUntil: NOW + 60_000 }],
  ['blind', { pausedUntil: NOW + 60_000, operations: { stats: untried, list: untried }, queue: null, items: null }],
  ['ok', { pausedUntil: null }],
  ['degraded', { operations: { stats: refused, list: good } }],
  ['degraded', { operations: { stats: good, list: refused }, items: null }],
  ['degraded', { items: null }],
  ['degraded', { items: buildItems([], { lastFullRead: { at: NOW, pages: 9, items: 9, truncated: true } }) }],
  ['blind', { operations: { stats: refused, list: good }, queue: null }],
  ['blind', { operations: { stats: refused, list: untried }, queue: null, items: null }],
  ['blind', { operations: { stats: withoutCredential, list: refused }, queue: null, items: null }],
  ['misconfigured', { operations: { stats: failingOperation('not_self_hosted'), list: good } }],
  ['misconfigured', { operations: { stats: good, list: failingOperation('not_found') } }],
])('%s: %o', (expected, change) => {
  expect(status(buildState('env_1', change))).toBe(expected);
});

it('an environment that nobody reads any more goes blind by its age alone', () => {
  expect(status(buildState(), NOW + 3_600_000)).toBe('blind');
});
