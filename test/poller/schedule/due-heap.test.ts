import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DueHeap } from '../../../src/poller/schedule/due-heap.ts';
import { newPollJob } from '../../support/new-poll-job.ts';

it('gives jobs in the order of their due times, and says when the next one is due', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 50 })), (times) => {
      const heap = new DueHeap();
      for (const [n, dueAt] of times.entries()) heap.push(newPollJob(`env_${n}`, 'stats', { dueAt }));
      const taken: number[] = [];
      for (let at = heap.nextAt(); at < Number.POSITIVE_INFINITY; at = heap.nextAt()) {
        const { dueAt } = heap.take();
        expect(dueAt).toBe(at);
        taken.push(dueAt);
      }
      expect(taken).toEqual([...times].sort((a, b) => a - b));
    }),
  );
});

it('passes over what runs, and over where a job was due before it was moved', () => {
  const heap = new DueHeap();
  const running = newPollJob('env_1', 'stats', { dueAt: 1 });
  const sooner = newPollJob('env_2', 'stats', { dueAt: 9 });
  const later = newPollJob('env_3', 'stats', { dueAt: 2 });
  for (const job of [running, sooner, later]) heap.push(job);
  running.running = true;
  sooner.dueAt = 4;
  heap.push(sooner);
  later.dueAt = 7;
  heap.push(later);
  const order: string[] = [];
  for (let at = heap.nextAt(); at < Number.POSITIVE_INFINITY; at = heap.nextAt()) {
    order.push(`${heap.take().environment.id} at ${at}`);
  }
  expect(order).toEqual(['env_2 at 4', 'env_3 at 7']);
});

it('keeps their order, and few old entries, however often jobs that are due in a day are moved', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(4), fc.nat(3)), { minLength: 200, maxLength: 400 }), (moves) => {
      const heap = new DueHeap();
      const jobs = Array.from({ length: 5 }, (_, n) => newPollJob(`env_${n}`, 'list', { dueAt: 86_400_000, order: n }));
      const taken = newPollJob('env_taken', 'list', { dueAt: 86_400_000 });
      for (const job of [...jobs, taken]) heap.push(job);
      taken.dueAt = 0;
      heap.push(taken);
      expect([heap.nextAt(), heap.take()]).toEqual([0, taken]);
      for (const [n, dueAt] of moves) {
        jobs[n]!.dueAt = dueAt;
        heap.push(jobs[n]!);
        expect(heap.size).toBeLessThanOrEqual(32);
      }
      const given = new Set<string>();
      for (let at = heap.nextAt(); at < Number.POSITIVE_INFINITY; at = heap.nextAt()) {
        given.add(`${heap.take().environment.id} at ${at}`);
      }
      const wanted = jobs.toSorted((one, other) => one.dueAt - other.dueAt || one.order - other.order);
      expect([...given]).toEqual(wanted.map(({ environment, dueAt }) => `${environment.id} at ${dueAt}`));
    }),
  );
});
