import type { EpochMs } from '../base/clock.ts';
import type { LabelSet } from './label-set.ts';
import { LAST, SampleRuns, STEP, VALUE, WIDTH } from './sample-runs.ts';

/** Without a range, a value holds this long, as in Prometheus. */
export const LOOKBACK_MS = 300_000;

/** Forgotten runs are removed this many at a time. */
const CUT = 32;
/** Up to this many runs, an array is exactly as long as its series. */
const FEW = 8;

/**
 * The samples of a series, kept as runs of one value: most numbers of a quiet environment stay the same for hours. A
 * series that has ended holds NaN from then on; no sample is NaN otherwise.
 */
export class Series {
  readonly labels: LabelSet;
  #runs: number[] = [];
  #head = 0;

  constructor(labels: LabelSet) {
    this.labels = labels;
  }

  get lastAt(): EpochMs {
    const runs = this.#runs;
    return runs.length === 0 ? Number.NEGATIVE_INFINITY : runs[runs.length - WIDTH + LAST]!;
  }

  /** True when the value is the one before. */
  append(at: EpochMs, value: number): boolean {
    const runs = this.#runs;
    const run = runs.length - WIDTH;
    const isSame = run >= this.#head && Object.is(runs[run + VALUE], value);
    if (isSame) {
      const step = at - runs[run + LAST]!;
      if (runs[run] === runs[run + LAST] || runs[run + STEP] === step) {
        runs[run + STEP] = step;
        runs[run + LAST] = at;
        return true;
      }
    }
    // The spare room of a growing array would be many times what most series hold.
    if (runs.length < FEW * WIDTH) this.#runs = [...runs, at, at, 0, value];
    else runs.push(at, at, 0, value);
    return isSame;
  }

  /** The series has ended. False if it had before. */
  end(at: EpochMs): boolean {
    if (Number.isNaN(this.#runs.at(VALUE - WIDTH) ?? Number.NaN)) return false;
    this.append(at, Number.NaN);
    return true;
  }

  /** When the oldest samples that it keeps ended. */
  get oldestEnd(): EpochMs {
    return this.#runs[this.#head + LAST] ?? Number.POSITIVE_INFINITY;
  }

  /** Drops older samples; true when nothing is left but its end. */
  forget(before: EpochMs): boolean {
    const runs = this.#runs;
    while (this.#head < runs.length && runs[this.#head + LAST]! < before) this.#head += WIDTH;
    if (this.#head >= runs.length) return true;
    if (this.#head >= CUT * WIDTH) {
      runs.splice(0, this.#head);
      this.#head = 0;
    }
    return false;
  }

  /** The latest value up to `at`; NaN when there is none, or the series has ended. */
  valueAt(at: EpochMs): number {
    const runs = this.#runs;
    for (let run = runs.length - WIDTH; run >= this.#head; run -= WIDTH) {
      if (runs[run]! > at) continue;
      return this.#latestOf(run, at) > at - LOOKBACK_MS ? runs[run + VALUE]! : Number.NaN;
    }
    return Number.NaN;
  }

  /** The last sample of `range`; NaN when there is none. */
  lastIn(from: EpochMs, to: EpochMs): number {
    const runs = this.#runs;
    for (let run = runs.length - WIDTH; run >= this.#head; run -= WIDTH) {
      if (runs[run]! > to || Number.isNaN(runs[run + VALUE]!)) continue;
      return this.#latestOf(run, to) > from ? runs[run + VALUE]! : Number.NaN;
    }
    return Number.NaN;
  }

  /** When a run that has begun has its last sample up to `at`. */
  #latestOf(run: number, at: EpochMs): EpochMs {
    const runs = this.#runs;
    const step = runs[run + STEP]!;
    const within = Math.min(at, runs[run + LAST]!) - runs[run]!;
    return runs[run]! + (step === 0 ? 0 : Math.floor(within / step) * step);
  }

  /** The samples after `from` and up to `to`. */
  runsIn(from: EpochMs, to: EpochMs): SampleRuns {
    return new SampleRuns(this.#runs, { head: this.#head, from, to });
  }

  /** How many numbers it holds: the docs say what an environment costs. */
  get size(): number {
    return this.#runs.length;
  }
}
