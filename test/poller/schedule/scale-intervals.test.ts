import { expect, it } from 'vitest';
import { NO_SCALING, scaleIntervals } from '../../../src/poller/schedule/interval-scaling.ts';
import type { PollJob } from '../../../src/poller/schedule/poll-job.ts';
import { MemoryStateStore } from '../../../src/state/store.ts';
import { newPollJob } from '../../support/new-poll-job.ts';

const NOW = 100_000;
const LATE = NOW + 300_000;
/** 1.8 scheduled requests a minute, where a list that is read every 30 s needs two. */
const TOO_FEW = 2;
const ENOUGH = 240;

function scaled(job: PollJob, requestsPerMinute: number) {
  return scaleIntervals([job], { states: new MemoryStateStore(), now: NOW, requestsPerMinute, before: NO_SCALING });
}

it('an interval is lengthened until the reads fit, and their times are planned anew once', () => {
  const job = newPollJob('env_1', 'list', { dueAt: NOW + 1000 });
  expect(scaled(job, TOO_FEW).isRescheduled).toBe(true);
  expect(job.intervalMs).toBeCloseTo(30_000 / 0.9, 3);
  expect(job.dueAt).toBe(NOW + 1000);
  expect(scaled(job, TOO_FEW).isRescheduled).toBe(false);
});

it.each<[what: string, job: Partial<PollJob>, dueAt: number]>([
  ['applies from now', { dueAt: LATE }, NOW + 30_000],
  ['delays no read', { dueAt: NOW + 1000 }, NOW + 1000],
  ['shortens no backoff', { dueAt: LATE, failing: 'network' }, LATE],
])('a shorter interval %s', (_, change, dueAt) => {
  const job = newPollJob('env_1', 'list', { intervalMs: 90_000, ...change });
  expect(scaled(job, ENOUGH)).toEqual({ factors: NO_SCALING, isRescheduled: true });
  expect(job).toMatchObject({ intervalMs: 30_000, dueAt });
});
