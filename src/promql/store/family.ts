import type { EpochMs } from '../../base/clock.ts';
import type { SelectExpr } from '../syntax/expression.ts';
import { ChangeTimes } from './change-times.ts';
import type { LabelSet } from './label-set.ts';
import { LastWrite, type SampleColumns, type SampleWriter } from './last-write.ts';
import { SampleTimes } from './sample-times.ts';
import { isSelected, Selections } from './selections.ts';
import { Series } from './series.ts';
import { SeriesIndex } from './series-index.ts';

export interface WrittenSample {
  readonly labels: LabelSet;
  readonly value: number;
}

/**
 * This many series that have ended are kept, or as many as there ever were at once: an outage may end all of them, and they
 * come back. Without a limit, rules that look back for a day would keep ever more if thousands of environments come and go.
 */
const ENDED_ALWAYS_KEPT = 1000;

/** All series of one name. */
export class Family {
  readonly #series = new SeriesIndex();
  /** The longest that any expression looks back. */
  retentionMs = 0;
  /** No run of equal samples ended before this time, so until then nothing can be forgotten. */
  #nothingEndedBefore = Number.NEGATIVE_INFINITY;
  /** The most series that there ever were, without those that had ended. */
  #mostAtOnce = 0;
  readonly changeTimes = new ChangeTimes();
  readonly #times = new SampleTimes();
  readonly #selections = new Selections();
  readonly #lastWrite = new LastWrite();
  readonly #writer: SampleWriter = {
    getOrCreate: (labels) => this.#getOrCreate(labels, this.#times),
    append: (series, value) => this.#append(series, value),
  };

  /** To be called before the first series is written. */
  addSelector(selector: SelectExpr): void {
    this.#selections.addSelector(selector);
  }

  wants(labels: LabelSet): boolean {
    return this.#selections.wants(labels);
  }

  /**
   * The series with these labels, to be written without the others, at times of its own; created if there is none. Null if
   * no selector of a rule would select it.
   */
  getOrCreateSingle(labels: LabelSet): Series | null {
    return this.#getOrCreate(labels);
  }

  /** @param times those that a new series shares with the others; absent: it has its own */
  #getOrCreate(labels: LabelSet, times?: SampleTimes): Series | null {
    const known = this.#series.get(labels);
    if (known !== undefined) return known;
    const selections = this.#selections.forNewSeries(labels);
    if (selections === null) return null;
    const made = new Series(labels, times);
    this.#series.add(made);
    for (const selection of selections) selection.series.push(made);
    return made;
  }

  /** Writes the samples for one time: series without a sample have ended. */
  replace(at: EpochMs, columns: readonly SampleColumns[]): void {
    this.repeat(at);
    const present = this.#lastWrite.write(columns, this.#writer);
    if (present === null) return;
    for (const one of this.#series.all) if (!present.has(one) && one.end(at)) this.changeTimes.recordEnd(at);
  }

  /** Writes the same samples again for another time. */
  repeat(at: EpochMs): void {
    this.changeTimes.recordWrite(at);
    this.#times.add(at);
  }

  #append(series: Series, value: number): void {
    const at = this.#times.lastAt;
    const isNew = series.isEmpty;
    const isSame = series.append(at, value);
    if (isNew) this.changeTimes.recordAppearance(at);
    else if (!isSame) this.changeTimes.recordChange(at);
  }

  /** The series that a selector selects: one of a rule or, for the text of an alert, one that is used only once. */
  selectedBy(selector: SelectExpr): readonly Series[] {
    const known = this.#selections.of(selector);
    if (known !== undefined) return known;
    return this.#series.candidates(selector).filter(({ labels }) => isSelected(labels, selector));
  }

  get size(): { readonly series: number; readonly numbers: number } {
    let numbers = this.#times.size;
    for (const series of this.#series.all) numbers += series.size;
    return { series: this.#series.all.length, numbers };
  }

  forget(before: EpochMs): void {
    this.#series.dropUnusedIndex();
    const forgotten = new Set(this.#endedBeyondLimit());
    if (before <= this.#nothingEndedBefore && forgotten.size === 0) return;
    let oldest = Number.POSITIVE_INFINITY;
    for (const series of this.#series.all) {
      if (forgotten.has(series)) continue;
      if (series.forget(before)) forgotten.add(series);
      else oldest = Math.min(oldest, series.oldestEnd);
    }
    // If no series is left, the next samples end after `before`.
    this.#nothingEndedBefore = this.#series.all.length === forgotten.size ? before : oldest;
    if (forgotten.size === 0) return;
    // If a forgotten series comes back, it is created again.
    this.#lastWrite.forget(forgotten);
    this.#series.remove(forgotten);
    this.#selections.remove(forgotten);
  }

  /** The series beyond the limit: those that ended first. */
  #endedBeyondLimit(): readonly Series[] {
    const { all } = this.#series;
    this.#mostAtOnce = Math.max(this.#mostAtOnce, this.#lastWrite.size);
    if (all.length - this.#lastWrite.size <= Math.max(ENDED_ALWAYS_KEPT, this.#mostAtOnce)) return [];
    const ended = all.filter(({ endedAt }) => endedAt !== null);
    this.#mostAtOnce = Math.max(this.#mostAtOnce, all.length - ended.length);
    const many = ended.length - Math.max(ENDED_ALWAYS_KEPT, this.#mostAtOnce);
    if (many <= 0) return [];
    // Expressions that look back at them now have another result.
    this.changeTimes.recordEnd(this.#times.lastAt);
    return ended.sort((one, other) => one.endedAt! - other.endedAt!).slice(0, many);
  }
}
