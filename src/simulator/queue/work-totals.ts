import type { Switches } from './switches.ts';
import type { WorkRecord } from './work-record.ts';

/** A count and a sum of seconds: enough to check a histogram. */
export interface DurationTotal {
  readonly count: number;
  /** Seconds. */
  readonly sum: number;
}

/** Everything that has ever happened in an environment, counted where it happens. */
export class WorkTotals {
  created = 0;
  acknowledged = 0;
  stopped = 0;
  requeued = 0;
  lapsed = 0;
  /** Acknowledged − queued, sessions only. */
  wait: DurationTotal = { count: 0, sum: 0 };
  /** Stopped − acknowledged. */
  run: DurationTotal = { count: 0, sum: 0 };
  /** Stopped − stop requested. */
  stop: DurationTotal = { count: 0, sum: 0 };

  /** A session that ended before anything was simulated. */
  countPast(work: WorkRecord, startedAt: Switches['startedAt']): void {
    this.created++;
    this.countAcknowledged(work, startedAt);
    this.countStopped(work);
  }

  /** An item that has just been acknowledged; `startedAt` says what the stamp of that name means. */
  countAcknowledged(work: WorkRecord, startedAt: Switches['startedAt']): void {
    this.acknowledged++;
    const enqueued = startedAt === 'enqueue' ? (work.startedAt ?? work.queuedAt) : work.queuedAt;
    if (work.type === 'session') this.wait = plus(this.wait, work.acknowledgedAt! - enqueued);
  }

  /** An item that has just stopped, whether it ran or not. */
  countStopped(work: WorkRecord): void {
    this.stopped++;
    const ran = work.acknowledgedAt !== null && work.acknowledgedAt >= work.queuedAt;
    if (ran) this.run = plus(this.run, work.stoppedAt! - work.acknowledgedAt!);
    if (work.stopRequestedAt !== null) this.stop = plus(this.stop, work.stoppedAt! - work.stopRequestedAt);
  }
}

/** Adds one duration, milliseconds; a negative one counts as 0. */
function plus({ count, sum }: DurationTotal, durationMs: number): DurationTotal {
  return { count: count + 1, sum: sum + Math.max(0, durationMs) / 1000 };
}
