import type { EpochMs } from '../base/clock.ts';

/** Numbers per run: its first time, its last, the time between two of its samples, its value. */
export const WIDTH = 4;
export const [LAST, STEP, VALUE] = [1, 2, 3] as const;

/**
 * The samples of a series after `from` and up to `to`, without a copy: runs of one value, the earliest first. Between two
 * runs the value may stay the same.
 */
export class SampleRuns {
  /** The time of the first sample of the present run, from one to the next, how many there are, and their value. */
  first: EpochMs = 0;
  step = 0;
  count = 0;
  value = Number.NaN;
  readonly #runs: readonly number[];
  readonly #from: EpochMs;
  readonly #to: EpochMs;
  #run: number;

  /** @param head where the runs begin that are not forgotten */
  constructor(runs: readonly number[], { head, from, to }: { head: number; from: EpochMs; to: EpochMs }) {
    let run = runs.length - WIDTH;
    while (run - WIDTH >= head && runs[run - WIDTH + LAST]! > from) run -= WIDTH;
    this.#runs = runs;
    this.#run = Math.max(run, head);
    this.#from = from;
    this.#to = to;
  }

  /** Goes on to the next run that has samples in the range; false if there is none. */
  next(): boolean {
    const runs = this.#runs;
    for (; this.#run < runs.length; this.#run += WIDTH) {
      const [begun, value] = [runs[this.#run]!, runs[this.#run + VALUE]!];
      if (begun > this.#to) return false;
      if (Number.isNaN(value)) continue;
      this.step = runs[this.#run + STEP]!;
      const skipped = begun > this.#from || this.step === 0 ? 0 : Math.floor((this.#from - begun) / this.step) + 1;
      this.first = begun + skipped * this.step;
      const last = Math.min(this.#to, runs[this.#run + LAST]!);
      if (this.first <= this.#from || this.first > last) continue;
      this.count = this.step === 0 ? 1 : Math.floor((last - this.first) / this.step) + 1;
      this.value = value;
      this.#run += WIDTH;
      return true;
    }
    return false;
  }

  /** The time of the last sample of the present run. */
  get last(): EpochMs {
    return this.first + (this.count - 1) * this.step;
  }
}
