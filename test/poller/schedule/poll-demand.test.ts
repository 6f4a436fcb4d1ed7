import { describe, expect, it } from 'vitest';
import { pollDemandOf } from '../../../src/poller/schedule/poll-demand.ts';
import type { PollJob } from '../../../src/poller/schedule/poll-job.ts';
import type { EnvironmentState } from '../../../src/state/environment-state.ts';
import { newPollJob } from '../../support/new-poll-job.ts';
import { buildItem, buildItems, buildState, buildStats, NOW } from '../../support/states.ts';

const MINUTE = 60_000;
/** Read an hour ago for the first time; nothing waits, nothing runs, and nothing has changed since. */
const QUIET: Partial<PollJob> = { neverRead: false, changedAt: -60 * MINUTE };

/** What stats and list of an environment show. */
function showing(stats: Parameters<typeof buildStats>[0], live: readonly string[] = []): EnvironmentState {
  const items = buildItems(live.map((id) => buildItem(id, { state: 'active' })));
  return buildState('env_1', { queue: { observedAt: NOW, stats: buildStats({ depth: 0, ...stats }) }, items });
}

describe('an environment', () => {
  it.each<[what: string, active: boolean, job: Partial<PollJob>, state: EnvironmentState | undefined]>([
    ['without work is idle', false, QUIET, showing({})],
    ['in which an item waits is active', true, QUIET, showing({ depth: 1 })],
    ['in which an item is claimed is active', true, QUIET, showing({ pending: 1 })],
    ['in which an item runs is active', true, QUIET, showing({}, ['work_a'])],
    ['that was never read is active', true, { ...QUIET, neverRead: true }, showing({})],
    ['of which nothing is known is active', true, QUIET, undefined],
    ['that has never had stats or a list is idle', false, QUIET, buildState('env_1', { queue: null, items: null })],
    ['is active for five minutes after a change', true, { ...QUIET, changedAt: 1 - 5 * MINUTE }, showing({})],
    ['is idle from then on', false, { ...QUIET, changedAt: -5 * MINUTE }, showing({})],
    ['that cannot be read is idle, whatever it showed', false, { ...QUIET, failing: 'timeout' }, showing({ depth: 9 })],
    ['that cannot be read is idle from the first read', false, { neverRead: true, failing: 'network' }, undefined],
  ])('%s', (_, active, job, state) => {
    expect(pollDemandOf(newPollJob('env_1', 'stats', job), state, 0).active).toBe(active);
  });

  it('asks for each read by its own interval, its own longest one, and what it usually costs', () => {
    const [stats, list] = [newPollJob('env_1', 'stats'), newPollJob('env_1', 'list', { requestsPerRead: 2.5 })];
    const { poll } = stats.environment;
    const [maxStatsIntervalMs, maxListIntervalMs] = [45_000, 150_000];
    for (const job of [stats, list]) {
      job.environment = { ...job.environment, poll: { ...poll, maxStatsIntervalMs, maxListIntervalMs } };
    }
    expect(pollDemandOf(stats, undefined, 0)).toEqual({
      active: true,
      configuredMs: 15_000,
      longestMs: 45_000,
      cost: 1,
    });
    expect(pollDemandOf(list, undefined, 0)).toMatchObject({ configuredMs: 30_000, longestMs: 150_000, cost: 2.5 });
  });
});

/** A job whose environment nothing has happened in for ten minutes. */
const idle = () => newPollJob('env_1', 'stats', { neverRead: false, changedAt: -10 * MINUTE });
const STATE = buildState('env_1', { queue: null, items: null });

it('is the same object as long as it says the same', () => {
  const job = idle();
  const first = pollDemandOf(job, STATE, 0);
  expect(first.active).toBe(false);
  expect(pollDemandOf(job, STATE, MINUTE)).toBe(first);
});

it.each<[string, (job: PollJob) => void, object]>([
  ['something happened', (job) => Object.assign(job, { changedAt: 0 }), { active: true }],
  ['another interval was configured', (job) => Object.assign(job, { configuredMs: 5000 }), { configuredMs: 5000 }],
  [
    'another longest interval was configured',
    (job) => {
      const { environment } = job;
      job.environment = { ...environment, poll: { ...environment.poll, maxStatsIntervalMs: 90_000 } };
    },
    { longestMs: 90_000 },
  ],
  ['a read took more requests', (job) => Object.assign(job, { requestsPerRead: 3 }), { cost: 3 }],
])('says something else after %s', (_, change, expected) => {
  const job = idle();
  const before = pollDemandOf(job, STATE, 0);
  change(job);
  const after = pollDemandOf(job, STATE, 0);
  expect(after).toEqual({ ...before, ...expected });
  expect(after).not.toEqual(before);
});
