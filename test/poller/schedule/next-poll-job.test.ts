import { describe, expect, it } from 'vitest';
import { nextPollJob } from '../../../src/poller/schedule/next-poll-job.ts';
import { newPollJob } from '../../support/new-poll-job.ts';

const NONE = { inSlots: 0, slow: 0, unproven: 0, lists: 0 };
const capacity = { now: 0, running: NONE, maxConcurrent: 32, slowShare: 0 };

describe('nextPollJob', () => {
  it('finds nothing while nothing is due', () => {
    expect(nextPollJob([newPollJob('env_1', 'stats', { dueAt: 1 })], capacity)).toBeNull();
  });

  it('takes what is latest in units of its own interval', () => {
    const list = newPollJob('env_1', 'list', { dueAt: -20_000 });
    const stats = newPollJob('env_2', 'stats', { dueAt: -14_000 });
    expect(nextPollJob([list, stats], capacity)).toBe(stats);
    expect(nextPollJob([list, stats], { ...capacity, now: 1_000_000 })).toBe(stats);
    stats.dueAt = -9_000;
    expect(nextPollJob([list, stats], capacity)).toBe(list);
  });

  it('starts with all stats in the order of the configuration, then the lists', () => {
    const jobs = [
      newPollJob('env_1', 'stats'),
      newPollJob('env_1', 'list'),
      newPollJob('env_2', 'stats'),
      newPollJob('env_2', 'list'),
    ];
    const started: string[] = [];
    for (let next = nextPollJob(jobs, capacity); next !== null; next = nextPollJob(jobs, capacity)) {
      next.running = true;
      started.push(`${next.environment.id} ${next.operation}`);
    }
    expect(started).toEqual(['env_1 stats', 'env_2 stats', 'env_1 list', 'env_2 list']);
  });

  it('a job that was never read goes first', () => {
    const known = newPollJob('env_1', 'list', { neverRead: false });
    const unread = newPollJob('env_2', 'list');
    expect(nextPollJob([known, unread], capacity)).toBe(unread);
  });

  it('never starts a job twice, nor more than the slots', () => {
    const first = newPollJob('env_1', 'stats', { running: true });
    expect(nextPollJob([first], { ...capacity, running: { inSlots: 1, slow: 0, unproven: 0, lists: 0 } })).toBeNull();
    const full = { ...capacity, running: { inSlots: 1, slow: 0, unproven: 0, lists: 0 }, maxConcurrent: 1 };
    expect(nextPollJob([newPollJob('env_2', 'stats')], full)).toBeNull();
  });

  it.each([
    [8, 'held by unproven jobs', { slow: 0, unproven: 6 }, 'proven'],
    [8, 'held by unproven and slow jobs', { slow: 2, unproven: 4 }, 'proven'],
    [8, 'not held by them', { slow: 2, unproven: 3 }, 'unproven'],
    [2, 'held by an unproven job', { slow: 0, unproven: 1 }, 'proven'],
    [1, 'free', { slow: 0, unproven: 0 }, 'unproven'],
  ])('of %d slots, the last quarter is for proven jobs: three quarters %s', (maxConcurrent, _, held, next) => {
    const unproven = newPollJob('env_1', 'stats', { dueAt: -1_000_000 });
    const proven = newPollJob('env_2', 'stats', { neverRead: false, provenAt: 0 });
    const running = { ...held, inSlots: held.slow + held.unproven, lists: 0 };
    expect(nextPollJob([unproven, proven], { ...capacity, running, maxConcurrent })).toBe(
      next === 'proven' ? proven : unproven,
    );
    // While no proven job waits, all slots are for the others.
    expect(nextPollJob([unproven], { ...capacity, running, maxConcurrent })).toBe(unproven);
  });

  it.each([
    { slots: 1, slowShare: 0, most: 1 },
    { slots: 8, slowShare: 0.01, most: 2 },
    { slots: 12, slowShare: 0.01, most: 3 },
    { slots: 32, slowShare: 0.25, most: 8 },
    { slots: 32, slowShare: 0.5, most: 16 },
    { slots: 32, slowShare: 0.999, most: 31 },
    { slots: 32, slowShare: 1, most: 32 },
  ])('gives slow jobs $most of $slots slots where $slowShare of all jobs are slow', ({ slots, slowShare, most }) => {
    const slow = newPollJob('env_1', 'stats', { slow: true, dueAt: -1_000_000 });
    const quick = newPollJob('env_2', 'stats');
    const holding = (count: number) => ({
      ...{ now: 0, maxConcurrent: slots, slowShare },
      running: { inSlots: count, slow: count, unproven: 0, lists: 0 },
    });
    expect(nextPollJob([slow], holding(most - 1))).toBe(slow);
    expect(nextPollJob([slow], holding(most))).toBeNull();
    // The others come first in all but a quarter, however late the slow ones are.
    const quarter = Math.max(1, slots / 4);
    expect(nextPollJob([slow, quick], holding(quarter - 1))).toBe(slow);
    expect(nextPollJob([slow, quick], holding(Math.max(quarter, most - 1)))).toBe(quarter < slots ? quick : null);
    expect(nextPollJob([slow, quick], holding(most))).toBe(most < slots ? quick : null);
  });

  it('leaves a quarter of the slots to stats, however many lists are due', () => {
    const list = newPollJob('env_1', 'list', { dueAt: -1_000_000 });
    const stats = newPollJob('env_2', 'stats');
    for (const [maxConcurrent, most] of [
      [2, 1],
      [4, 3],
      [8, 6],
      [32, 24],
    ] as const) {
      const holding = (lists: number) => ({
        ...{ now: 0, maxConcurrent, slowShare: 0 },
        running: { inSlots: lists, slow: 0, unproven: 0, lists },
      });
      expect(nextPollJob([list, stats], holding(most - 1))).toBe(list);
      expect(nextPollJob([list, stats], holding(most))).toBe(stats);
      expect(nextPollJob([list], holding(most))).toBeNull();
    }
  });

  it('gives the only slot to a list, too', () => {
    expect(nextPollJob([newPollJob('env_1', 'list')], { ...capacity, maxConcurrent: 1 })?.operation).toBe('list');
  });
});
