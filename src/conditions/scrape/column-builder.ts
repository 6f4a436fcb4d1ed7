import type { LabelSet } from '../../promql/store/label-set.ts';
import type { NamedColumns } from '../evaluation/rule-evaluator.ts';

/** Where a line stands in its text. */
export interface Line {
  readonly start: number;
  /** Where its number begins. */
  readonly valueStart: number;
  readonly end: number;
}

/**
 * Lines of one metric that follow one another, and what was read from them: in columns, since an object for each of
 * them would be most of what is kept of a scrape.
 */
export interface MetricLines extends NamedColumns {
  readonly values: Float64Array;
  /** Where each of these lines begins, and where its number does. */
  readonly offsets: Uint32Array;
}

const NONE: readonly MetricLines[] = [];

/** Takes in lines that were read, and puts those of one metric that follow one another into columns. */
export class ColumnBuilder {
  #ended: MetricLines[] = [];
  #name = '';
  #labels: (LabelSet | null)[] = [];
  #values: number[] = [];
  #offsets: number[] = [];

  /** @param labels null for a series that nobody asks for */
  add(name: string, labels: LabelSet | null, value: number, line: Line): void {
    if (name !== this.#name) this.#endColumns();
    this.#name = name;
    this.#labels.push(labels);
    this.#values.push(value);
    this.#offsets.push(line.start, line.valueStart);
  }

  /** All of them. */
  build(): readonly MetricLines[] {
    this.#endColumns();
    // Most comments are pieces of their own.
    return this.#ended.length === 0 ? NONE : this.#ended;
  }

  #endColumns(): void {
    if (this.#labels.length === 0) return;
    this.#ended.push({
      name: this.#name,
      // Arrays that grew have room to spare.
      labels: this.#labels.slice(),
      values: Float64Array.from(this.#values),
      offsets: Uint32Array.from(this.#offsets),
    });
    this.#labels = [];
    this.#values = [];
    this.#offsets = [];
  }
}
