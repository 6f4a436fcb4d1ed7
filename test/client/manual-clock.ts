import type { Clock } from '../../src/base/clock.ts';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** A clock that moves only when told to; timers fire in order of their time. */
export class ManualClock implements Clock {
  #monotonic = 0;
  #wallAtZero: number;
  readonly #timers = new Set<Timer>();

  constructor(startMs = Date.UTC(2026, 10, 24, 12)) {
    this.#wallAtZero = startMs;
  }

  now(): number {
    return this.#wallAtZero + this.#monotonic;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  setTimer(delayMs: number, run: () => void): () => void {
    const timer = { at: this.#monotonic + Math.max(delayMs, 0), run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get timers(): number {
    return this.#timers.size;
  }

  advance(ms: number): void {
    const end = this.#monotonic + ms;
    for (let next = this.#next(end); next !== null; next = this.#next(end)) {
      this.#timers.delete(next);
      this.#monotonic = next.at;
      next.run();
    }
    this.#monotonic = end;
  }

  #next(end: number): Timer | null {
    let first: Timer | null = null;
    for (const timer of this.#timers) if (timer.at <= end && (first === null || timer.at < first.at)) first = timer;
    return first;
  }
}
