import { systemClock } from '../../../src/base/clock.ts';

const LOOK_MS = 100;
/** Shorter ones are what the machine of a test does all the time. */
const LEAST_MS = 500;

/** When the machine stood still for this process, in the time of a clock: nobody else got much further then. */
export class Pauses implements Disposable {
  readonly #clock: { now(): number };
  readonly #seen: { readonly from: number; readonly to: number }[] = [];
  #cancel = () => {};

  constructor(clock: { now(): number }) {
    this.#clock = clock;
    this.#look(clock.now(), systemClock.monotonic());
  }

  /** Milliseconds of the clock between two of its moments in which nothing ran. */
  between(from: number, to: number): number {
    return this.#seen.reduce((sum, pause) => sum + Math.max(0, Math.min(to, pause.to) - Math.max(from, pause.from)), 0);
  }

  [Symbol.dispose](): void {
    this.#cancel();
  }

  #look(before: number, realBefore: number): void {
    this.#cancel = systemClock.setTimer(LOOK_MS, () => {
      const [now, real] = [this.#clock.now(), systemClock.monotonic()];
      if (real - realBefore > LEAST_MS) this.#seen.push({ from: before, to: now });
      this.#look(now, real);
    });
  }
}
