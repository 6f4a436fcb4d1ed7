import type { Clock, EpochMs } from '../base/clock.ts';
import { Agenda, EventQueue } from '../simulator/agenda.ts';

/** Time that stands still while anything is under way, so that an hour takes as long as its work. */
export class StillTime {
  readonly #start: EpochMs;
  readonly #timers = new EventQueue(0);

  constructor(start: EpochMs) {
    this.#start = start;
  }

  /** Milliseconds since the start. */
  get elapsed(): number {
    return this.#timers.now;
  }

  /** A clock of this time. */
  clock(): StillClock {
    return new StillClock(this.#start, this.#timers);
  }

  /** Moves time on; what each timer starts comes to rest before the next one. */
  async advanceTo(ms: number): Promise<void> {
    await atRest();
    while (this.#timers.step(ms)) await atRest();
  }
}

/** The clock of one process, which may be wrong. */
export class StillClock implements Clock {
  /** Wall clock − time. */
  offsetMs = 0;
  readonly #start: EpochMs;
  readonly #timers: EventQueue;
  #isStopped = false;

  constructor(start: EpochMs, timers: EventQueue) {
    this.#start = start;
    this.#timers = timers;
  }

  now(): EpochMs {
    return this.#start + this.#timers.now + this.offsetMs;
  }

  monotonic(): number {
    return this.#timers.now;
  }

  setTimer(delayMs: number, run: () => void): () => void {
    const timer = new Agenda(this.#timers);
    timer.at(this.#timers.now + Math.max(0, delayMs), () => {
      if (!this.#isStopped) run();
    });
    return () => timer.close();
  }

  /** Nothing happens by this clock any more, as in a process that is killed. */
  stop(): void {
    this.#isStopped = true;
  }
}

/** Requests, answers and files are promises in memory: a macrotask comes after all of them, those that they begin included. */
async function atRest(): Promise<void> {
  for (let turns = 0; turns < 2; turns++) await new Promise((resolve) => setImmediate(resolve));
}
