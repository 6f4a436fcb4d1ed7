import type { CancelTimer, Clock } from '../../base/clock.ts';

/**
 * Calls `run` at the time that was set last. A running timer is kept if its time is right: every read that ends sets a time,
 * nearly always the same.
 */
export class WakeTimer {
  readonly #clock: Pick<Clock, 'monotonic' | 'setTimer'>;
  readonly #run: () => void;
  #at = Number.POSITIVE_INFINITY;
  #cancel: CancelTimer = () => {};

  constructor(clock: Pick<Clock, 'monotonic' | 'setTimer'>, run: () => void) {
    this.#clock = clock;
    this.#run = run;
  }

  /** Monotonic; Infinity for never. */
  wakeAt(at: number): void {
    if (at === this.#at) return;
    this.#cancel();
    this.#at = at;
    if (at === Number.POSITIVE_INFINITY) return;
    this.#cancel = this.#clock.setTimer(at - this.#clock.monotonic(), () => {
      this.#at = Number.POSITIVE_INFINITY;
      this.#run();
    });
  }
}
