import type { EpochMs } from '../base/clock.ts';
import type { Moments } from './moments.ts';

/** Numbers per run: the index of its first moment, and its value up to the next run. */
export const WIDTH = 2;
export const VALUE = 1;

/** The runs of a series. */
export interface Runs {
  readonly moments: Moments;
  readonly numbers: readonly number[];
  /** Where those begin that are not forgotten. */
  readonly head: number;
}

/**
 * The samples of a series after `from` and up to `to`, without a copy: runs of one value at equal steps, the earliest
 * first. Between two runs the value may stay the same.
 */
export class SampleRuns {
  /** The time of the first sample of the present run, from one to the next, how many there are, and their value. */
  first: EpochMs = 0;
  step = 0;
  count = 0;
  value = Number.NaN;
  readonly #runs: Runs;
  /** The index of the next moment to look at, and of the last in the range. */
  #next: number;
  readonly #last: number;
  #run: number;

  constructor(runs: Runs, { from, to }: { readonly from: EpochMs; readonly to: EpochMs }) {
    const { moments, numbers, head } = runs;
    this.#runs = runs;
    this.#next = moments.upTo(from) + 1;
    this.#last = moments.upTo(to);
    let run = numbers.length - WIDTH;
    while (run > head && numbers[run]! > this.#next) run -= WIDTH;
    this.#run = Math.max(run, head);
  }

  /** Goes on to the next run that has samples in the range; false if there is none. */
  next(): boolean {
    const { moments, numbers } = this.#runs;
    for (; this.#run < numbers.length; this.#run += WIDTH) {
      const begun = Math.max(this.#next, numbers[this.#run]!);
      const value = numbers[this.#run + VALUE]!;
      if (begun > this.#last) return false;
      const end = Math.min(this.#last, (numbers[this.#run + WIDTH] ?? Number.POSITIVE_INFINITY) - 1);
      if (Number.isNaN(value) || begun > end) continue;
      const span = moments.stepAt(begun);
      const last = Math.min(end, span.end);
      this.first = moments.timeOf(begun);
      this.step = span.step;
      this.count = last - begun + 1;
      this.value = value;
      this.#next = last + 1;
      return true;
    }
    return false;
  }

  /** The time of the last sample of the present run. */
  get last(): EpochMs {
    return this.first + (this.count - 1) * this.step;
  }
}
