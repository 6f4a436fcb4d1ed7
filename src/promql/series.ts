import type { EpochMs } from '../base/clock.ts';
import type { LabelSet } from './label-set.ts';
import { Moments } from './moments.ts';
import { SampleRuns, VALUE, WIDTH } from './sample-runs.ts';

/** Without a range, a value holds this long, as in Prometheus. */
export const LOOKBACK_MS = 300_000;

/** Forgotten runs are removed this many at a time. */
const CUT = 32;
/** Up to this many runs, an array is exactly as long as its series. */
const FEW = 16;

/**
 * The samples of a series, kept as runs of one value: most numbers of a quiet environment stay the same for hours. A
 * series that has ended holds NaN from then on; no sample is NaN otherwise.
 */
export class Series {
  readonly labels: LabelSet;
  readonly #moments: Moments;
  #runs: number[] = [];
  #head = 0;
  /** The index of the last moment at which it was written. */
  #until = -1;

  /** @param moments of all series that are written at the same moments: each of them is written, or has ended */
  constructor(labels: LabelSet, moments = new Moments()) {
    this.labels = labels;
    this.#moments = moments;
  }

  get lastAt(): EpochMs {
    return this.#moments.timeOf(this.#until);
  }

  /** True when the value is the one before. */
  append(at: EpochMs, value: number): boolean {
    this.#until = this.#moments.indexOf(at);
    const runs = this.#runs;
    const run = runs.length - WIDTH;
    if (run >= this.#head && Object.is(runs[run + VALUE], value)) return true;
    // The spare room of a growing array would be many times what most series hold.
    if (runs.length === 0) this.#runs = [this.#until, value];
    else if (runs.length < FEW * WIDTH) this.#runs = runs.concat([this.#until, value]);
    else runs.push(this.#until, value);
    return false;
  }

  /** The series has ended. False if it had before. */
  end(at: EpochMs): boolean {
    if (Number.isNaN(this.#runs.at(VALUE - WIDTH) ?? Number.NaN)) return false;
    this.append(at, Number.NaN);
    return true;
  }

  /** When the oldest samples that it keeps ended. */
  get oldestEnd(): EpochMs {
    return this.#head < this.#runs.length ? this.#endOf(this.#head) : Number.POSITIVE_INFINITY;
  }

  /** Drops older samples; true when nothing is left but its end. */
  forget(before: EpochMs): boolean {
    const runs = this.#runs;
    while (this.#head < runs.length && this.#endOf(this.#head) < before) this.#head += WIDTH;
    this.#moments.forget(before);
    if (this.#head >= runs.length) return true;
    if (this.#head >= CUT * WIDTH) {
      runs.splice(0, this.#head);
      this.#head = 0;
    }
    return false;
  }

  /** The latest value up to `at`; NaN when there is none, or the series has ended. */
  valueAt(at: EpochMs): number {
    const index = Math.min(this.#moments.upTo(at), this.#until);
    const run = this.#runAt(index);
    return run >= this.#head && this.#moments.timeOf(index) > at - LOOKBACK_MS ? this.#runs[run + VALUE]! : Number.NaN;
  }

  /** The last sample of `range`; NaN when there is none. */
  lastIn(from: EpochMs, to: EpochMs): number {
    const runs = this.#runs;
    let index = Math.min(this.#moments.upTo(to), this.#until);
    let run = this.#runAt(index);
    if (Number.isNaN(runs[run + VALUE])) {
      index = runs[run]! - 1;
      run -= WIDTH;
    }
    return run >= this.#head && this.#moments.timeOf(index) > from ? runs[run + VALUE]! : Number.NaN;
  }

  /** The run that holds a moment; before the head if there is none. */
  #runAt(index: number): number {
    const runs = this.#runs;
    let run = runs.length - WIDTH;
    while (run >= this.#head && runs[run]! > index) run -= WIDTH;
    return run;
  }

  #endOf(run: number): EpochMs {
    const next = this.#runs[run + WIDTH];
    return this.#moments.timeOf(next === undefined ? this.#until : next - 1);
  }

  /** The samples after `from` and up to `to`. */
  runsIn(from: EpochMs, to: EpochMs): SampleRuns {
    const runs = { moments: this.#moments, numbers: this.#runs, head: this.#head, until: this.#until };
    return new SampleRuns(runs, { from, to });
  }

  /** How many numbers it holds: the docs say what an environment costs. */
  get size(): number {
    return this.#runs.length;
  }
}
