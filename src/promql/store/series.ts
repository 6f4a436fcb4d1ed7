import type { EpochMs } from '../../base/clock.ts';
import type { LabelSet } from './label-set.ts';
import { Moments } from './moments.ts';
import { SampleRuns, VALUE, WIDTH } from './sample-runs.ts';

/** Without a range, a value holds this long, as in Prometheus. */
export const LOOKBACK_MS = 300_000;

/**
 * Up to this many runs, an array is exactly as long as needed, and most series never have more. The others get another
 * run at nearly every moment: they grow in larger steps, because each copy would live until the next one.
 */
const FEW = 4;

const NO_RUNS: readonly number[] = [];

/**
 * The samples of a series, kept as runs of one value: most numbers of a quiet environment stay the same for hours. A
 * series that has ended holds NaN from then on; no sample is NaN otherwise.
 */
export class Series {
  readonly labels: LabelSet;
  readonly #moments: Moments;
  /** Never written to while they are few: then they may be shared, or in use. */
  #runs: readonly number[] = NO_RUNS;

  /**
   * @param moments of all series that are written together. Until it ends, a series has a sample at each of them: its
   *   value so far, unless it is given another
   */
  constructor(labels: LabelSet, moments = new Moments()) {
    this.labels = labels;
    this.#moments = moments;
  }

  get isEmpty(): boolean {
    return this.#runs.length === 0;
  }

  /** True when the value is the one before. */
  append(at: EpochMs, value: number): boolean {
    const index = this.#moments.indexOf(at);
    const runs = this.#runs;
    const run = runs.length - WIDTH;
    if (run >= 0 && Object.is(runs[run + VALUE], value)) return true;
    // The spare room of a growing array would be many times what most series hold.
    if (runs.length === 0) this.#runs = this.#moments.beginning(value);
    else if (runs.length < FEW * WIDTH) this.#runs = runs.concat([index, value]);
    else (runs as number[]).push(index, value);
    return false;
  }

  /** The series has ended. False if it had before. */
  end(at: EpochMs): boolean {
    if (Number.isNaN(this.#runs.at(VALUE - WIDTH) ?? Number.NaN)) return false;
    this.append(at, Number.NaN);
    return true;
  }

  /** When it ended; null while it goes on, and before it begins. */
  get endedAt(): EpochMs | null {
    const last = this.#runs.length - WIDTH;
    return last >= 0 && Number.isNaN(this.#runs[last + VALUE]) ? this.#moments.timeOf(this.#runs[last]!) : null;
  }

  /** When the oldest samples that it keeps ended. */
  get oldestEnd(): EpochMs {
    return this.isEmpty ? Number.POSITIVE_INFINITY : Series.#endOf(this, 0);
  }

  /** Drops older samples; true when nothing is left but its end. */
  forget(before: EpochMs): boolean {
    const runs = this.#runs;
    let from = 0;
    while (from < runs.length && Series.#endOf(this, from) < before) from += WIDTH;
    this.#moments.forget(before);
    if (from === 0) return this.isEmpty;
    if (runs.length < FEW * WIDTH) this.#runs = runs.slice(from);
    else (runs as number[]).splice(0, from);
    return this.isEmpty;
  }

  /** The latest value up to `at`; NaN when there is none, or the series has ended. */
  valueAt(at: EpochMs): number {
    const index = this.#moments.upTo(at);
    const run = Series.#runAt(this, index);
    return run >= 0 && this.#moments.timeOf(index) > at - LOOKBACK_MS ? this.#runs[run + VALUE]! : Number.NaN;
  }

  /** The last sample of `range`; NaN when there is none. */
  lastIn(from: EpochMs, to: EpochMs): number {
    const runs = this.#runs;
    let index = this.#moments.upTo(to);
    let run = Series.#runAt(this, index);
    if (Number.isNaN(runs[run + VALUE])) {
      index = runs[run]! - 1;
      run -= WIDTH;
    }
    return run >= 0 && this.#moments.timeOf(index) > from ? runs[run + VALUE]! : Number.NaN;
  }

  /** The samples after `from` and up to `to`. `runs`: an object that nothing needs any more. */
  runsIn(from: EpochMs, to: EpochMs, runs = new SampleRuns()): SampleRuns {
    return runs.of(this.#moments, this.#runs).between(from, to);
  }

  /** How many numbers it holds: the docs say what an environment costs. */
  get size(): number {
    return this.#runs.length;
  }

  // Static, since an object of a class with private methods takes another word, and there are some eighty an
  // environment.

  /** The run that holds a moment; below 0 if there is none. */
  static #runAt(series: Series, index: number): number {
    const runs = series.#runs;
    let run = runs.length - WIDTH;
    while (run >= 0 && runs[run]! > index) run -= WIDTH;
    return run;
  }

  static #endOf(series: Series, run: number): EpochMs {
    const runs = series.#runs;
    const moments = series.#moments;
    const next = runs[run + WIDTH];
    if (next !== undefined) return moments.timeOf(next - 1);
    return Number.isNaN(runs[run + VALUE]) ? moments.timeOf(runs[run]!) : moments.lastAt;
  }
}
