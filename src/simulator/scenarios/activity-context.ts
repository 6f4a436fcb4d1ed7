import type { EpochMs } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { WorkQueue } from '../queue/work-queue.ts';
import type { WorkRecord } from '../queue/work-record.ts';
import type { Range } from './scenario.ts';

/** What all activity in an environment shares: its queue, random numbers, and a way to schedule something. */
export interface ActivityContext {
  readonly queue: WorkQueue;
  readonly random: Random;
  /** Calls `run` at `at`, unless the activity that scheduled it has ended by then. */
  schedule(at: EpochMs, run: (at: EpochMs) => void): void;
  /** Called when a worker has acknowledged an item, and when an item has been stopped. */
  acknowledged(at: EpochMs, work: WorkRecord, runMs: number): void;
  ended(at: EpochMs, work: WorkRecord): void;
}

/** Milliseconds, uniformly distributed over a range of seconds. */
export function between([least, most]: Range, random: Random): number {
  return (least + (most - least) * random()) * 1000;
}

/** Milliseconds to the next of randomly distributed events, `perMinute` on average; Infinity for none. */
export function untilNext(perMinute: number, random: Random): number {
  return perMinute <= 0 ? Number.POSITIVE_INFINITY : (-Math.log(1 - random()) * 60_000) / perMinute;
}
