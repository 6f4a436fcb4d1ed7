import type { LabelSet } from './label-set.ts';
import type { Series } from './series.ts';

/**
 * Samples of one moment in columns: as objects, those of a large fleet would survive minor collections and wait for a
 * full one. Immutable: the same samples again are passed as the same object.
 */
export interface SampleColumns {
  /** Null where a sample belongs to no series. */
  readonly labels: readonly (LabelSet | null)[];
  readonly values: ArrayLike<number>;
}

/** What becomes of a sample. */
export interface SampleWriter {
  /** The series with these labels; null if nobody needs it. */
  seriesOf(labels: LabelSet): Series | null;
  append(series: Series, value: number): void;
}

/** The series of the moment written last, in its order: nearly always those of the next one. */
export class PresentSeries {
  #series: Series[] = [];
  /** What was written last, and how many series there were at the end of each of them. */
  #columns: readonly SampleColumns[] = [];
  #ends: readonly number[] = [];

  get size(): number {
    return this.#series.length;
  }

  /**
   * Writes the next moment; returns its series if they are others than those of the moment before. Columns that were
   * written last time, too, are not looked at: a series keeps its value until it is given another.
   */
  write(columns: readonly SampleColumns[], writer: SampleWriter): ReadonlySet<Series> | null {
    if (isSame(columns, this.#columns)) return null;
    const before = this.#series;
    let next: Series[] | null = null;
    const ends: number[] = [];
    let index = 0;
    for (const [place, column] of columns.entries()) {
      const isWhereItWas = next === null && column === this.#columns[place] && index === (this.#ends[place - 1] ?? 0);
      if (isWhereItWas) {
        index = this.#ends[place]!;
        ends.push(index);
        continue;
      }
      const { labels, values } = column;
      for (let row = 0; row < labels.length; row++) {
        const own = labels[row]!;
        if (own === null) continue;
        if (next === null && before[index]?.labels !== own) next = before.slice(0, index);
        const series = next === null ? before[index]! : writer.seriesOf(own);
        if (series === null) continue;
        writer.append(series, values[row]!);
        next?.push(series);
        index++;
      }
      ends.push(index);
    }
    if (next === null && index < before.length) next = before.slice(0, index);
    this.#columns = columns;
    this.#ends = ends;
    if (next === null) return null;
    this.#series = next;
    return new Set(next);
  }

  /** The next moment is written as if it were the first one, if one of those is among its series. */
  forget(series: ReadonlySet<Series>): void {
    if (!this.#series.some((one) => series.has(one))) return;
    this.#series = [];
    this.#columns = [];
    this.#ends = [];
  }
}

function isSame(some: readonly SampleColumns[], others: readonly SampleColumns[]): boolean {
  return some.length === others.length && some.every((one, place) => one === others[place]);
}
