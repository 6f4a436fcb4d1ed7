import type { EpochMs } from '../../base/clock.ts';
import { SampleTimes } from './sample-times.ts';

/** Numbers per run: the index of its first time, and its value up to the next run. */
export const RUN_WIDTH = 2;
export const RUN_VALUE = 1;

const NO_TIMES = new SampleTimes();
const NO_NUMBERS: readonly number[] = [];

/**
 * The samples of a series in a range, without a copy: runs of one value at equal steps, earliest first. Two neighbouring runs
 * may have the same value. One object is reused for thousands of series, because each needs it only while one number is
 * computed.
 */
export class SampleRuns {
  /** The present run: time of its first sample, milliseconds between samples, their number, and their value. */
  first: EpochMs = 0;
  step = 0;
  count = 0;
  value = Number.NaN;
  #times = NO_TIMES;
  #numbers = NO_NUMBERS;
  /** The index of the next time to look at, and of the last one in the range. */
  #next = 0;
  #last = 0;
  #run = 0;

  /** @param numbers the runs of a series */
  of(times: SampleTimes, numbers: readonly number[]): this {
    this.#times = times;
    this.#numbers = numbers;
    return this;
  }

  /** Begins with the first run that has samples after `from`. */
  between(from: EpochMs, to: EpochMs): this {
    const numbers = this.#numbers;
    this.#next = this.#times.lastIndexUpTo(from) + 1;
    this.#last = this.#times.lastIndexUpTo(to);
    let run = numbers.length - RUN_WIDTH;
    while (run > 0 && numbers[run]! > this.#next) run -= RUN_WIDTH;
    this.#run = Math.max(run, 0);
    return this;
  }

  /** Goes on to the next run that has samples in the range; false if there is none. */
  next(): boolean {
    const times = this.#times;
    const numbers = this.#numbers;
    for (; this.#run < numbers.length; this.#run += RUN_WIDTH) {
      const begun = Math.max(this.#next, numbers[this.#run]!);
      const value = numbers[this.#run + RUN_VALUE]!;
      if (begun > this.#last) return false;
      const end = Math.min(this.#last, (numbers[this.#run + RUN_WIDTH] ?? Number.POSITIVE_INFINITY) - 1);
      if (Number.isNaN(value) || begun > end) continue;
      const span = times.spanAround(begun);
      const last = Math.min(end, span.end);
      this.first = times.timeOf(begun);
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
