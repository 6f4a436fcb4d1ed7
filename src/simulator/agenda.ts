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

  /** Whenever one of these begins or ends. */
  each(whens: readonly When[], run: (second: number) => void, after: number = this.second): void {
    const second = Math.min(...whens.map((when) => phaseOf(when, after).next));
    if (!Number.isFinite(second)) return;
    this.atSecond(second, () => {
      run(second);
      this.each(whens, run, second);
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

/** A moment is known to a thousandth of a second: this much before it, what begins then has not begun. */
export const JUST_BEFORE = 1e-3;

/** At a moment of the scenario: whether it is so, when it last began, and the next moment at which it begins or ends. */
export function phaseOf({ from = -Infinity, to = Infinity, repeats = Infinity }: When, at: number) {
  if (at < from) return { isActive: false, began: -Infinity, next: from };
  // What begins before everything comes again as if it had begun at 0.
  const first = Number.isFinite(from) ? from : 0;
  const rounds = Math.floor((at - first + JUST_BEFORE / 2) / repeats);
  const began = repeats === Infinity ? from : first + rounds * repeats;
  const end = repeats === Infinity ? to : began + to - first;
  return { isActive: at < end, began, next: Math.min(first + (rounds + 1) * repeats, at < end ? end : Infinity) };
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
