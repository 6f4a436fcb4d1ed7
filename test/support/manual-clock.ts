import type { CancelTimer, Clock, EpochMs } from '../../src/base/clock.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that moves only when told to; timers run in the order of their time. */
export class ManualClock implements Clock {
  readonly #settled: () => Promise<void>;
  #wall: EpochMs;
  #elapsed = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();

  /** `settled` resolves when what a timer started has come to rest. */
  constructor(start: EpochMs = Date.UTC(2026, 10, 24, 12, 0, 0), settled: () => Promise<void> = settle) {
    this.#wall = start;
    this.#settled = settled;
  }

  now(): EpochMs {
    return this.#wall + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  setTimer(delayMs: number, run: () => void): CancelTimer {
    const timer = { at: this.#elapsed + Math.max(delayMs, 0), order: this.#order++, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Moves time on; what the timers start gets its turn to settle after each of them. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await this.#settled();
    for (let next = this.#next(end); next !== null; next = this.#next(end)) {
      this.#elapsed = Math.max(this.#elapsed, next.at);
      this.#timers.delete(next);
      next.run();
      await this.#settled();
    }
    this.#elapsed = end;
    await this.#settled();
  }

  /** Moves time on at once, for code that promises nothing: what its timers start has not settled on return. */
  advanceNow(ms: number): void {
    const end = this.#elapsed + ms;
    for (let next = this.#next(end); next !== null; next = this.#next(end)) {
      this.#elapsed = Math.max(this.#elapsed, next.at);
      this.#timers.delete(next);
      next.run();
    }
    this.#elapsed = end;
  }

  /** Moves the wall clock alone, as an administrator or NTP does. */
  jumpWall(ms: number): void {
    this.#wall += ms;
  }

  get timers(): number {
    return this.#timers.size;
  }

  #next(end: number): Timer | null {
    let best: Timer | null = null;
    for (const timer of this.#timers) {
      if (timer.at > end) continue;
      if (best === null || timer.at < best.at || (timer.at === best.at && timer.order < best.order)) best = timer;
    }
    return best;
  }
}

/** Lets promise chains run dry. A macrotask comes after all microtasks, those that they queue included. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
