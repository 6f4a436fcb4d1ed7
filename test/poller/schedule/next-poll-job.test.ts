import { describe, expect, it } from 'vitest';
import { nextPollJob } from '../../../src/poller/schedule/next-poll-job.ts';
import { newPollJob } from '../../support/new-poll-job.ts';

const NONE = { inSlots: 0, hanging: 0, lists: 0 };
const capacity = { now: 0, running: NONE, maxConcurrent: 32 };

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

  it('prefers what was never read', () => {
    const known = newPollJob('env_1', 'list', { neverRead: false });
    const unread = newPollJob('env_2', 'list');
    expect(nextPollJob([known, unread], capacity)).toBe(unread);
  });

  it('never starts a job twice, nor more than the slots', () => {
    const first = newPollJob('env_1', 'stats', { running: true });
    expect(nextPollJob([first], { ...capacity, running: { inSlots: 1, hanging: 0, lists: 0 } })).toBeNull();
    const full = { ...capacity, running: { inSlots: 1, hanging: 0, lists: 0 }, maxConcurrent: 1 };
    expect(nextPollJob([newPollJob('env_2', 'stats')], full)).toBeNull();
  });

  it('leaves at most a quarter of the slots to environments whose last read timed out', () => {
    const hanging = [1, 2].map((n) => newPollJob(`env_${n}`, 'stats', { failing: 'timeout', running: true }));
    const another = newPollJob('env_3', 'stats', { failing: 'timeout' });
    const well = newPollJob('env_4', 'stats');
    const slots = { now: 0, running: { inSlots: 2, hanging: 2, lists: 0 }, maxConcurrent: 8 };
    expect(nextPollJob([...hanging, another], slots)).toBeNull();
    expect(nextPollJob([...hanging, another, well], slots)).toBe(well);
    expect(nextPollJob([...hanging, another], { ...slots, maxConcurrent: 12 })).toBe(another);
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
      const holding = (lists: number) => ({ now: 0, running: { inSlots: lists, hanging: 0, lists }, maxConcurrent });
      expect(nextPollJob([list, stats], holding(most - 1))).toBe(list);
      expect(nextPollJob([list, stats], holding(most))).toBe(stats);
      expect(nextPollJob([list], holding(most))).toBeNull();
    }
  });

  it('gives the only slot to a list, too', () => {
    expect(nextPollJob([newPollJob('env_1', 'list')], { ...capacity, maxConcurrent: 1 })?.operation).toBe('list');
  });

  it('gives one slot to those that time out even when there are few', () => {
    const only = newPollJob('env_1', 'stats', { failing: 'timeout' });
    expect(nextPollJob([only], { ...capacity, maxConcurrent: 1 })).toBe(only);
  });
});
