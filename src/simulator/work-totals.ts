/** A count and a sum of seconds: enough to check a histogram. */
export interface DurationTotal {
  readonly count: number;
  readonly sum: number;
}

/** Everything that ever happened in an environment, counted where it happens. */
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

  /** Adds one duration, milliseconds; a negative one counts as 0. */
  observe(kind: 'wait' | 'run' | 'stop', durationMs: number): void {
    const total = this[kind];
    this[kind] = { count: total.count + 1, sum: total.sum + Math.max(0, durationMs) / 1000 };
  }
}
