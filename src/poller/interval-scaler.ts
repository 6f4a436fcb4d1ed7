import { setAlignedTimer } from '../base/aligned-timer.ts';
import type { CancelTimer } from '../base/clock.ts';
import type { PollConnection } from './reads/poll-connection.ts';
import type { PollerDeps } from './reads/poller-deps.ts';
import { NO_SCALING, type StretchFactors, scaleIntervals } from './schedule/interval-scaling.ts';
import type { PollJob } from './schedule/poll-job.ts';

/** How often the schedule is compared with the budget: docs/design/budget.md#interval-scaling. */
const SCALE_EVERY_MS = 10_000;

export interface IntervalScalerDeps extends Pick<PollerDeps, 'states' | 'clock' | 'log'> {
  connection(): PollConnection;
  jobs(): readonly PollJob[];
  /** Called after each comparison; `isRescheduled` if some intervals, and so some due times, have changed. */
  scaled(isRescheduled: boolean): void;
}

/** Repeatedly fits the intervals of one connection's jobs into its budget. */
export class IntervalScaler {
  readonly #deps: IntervalScalerDeps;
  #factors: StretchFactors = NO_SCALING;
  #cancelTimer: CancelTimer = () => {};

  constructor(deps: IntervalScalerDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#cancelTimer = setAlignedTimer(this.#deps.clock, SCALE_EVERY_MS, () => {
      this.#scale();
      this.start();
    });
  }

  stop(): void {
    this.#cancelTimer();
  }

  #scale(): void {
    const { states, clock, log, connection, jobs, scaled } = this.#deps;
    const { name, budget } = connection();
    const before = this.#factors;
    const options = { states, now: clock.monotonic(), requestsPerMinute: budget.configuredPerMinute, before };
    const { factors, isRescheduled } = scaleIntervals(jobs(), options);
    this.#factors = factors;
    log.intervalsScaled(name, before, factors);
    scaled(isRescheduled);
  }
}
