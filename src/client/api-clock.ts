import type { Clock, EpochMs } from '../base/clock.ts';

/** How many of the latest answers decide: fewer than half of them may be wrong. */
const ANSWERS = 9;
/** Clocks that differ by less are taken for equal: `Date` has whole seconds. */
const EQUAL_MS = 2000;
/** A slower answer says too little. */
const SLOWEST_MS = 5000;
/** One wrong date must not wake anybody: a difference of more than a minute needs a second answer that agrees. */
const UNEXPECTED_MS = 60_000;
/** After so long without an answer a difference is no longer shown; ages are still corrected by it. */
const SHOWN_MS = 600_000;

/**
 * The API's clock, from the `Date` of its answers: the median of the latest ones. It is kept as a distance from the monotonic
 * clock, so that it is right at once after the own one was set.
 */
export class ApiClock {
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  /** API time minus monotonic time, of the latest answers. */
  #offsets: readonly number[] = [];
  /** When the last of them came, monotonic. */
  #answeredAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#clock = clock;
  }

  /** A good answer that no cache sent. Its `date` was set between `sentAt` and `headersAt`, which are monotonic, and cut to a second. */
  answered(date: EpochMs, sentAt: number, headersAt: number): void {
    if (headersAt - sentAt > SLOWEST_MS) return;
    this.#offsets = [...this.#offsets, date + 500 - (sentAt + headersAt) / 2].slice(-ANSWERS);
    this.#answeredAt = headersAt;
  }

  /** API clock − own clock, ms; null before there is an answer, while too few agree, and without one for ten minutes. */
  get measuredMs(): number | null {
    return this.#clock.monotonic() - this.#answeredAt > SHOWN_MS ? null : this.#knownMs;
  }

  /** What to add to own time to get API time, ms: 0 while unknown, or as long as the clocks may agree. */
  get correctionMs(): number {
    const known = this.#knownMs ?? 0;
    return Math.abs(known) > EQUAL_MS ? known : 0;
  }

  get #knownMs(): number | null {
    const sorted = this.#offsets.toSorted((one, other) => one - other);
    const median = sorted[sorted.length >> 1];
    if (median === undefined) return null;
    const skewMs = this.#clock.monotonic() + median - this.#clock.now();
    const agreeing = sorted.filter((offset) => Math.abs(offset - median) < EQUAL_MS);
    return Math.abs(skewMs) <= UNEXPECTED_MS || agreeing.length > 1 ? skewMs : null;
  }
}
