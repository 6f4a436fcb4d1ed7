import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DueJobs } from '../../../src/poller/schedule/due-jobs.ts';
import { nextPollJob } from '../../../src/poller/schedule/next-poll-job.ts';
import { newPollJob } from '../../support/new-poll-job.ts';

const NOW = 100_000;

const changes = fc.array(
  fc.record({
    operation: fc.constantFrom('stats' as const, 'list' as const),
    dueAt: fc.integer({ min: NOW - 20, max: NOW }),
    intervalMs: fc.constantFrom(15_000, 30_000, 31_000),
    slow: fc.boolean(),
    neverRead: fc.boolean(),
    provenAt: fc.constantFrom(null, 5),
  }),
  { maxLength: 40 },
);

it('offers the job that would be chosen from all that are due, start after start', () => {
  fc.assert(
    fc.property(changes, fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.nat({ max: 3 }), (all, slow, lists, unproven) => {
      const jobs = all.map(({ operation, ...change }, n) => newPollJob(`env_${n}`, operation, change));
      const due = new DueJobs();
      for (const job of jobs) due.add(job);
      const capacity = { now: NOW, running: { inSlots: 0, slow, unproven, lists }, maxConcurrent: 4, slowShare: 0 };
      for (let started = 0; started <= jobs.length; started++) {
        const next = nextPollJob(due.first(), capacity);
        expect(next).toBe(nextPollJob(jobs, capacity));
        if (next === null) break;
        next.running = true;
      }
    }),
  );
});

it('offers as many jobs as there are kinds, however many are due, and none that is due at another time by now', () => {
  const due = new DueJobs();
  const jobs = Array.from({ length: 1000 }, (_, n) => newPollJob(`env_${n}`, n % 2 ? 'stats' : 'list', { dueAt: n }));
  for (const job of jobs) due.add(job);
  expect(due.first()).toEqual([jobs[0], jobs[1]]);
  jobs[0]!.dueAt += 5000;
  jobs[1]!.running = true;
  expect(due.first()).toEqual([jobs[2], jobs[3]]);
  due.clear();
  expect(due.first()).toEqual([]);
});
