import { type Clock, type EpochMs, systemClock } from '../../src/base/clock.ts';

/** Time that begins now and passes `speed` times as fast as real time: an hour of a world with an exporter in it takes minutes. */
export class FastClock implements Clock {
  readonly speed: number;
  readonly #startedAt = systemClock.now();
  readonly #since = systemClock.monotonic();

  constructor(speed: number) {
    this.speed = speed;
  }

  now(): EpochMs {
    return this.#startedAt + this.monotonic();
  }

  monotonic(): number {
    return (systemClock.monotonic() - this.#since) * this.speed;
  }

  setTimer(delayMs: number, run: () => void) {
    return systemClock.setTimer(delayMs / this.speed, run);
  }

  /** The same time on a clock that somebody has set wrong. */
  ahead(seconds: number): Clock {
    return { ...this.#parts(), now: () => this.now() + seconds * 1000 };
  }

  /** The same time on a machine so busy that everything planned comes so many times later. */
  sluggish(factor: number): Clock {
    return { ...this.#parts(), setTimer: (delayMs, run) => this.setTimer(delayMs * factor, run) };
  }

  #parts(): Clock {
    return {
      now: () => this.now(),
      monotonic: () => this.monotonic(),
      setTimer: (delayMs, run) => this.setTimer(delayMs, run),
    };
  }
}
