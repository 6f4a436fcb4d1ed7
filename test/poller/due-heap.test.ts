import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DueHeap } from '../../src/poller/due-heap.ts';
import { newPollJob } from '../support/new-poll-job.ts';

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
