import { describe, expect, it } from 'vitest';
import { JobQueue } from '../../../src/poller/schedule/job-queue.ts';
import type { PollJob } from '../../../src/poller/schedule/poll-job.ts';
import { beginFullScan, newPollJob } from '../../support/new-poll-job.ts';

/** What happens to a job of a list, one after the other, and whether its full scan is under way after each of them. */
const STEPS: Readonly<Record<string, (queue: JobQueue, job: PollJob) => void>> = {
  'is due': () => {},
  starts: (queue, job) => queue.started(job),
  'begins a full scan': (_, job) => beginFullScan(job),
  'ends its full scan': (_, job) => job.scanState.fullScans.abandon(),
  'waits for a permit': (queue, job) => queue.setWaiting(job, true),
  'got a permit': (queue, job) => queue.setWaiting(job, false),
  ends: (queue, job) => queue.ended(job),
  'ends with an error': (queue, job) => {
    job.failing = 'network';
    queue.ended(job);
  },
  'ends well': (queue, job) => {
    job.failing = null;
    queue.ended(job);
  },
  leaves: (queue) => queue.replace([]),
};

describe('a full scan is under way', () => {
  it.each([
    ['of a list that is read whole', ['is due', 'starts', 'begins a full scan', 'ends its full scan', 'ends'], '00100'],
    [
      'that goes on in the next read',
      ['starts', 'begins a full scan', 'ends', 'starts', 'ends its full scan'],
      '01110',
    ],
    [
      'that waits for permits',
      [
        'starts',
        'begins a full scan',
        'waits for a permit',
        'got a permit',
        'waits for a permit',
        'got a permit',
        'ends',
      ],
      '0111111',
    ],
    ['but not after its read failed', ['starts', 'begins a full scan', 'ends with an error'], '010'],
    [
      'again after a read that failed',
      [
        'starts',
        'begins a full scan',
        'ends with an error',
        'starts',
        'ends well',
        'starts',
        'ends its full scan',
        'ends',
      ],
      '01001100',
    ],
    [
      'but not of an environment that left while it was read',
      ['starts', 'begins a full scan', 'leaves', 'ends'],
      '0100',
    ],
    [
      'but not of one that left while it waited for a permit',
      ['starts', 'begins a full scan', 'waits for a permit', 'leaves', 'got a permit', 'ends'],
      '011000',
    ],
  ])('%s', (_, steps, expected) => {
    const queue = new JobQueue();
    const job = newPollJob('env_1', 'list');
    queue.replace([newPollJob('env_1', 'stats'), job]);
    const seen = steps.map((step) => {
      STEPS[step]!(queue, job);
      return queue.scanning();
    });
    expect(seen.map(({ length }) => length).join('')).toBe(expected);
    for (const scanning of seen) expect(scanning.filter((one) => one !== job)).toEqual([]);
  });
});

it('knows each environment once, and those of which the list is read, as the same arrays while the jobs are the same', () => {
  const queue = new JobQueue();
  const jobs = [newPollJob('env_1', 'stats'), newPollJob('env_1', 'list'), newPollJob('env_2', 'stats')];
  queue.replace(jobs);
  expect(queue.environmentIds).toEqual(['env_1', 'env_2']);
  expect(queue.listedIds).toEqual(['env_1']);
  expect(queue.environmentIds).toBe(queue.environmentIds);
  expect(queue.listedIds).toBe(queue.listedIds);
  queue.replace(jobs.slice(2));
  expect(queue.environmentIds).toEqual(['env_2']);
  expect(queue.listedIds).toEqual([]);
});

it.each([
  ['an environment that was answered before', { stats: 90, list: 80 }, { stats: null, list: null }],
  ['one that was answered since', { stats: 110, list: 120 }, { stats: 110, list: 120 }],
  ['one of which one operation was answered since', { stats: 110, list: 80 }, { stats: 110, list: 80 }],
  ['one of which one operation was never answered', { stats: 90, list: null }, { stats: null, list: null }],
])('when reads hang since 100, what is known of %s', (_, before, after) => {
  const [stats, list] = (['stats', 'list'] as const).map((operation) =>
    newPollJob('env_1', operation, { provenAt: before[operation] }),
  );
  const queue = new JobQueue();
  queue.replace([stats!, list!]);
  queue.forgetProvenBefore(100);
  expect({ stats: stats!.provenAt, list: list!.provenAt }).toEqual(after);
  expect(queue.next(1000, 8)).toBe(stats);
});
