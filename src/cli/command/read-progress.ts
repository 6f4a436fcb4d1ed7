import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';

/** Between two lines. A long list, at the default budget of requests, takes many minutes. */
const EVERY_MS = 10_000;
/** This many of what is missing are named. */
const NAMED = 3;

/** What a command that reads everything once has done so far. */
export interface Progress {
  /** What was not read yet: `env_1 list`. */
  readonly waitingFor: readonly string[];
  /** All that were sent. */
  readonly requests: number;
}

/** Tells a person who waits for a command that it is at work, and what it waits for. */
export class ReadProgress {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #logger: Pick<Logger, 'info'>;
  #loggedAt: number;

  constructor(clock: Pick<Clock, 'monotonic'>, logger: Pick<Logger, 'info'>) {
    this.#clock = clock;
    this.#logger = logger;
    this.#loggedAt = clock.monotonic();
  }

  /** Is asked often; makes a line every ten seconds. */
  logIfDue(progress: () => Progress): void {
    const now = this.#clock.monotonic();
    if (now - this.#loggedAt < EVERY_MS) return;
    this.#loggedAt = now;
    const { waitingFor, requests } = progress();
    const fields = { requests, waiting_for: waitingFor.length, next: waitingFor.slice(0, NAMED) };
    this.#logger.info({ event: 'read.progress', ...fields }, 'still reading: not everything was read once');
  }
}
