import type { Job } from './poll-job.ts';

/**
 * The interval that a job's state shows. In a list without an order a new item may stand anywhere, so it is known after
 * a walk and not after a read: the time of a walk is the honest interval then. algorithms.md, 1.8.
 */
export function intervalInForceMs({ intervalMs, memory }: Job): number {
  const { order, lastWalk } = memory;
  if (order !== 'none' || lastWalk === null) return intervalMs;
  return Math.max(intervalMs, lastWalk.endedMonotonic - lastWalk.startedMonotonic);
}
