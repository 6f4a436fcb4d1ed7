import { createHash } from 'node:crypto';
import { type EpochMs, type Random, seededRandom } from '../base/clock.ts';

type Run = (at: EpochMs) => void;

/** A time that stands still between what happens, and what is to happen. */
export class EventQueue {
  /** Latest first: the next one is taken off the end. */
  readonly #events: { readonly at: EpochMs; readonly run: Run }[] = [];
  #now: EpochMs;

  constructor(now: EpochMs) {
    this.#now = now;
  }

  get now(): EpochMs {
    return this.#now;
  }

  /** Events of the same moment run in the order in which they were scheduled, so that a seed always gives the same world. */
  schedule(at: EpochMs, run: Run): void {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#events[middle]!.at > at) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, { at, run });
  }

  /** Moves on to the next event and runs it, if it is due by then, or else to that moment. Returns whether there may be more. */
  step(until: EpochMs): boolean {
    const next = this.#events.at(-1);
    const isDue = next !== undefined && next.at <= until;
    this.#now = Math.max(this.#now, isDue ? next.at : until);
    if (isDue) this.#events.pop()!.run(next.at);
    return isDue;
  }
}

/** What somebody is going to do; none of it happens once the agenda is closed. */
export class Agenda {
  readonly #events: EventQueue;
  readonly #origin: EpochMs;
  #isClosed = false;

  /** @param origin second 0 of a scenario */
  constructor(events: EventQueue, origin: EpochMs = 0) {
    this.#events = events;
    this.#origin = origin;
  }

  /** Seconds of the scenario that have passed. */
  get second(): number {
    return (this.#events.now - this.#origin) / 1000;
  }

  at(at: EpochMs, run: Run): void {
    this.#events.schedule(at, (now) => {
      if (!this.#isClosed) run(now);
    });
  }

  atSecond(second: number, run: Run): void {
    this.at(this.#origin + second * 1000, run);
  }

  /** At the moment that comes next, and again at the one after that. */
  each(next: (after: number) => number, run: (second: number) => void, after: number = this.second): void {
    const second = next(after);
    if (!Number.isFinite(second)) return;
    this.atSecond(second, () => {
      run(second);
      this.each(next, run, second);
    });
  }

  close(): void {
    this.#isClosed = true;
  }
}

/** When something is so, in seconds of a scenario; without bounds it always is. */
export interface When {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** It comes again so many seconds after it began. */
  readonly repeats?: number | undefined;
}

/** Seconds since it last began; negative before it does, infinite for what began before everything. */
export function since({ from = -Infinity, repeats }: When, at: number): number {
  if (repeats === undefined || at < from) return at - from;
  const passed = at - anchorOf(from);
  return passed - Math.floor(passed / repeats) * repeats;
}

export function isActive(when: When, at: number): boolean {
  const { from = -Infinity, to = Infinity, repeats } = when;
  if (at < from) return false;
  return repeats === undefined ? at < to : since(when, at) < to - anchorOf(from);
}

/** The first moment after this one at which it begins or ends. */
export function edgeAfter({ from = -Infinity, to = Infinity, repeats }: When, at: number): number {
  const anchor = anchorOf(from);
  const round = Math.floor((at - anchor) / (repeats ?? Infinity));
  const starts = repeats === undefined ? [] : [round, round + 1].map((number) => anchor + number * repeats);
  const rounds = starts.filter((start) => start >= from).flatMap((start) => [start, start + to - anchor]);
  return Math.min(...[from, ...(repeats === undefined ? [to] : rounds)].filter((moment) => moment > at));
}

/** What begins before everything comes again as if it had begun at 0. */
function anchorOf(from: number): number {
  return Number.isFinite(from) ? from : 0;
}

/** Milliseconds, uniformly distributed over a range of seconds. */
export function between([least, most]: readonly [number, number], random: Random): number {
  return (least + (most - least) * random()) * 1000;
}

/** Random numbers for one purpose: drawing from one stream does not affect another. */
export function randomStream(seed: number, purpose: string): Random {
  return seededRandom(Number.parseInt(digest(seed, `chance ${purpose}`).slice(0, 8), 16));
}

/** A text that only this seed and purpose make. */
export function digest(seed: number, purpose: string): string {
  return createHash('sha256').update(`anthropic-work-simulator ${seed} ${purpose}`).digest('hex').slice(0, 40);
}
