import type { EpochMs } from '../../base/clock.ts';
import type { LabelSet } from './label-set.ts';
import { RUN_VALUE, RUN_WIDTH, SampleRuns } from './sample-runs.ts';
import { SampleTimes } from './sample-times.ts';

/** Without a range, a value holds this long, as in Prometheus. */
export const LOOKBACK_MS = 300_000;

/**
 * Up to this many runs, an array is exactly as long as needed, and most series never have more. The others get a new run at
 * nearly every time, so their arrays grow in larger steps: each copy would live until the next one.
 */
const FEW_RUNS = 4;

const NO_RUNS: readonly number[] = [];

/**
 * The samples of a series, kept as runs of one value: most numbers of an idle environment stay the same for hours. A
 * series that has ended holds NaN from then on; no sample is NaN otherwise.
 */
export class Series {
  readonly labels: LabelSet;
  readonly #times: SampleTimes;
  /** Never modified in place while there are few: they may be shared, or being read. */
  #runs: readonly number[] = NO_RUNS;

  /**
   * @param times the times of all series that are written together. Until it ends, a series has a sample at each of them:
   *   its previous value, unless another one is appended
   */
  constructor(labels: LabelSet, times = new SampleTimes()) {
    this.labels = labels;
    this.#times = times;
  }

  get isEmpty(): boolean {
    return this.#runs.length === 0;
  }

  /** Adds a sample. Returns whether its value is the same as before. */
  append(at: EpochMs, value: number): boolean {
    const index = this.#times.add(at);
    const runs = this.#runs;
    const run = runs.length - RUN_WIDTH;
    if (run >= 0 && Object.is(runs[run + RUN_VALUE], value)) return true;
    // The spare room of a growing array would be many times what most series hold.
    if (runs.length === 0) this.#runs = this.#times.firstRun(value);
    else if (runs.length < FEW_RUNS * RUN_WIDTH) this.#runs = runs.concat([index, value]);
    else (runs as number[]).push(index, value);
    return false;
  }

  /** Ends the series. Returns false if it had already ended. */
  end(at: EpochMs): boolean {
    if (Number.isNaN(this.#runs.at(RUN_VALUE - RUN_WIDTH) ?? Number.NaN)) return false;
    this.append(at, Number.NaN);
    return true;
  }

  /** When it ended; null while it continues, and before its first sample. */
  get endedAt(): EpochMs | null {
    const last = this.#runs.length - RUN_WIDTH;
    return last >= 0 && Number.isNaN(this.#runs[last + RUN_VALUE]) ? this.#times.timeOf(this.#runs[last]!) : null;
  }

  /** The end of its oldest run. */
  get oldestEnd(): EpochMs {
    return this.isEmpty ? Number.POSITIVE_INFINITY : Series.#endOf(this, 0);
  }

  /** Drops runs that ended before `before`. Returns whether none is left. */
  forget(before: EpochMs): boolean {
    const runs = this.#runs;
    let from = 0;
    while (from < runs.length && Series.#endOf(this, from) < before) from += RUN_WIDTH;
    this.#times.forget(before);
    if (from === 0) return this.isEmpty;
    if (runs.length < FEW_RUNS * RUN_WIDTH) this.#runs = runs.slice(from);
    else (runs as number[]).splice(0, from);
    return this.isEmpty;
  }

  /** The latest value up to `at`; NaN when there is none, or the series has ended. */
  valueAt(at: EpochMs): number {
    const index = this.#times.lastIndexUpTo(at);
    const run = Series.#runAt(this, index);
    return run >= 0 && this.#times.timeOf(index) > at - LOOKBACK_MS ? this.#runs[run + RUN_VALUE]! : Number.NaN;
  }

  /** The last sample of `range`; NaN when there is none. */
  lastValueIn(from: EpochMs, to: EpochMs): number {
    const runs = this.#runs;
    let index = this.#times.lastIndexUpTo(to);
    let run = Series.#runAt(this, index);
    if (Number.isNaN(runs[run + RUN_VALUE])) {
      index = runs[run]! - 1;
      run -= RUN_WIDTH;
    }
    return run >= 0 && this.#times.timeOf(index) > from ? runs[run + RUN_VALUE]! : Number.NaN;
  }

  /** The samples after `from` and up to `to`. `runs` is an object to reuse. */
  runsIn(from: EpochMs, to: EpochMs, runs = new SampleRuns()): SampleRuns {
    return runs.of(this.#times, this.#runs).between(from, to);
  }

  /** How many numbers it holds: the docs say what an environment costs. */
  get size(): number {
    return this.#runs.length;
  }

  // Static, because each object of a class with private methods is a word larger, and an environment has some eighty.

  /** The run that contains a time; below 0 if there is none. */
  static #runAt(series: Series, index: number): number {
    const runs = series.#runs;
    let run = runs.length - RUN_WIDTH;
    while (run >= 0 && runs[run]! > index) run -= RUN_WIDTH;
    return run;
  }

  static #endOf(series: Series, run: number): EpochMs {
    const runs = series.#runs;
    const times = series.#times;
    const next = runs[run + RUN_WIDTH];
    if (next !== undefined) return times.timeOf(next - 1);
    return Number.isNaN(runs[run + RUN_VALUE]) ? times.timeOf(runs[run]!) : times.lastAt;
  }
}
