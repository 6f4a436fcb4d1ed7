import type { LabelSet } from './label-set.ts';
import type { Series } from './series.ts';

/**
 * Samples of one time in columns: as objects, those of a large fleet would survive minor garbage collections and wait for a
 * full one. Immutable: if the samples are the same again, so is the object.
 */
export interface SampleColumns {
  /** Null for a sample that belongs to no series. */
  readonly labels: readonly (LabelSet | null)[];
  readonly values: ArrayLike<number>;
}

/** Where samples are written to. */
export interface SampleWriter {
  /** The series with these labels, created if there is none; null if no selector needs it. */
  getOrCreate(labels: LabelSet): Series | null;
  append(series: Series, value: number): void;
}

/**
 * What was written last to a family: the series, in their order, since the next samples nearly always belong to the same
 * ones, and the columns.
 */
export class LastWrite {
  #series: Series[] = [];
  /** The columns that were written last, and the number of series up to the end of each. */
  #columns: readonly SampleColumns[] = [];
  #ends: readonly number[] = [];

  get size(): number {
    return this.#series.length;
  }

  /**
   * Writes the samples of the next time. Returns their series if they are not the same as last time, otherwise null. Columns
   * that were also written last time are skipped: a series keeps its value until another one is appended.
   */
  write(columns: readonly SampleColumns[], writer: SampleWriter): ReadonlySet<Series> | null {
    if (isSame(columns, this.#columns)) return null;
    const before = this.#series;
    let next: Series[] | null = null;
    const ends: number[] = [];
    let index = 0;
    for (const [position, column] of columns.entries()) {
      const isUnmoved =
        next === null && column === this.#columns[position] && index === (this.#ends[position - 1] ?? 0);
      if (isUnmoved) {
        index = this.#ends[position]!;
        ends.push(index);
        continue;
      }
      const { labels, values } = column;
      for (let row = 0; row < labels.length; row++) {
        const own = labels[row]!;
        if (own === null) continue;
        if (next === null && before[index]?.labels !== own) next = before.slice(0, index);
        const series = next === null ? before[index]! : writer.getOrCreate(own);
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

  /** After one of these series is gone, the next samples are all written anew: what was written last is forgotten. */
  forget(series: ReadonlySet<Series>): void {
    if (!this.#series.some((one) => series.has(one))) return;
    this.#series = [];
    this.#columns = [];
    this.#ends = [];
  }
}

function isSame(some: readonly SampleColumns[], others: readonly SampleColumns[]): boolean {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}
