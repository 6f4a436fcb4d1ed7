import { describe, expect, it } from 'vitest';
import { LIVE_STATES, type LiveState } from '../../src/domain/work.ts';
import type { Refusal } from '../../src/server/answers.ts';
import { scalingJson } from '../../src/server/environment-json.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import {
  buildEnvironment,
  buildItem,
  buildItems,
  buildOperation,
  buildState,
  buildStats,
  failingOperation,
  NOW,
  untriedOperation,
} from '../support/states.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** An environment with so many items in each state, as a read five seconds ago saw it. */
function environmentOf(
  counts: Partial<Record<LiveState | 'pending', number>>,
  [itemsPerWorker, minWorkers, maxWorkers]: readonly [number, number, number] = [1, 0, NEVER],
  change: Partial<EnvironmentState> = {},
): EnvironmentState {
  const live = LIVE_STATES.flatMap((state) =>
    Array.from({ length: counts[state] ?? 0 }, (_, index) => buildItem(`work_${state}_${index}`, { state })),
  );
  const stats = buildStats({ depth: counts.queued ?? 0, pending: counts.pending ?? 0 });
  return buildState('env_1', {
    environment: buildEnvironment('env_1', { scaling: { itemsPerWorker, minWorkers, maxWorkers } }),
    queue: { observedAt: NOW - 5000, stats },
    items: buildItems(live),
    ...change,
  });
}

const AT = { now: NOW, pausedUntil: () => null };

function wantedOf(state: EnvironmentState, at: Parameters<typeof scalingJson>[1] = AT) {
  try {
    return scalingJson(state, at).wanted_workers;
  } catch (error) {
    expect(error).toMatchObject({ code: 'scaling_unknown' });
    return `unknown for ${(error as Refusal).details.headers?.['retry-after']} s`;
  }
}

it.each<readonly [string, Parameters<typeof environmentOf>[0], Parameters<typeof environmentOf>[1], number]>([
  ['nothing to do: none', {}, undefined, 0],
  ['claimed work counts', { queued: 1, pending: 2 }, undefined, 3],
  ['an empty queue, and every worker busy: all stay', { active: 4 }, undefined, 4],
  ['items that start or stop are held by a worker, too', { starting: 1, active: 1, stopping: 1 }, undefined, 3],
  ['waiting and running work adds up, three items a worker', { queued: 3, active: 4 }, [3, 0, NEVER], 3],
  ['never below the minimum', {}, [1, 2, 9], 2],
  ['never above the maximum', { queued: 50 }, [1, 2, 9], 9],
  ['a maximum of 0 switches the workers off', { queued: 5 }, [1, 0, 0], 0],
])('%s', (_, counts, scaling, wanted) => {
  expect(wantedOf(environmentOf(counts, scaling))).toBe(wanted);
});

it('the answer about scaling has exactly these members', () => {
  expect(scalingJson(environmentOf({ queued: 3, active: 4 }), AT)).toEqual({
    schema: 1,
    environment_id: 'env_1',
    observed_at: '2026-11-24T11:59:55.000Z',
    age_seconds: 5,
    queue_depth: 3,
    queue_pending: 0,
    live_items: 4,
    wanted_workers: 7,
  });
});

it('does not guess where no credential reads the list: running work is unknown', () => {
  const operations = { stats: buildOperation(), list: untriedOperation({ attempted: false }) };
  const scaling = scalingJson(environmentOf({ queued: 3 }, undefined, { operations, items: null }), AT);
  expect(scaling).toMatchObject({ queue_depth: 3, live_items: null, wanted_workers: null });
});

describe('what is not known is no number', () => {
  const good = buildOperation();
  const unread = untriedOperation({ attempted: false });
  const old = (ms: number) => ({ observedAt: NOW - ms, stats: buildStats({ depth: 0 }) });
  const cut = { at: NOW - 5000, pages: 1000, items: 100_000, truncated: true };

  it.each<readonly [string, Partial<EnvironmentState>]>([
    ['stats never read', { queue: null, operations: { stats: untriedOperation(), list: good } }],
    ['stats fails', { operations: { stats: failingOperation('unauthorized'), list: good } }],
    ['stats too old', { queue: old(91_000) }],
    ['stats from the future, after the clock was set back', { queue: old(-91_000) }],
    ['no credential', { queue: null, operations: { stats: unread, list: good } }],
    ['the list never read', { items: null, operations: { stats: good, list: untriedOperation() } }],
    ['the list fails', { operations: { stats: good, list: failingOperation('server_error') } }],
    ['the list too old', { items: buildItems([], { observedAt: NOW - 91_000 }) }],
    ['the list cut', { items: buildItems([], { lastFullRead: cut }) }],
  ])('%s', (_, change) => {
    expect(wantedOf(environmentOf({}, undefined, change))).toMatch(/^unknown for/);
  });

  it.each([
    ['at the next read', 10_000, 10],
    ['at least a second later', -5000, 1],
    ['at most five minutes later', 3_600_000, 300],
  ])('it may be asked again %s', (_, nextMs, seconds) => {
    const stats = failingOperation('server_error', { nextAttemptAt: NOW + nextMs });
    const state = environmentOf({}, undefined, { operations: { stats, list: good } });
    expect(wantedOf(state)).toBe(`unknown for ${seconds} s`);
  });

  it('it may not be asked again before the end of a pause after a 429, when nothing is read', () => {
    const stats = failingOperation('rate_limited', { nextAttemptAt: NOW + 10_000 });
    const state = environmentOf({}, undefined, { operations: { stats, list: good } });
    expect(wantedOf(state, { now: NOW, pausedUntil: () => NOW + 45_000 })).toBe('unknown for 45 s');
  });
});
