import type { EpochMs } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { WorkQueue } from '../queue/work-queue.ts';
import type { WorkRecord } from '../queue/work-record.ts';
import type { Range } from './scenario.ts';

/** What everything that moves in an environment shares: its queue, chance, and a way to do something later. */
export interface ActivityContext {
  readonly queue: WorkQueue;
  readonly random: Random;
  /** Runs `run` at `at`, unless the activity that planned it is over by then. */
  schedule(at: EpochMs, run: (at: EpochMs) => void): void;
  /** Told when a worker acknowledged an item and when one was ended. */
  acknowledged(at: EpochMs, work: WorkRecord, runMs: number): void;
  ended(at: EpochMs, work: WorkRecord): void;
}

/** Milliseconds, evenly between the ends of a range of seconds. */
export function between([least, most]: Range, random: Random): number {
  return (least + (most - least) * random()) * 1000;
}

/** Milliseconds to the next of events that come at random, `perMinute` of them on average; Infinity for none. */
export function untilNext(perMinute: number, random: Random): number {
  return perMinute <= 0 ? Number.POSITIVE_INFINITY : (-Math.log(1 - random()) * 60_000) / perMinute;
}
