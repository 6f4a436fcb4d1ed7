import type { Clock, EpochMs } from '../base/clock.ts';

/** Simulated time: real time, faster or slower, with jumps ahead. It never goes back. */
export class SimulatedClock {
  readonly #real: Clock;
  #speed: number;
  /** Simulated time at the last change of speed, and the real time then. */
  #base: EpochMs;
  #since: number;

  /** `speed`: simulated seconds per real second. */
  constructor(real: Clock, speed: number) {
    this.#real = real;
    this.#speed = speed;
    this.#base = real.now();
    this.#since = real.monotonic();
  }

  now(): EpochMs {
    return this.#base + (this.#real.monotonic() - this.#since) * this.#speed;
  }

  get speed(): number {
    return this.#speed;
  }

  /** Simulated seconds per real second from now on. */
  setSpeed(speed: number): void {
    this.#rebase();
    this.#speed = speed;
  }

  /** Jumps ahead. */
  advance(seconds: number): void {
    this.#rebase();
    this.#base += Math.max(0, seconds) * 1000;
  }

  #rebase(): void {
    this.#base = this.now();
    this.#since = this.#real.monotonic();
  }
}
