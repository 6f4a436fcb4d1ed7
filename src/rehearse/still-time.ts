import type { Clock, EpochMs } from '../base/clock.ts';
import { EventQueue } from '../simulator/event-queue.ts';

/** Time that stands still while anything is under way, so that an hour takes as long as its work. */
export class StillTime {
  readonly #start: EpochMs;
  readonly #timers = new EventQueue();
  #elapsed = 0;

  constructor(start: EpochMs) {
    this.#start = start;
  }

  /** Milliseconds since the start. */
  get elapsed(): number {
    return this.#elapsed;
  }

  /** A clock of this time. */
  clock(): StillClock {
    return new StillClock(this.#start, this, this.#timers);
  }

  /** Moves time on; what each timer starts comes to rest before the next one. */
  async advanceTo(ms: number): Promise<void> {
    await atRest();
    for (let due = this.#timers.takeDue(ms); due !== null; due = this.#timers.takeDue(ms)) {
      this.#elapsed = Math.max(this.#elapsed, due.at);
      due.run(due.at);
      await atRest();
    }
    this.#elapsed = Math.max(this.#elapsed, ms);
  }
}

/** The clock of one process, which may be wrong. */
export class StillClock implements Clock {
  /** Wall clock − time. */
  offsetMs = 0;
  readonly #start: EpochMs;
  readonly #time: StillTime;
  readonly #timers: EventQueue;
  #stopped = false;

  constructor(start: EpochMs, time: StillTime, timers: EventQueue) {
    this.#start = start;
    this.#time = time;
    this.#timers = timers;
  }

  now(): EpochMs {
    return this.#start + this.#time.elapsed + this.offsetMs;
  }

  monotonic(): number {
    return this.#time.elapsed;
  }

  setTimer(delayMs: number, run: () => void): () => void {
    let isOff = false;
    this.#timers.schedule(this.#time.elapsed + Math.max(0, delayMs), () => {
      if (!isOff && !this.#stopped) run();
    });
    return () => {
      isOff = true;
    };
  }

  /** Nothing happens by this clock any more, as in a process that is killed. */
  stop(): void {
    this.#stopped = true;
  }
}

/** Requests, answers and files are promises in memory: a macrotask comes after all of them, those that they begin included. */
async function atRest(): Promise<void> {
  for (let turns = 0; turns < 2; turns++) await new Promise((resolve) => setImmediate(resolve));
}
