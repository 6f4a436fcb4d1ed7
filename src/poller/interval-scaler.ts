import type { CancelTimer } from '../base/clock.ts';
import { NO_SCALING, type StretchFactors, scaleIntervals } from './interval-scaling.ts';
import type { PollConnection } from './poll-connection.ts';
import type { PollJob } from './poll-job.ts';
import type { PollerDeps } from './poller-deps.ts';

/** How often the schedule is compared with the budget: docs/design/budget.md#interval-scaling. */
const SCALE_EVERY_MS = 10_000;

export interface IntervalScalerDeps extends Pick<PollerDeps, 'states' | 'clock' | 'log'> {
  connection(): PollConnection;
  jobs(): readonly PollJob[];
  /** Called when the intervals may have changed. */
  scaled(): void;
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
    this.#cancelTimer = this.#deps.clock.setTimer(SCALE_EVERY_MS, () => {
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
    this.#factors = scaleIntervals(jobs(), options);
    log.intervalsScaled(name, before, this.#factors);
    scaled();
  }
}
