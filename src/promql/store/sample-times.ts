import type { EpochMs } from '../../base/clock.ts';

/** Numbers per span of equal steps: the index of its first time, that time, and the step, which is 0 for a single time. */
const SPAN_WIDTH = 3;
const [AT, STEP] = [1, 2] as const;

/**
 * The times at which samples were written, by index. All series that are written together share them, so that a series keeps
 * indexes only. Regular times take three numbers in all, until one is missed.
 */
export class SampleTimes {
  #spans: number[] = [];
  #count = 0;
  #lastAt: EpochMs = Number.NEGATIVE_INFINITY;
  /** The first runs of series that begin at the last time, by their value. */
  readonly #firstRuns = new Map<number, readonly number[]>();

  get lastAt(): EpochMs {
    return this.#lastAt;
  }

  /** Adds a time after the last one, unless it is the last one. Returns its index. */
  add(at: EpochMs): number {
    if (at === this.#lastAt) return this.#count - 1;
    const spans = this.#spans;
    const span = spans.length - SPAN_WIDTH;
    const step = at - this.#lastAt;
    const isSecond = spans[span] === this.#count - 1;
    if (isSecond || spans[span + STEP] === step) spans[span + STEP] = step;
    else spans.push(this.#count, at, 0);
    this.#lastAt = at;
    // Only if there is something to clear: `clear` allocates a new table even for an empty map.
    if (this.#firstRuns.size > 0) this.#firstRuns.clear();
    return this.#count++;
  }

  /**
   * The first run of a series that begins at the last time. Most series begin together, at the start, with 0 or 1, and many
   * never have another run, so they share one array.
   */
  firstRun(value: number): readonly number[] {
    const known = this.#firstRuns.get(value);
    // A map treats -0 as 0.
    if (known !== undefined && Object.is(known[1], value)) return known;
    const made = [this.#count - 1, value];
    this.#firstRuns.set(value, made);
    return made;
  }

  /** The time with this index; -Infinity if it is forgotten. */
  timeOf(index: number): EpochMs {
    // Nearly always the last one is wanted.
    if (index === this.#count - 1) return this.#lastAt;
    const span = this.#offsetOf(index);
    if (span < 0) return Number.NEGATIVE_INFINITY;
    const spans = this.#spans;
    return spans[span + AT]! + (index - spans[span]!) * spans[span + STEP]!;
  }

  /** The index of the last time that is not after `at`; if there is none, one less than the first index. */
  lastIndexUpTo(at: EpochMs): number {
    if (at >= this.#lastAt) return this.#count - 1;
    const spans = this.#spans;
    for (let span = spans.length - SPAN_WIDTH; span >= 0; span -= SPAN_WIDTH) {
      const passed = at - spans[span + AT]!;
      if (passed < 0) continue;
      const step = spans[span + STEP]!;
      return Math.min(this.#endOf(span), spans[span]! + (step === 0 ? 0 : Math.floor(passed / step)));
    }
    return (spans[0] ?? 0) - 1;
  }

  /** The step in ms between the times around an index, and the last index up to which it holds. */
  spanAround(index: number): { readonly step: number; readonly end: number } {
    const span = this.#offsetOf(index);
    return { step: this.#spans[span + STEP]!, end: this.#endOf(span) };
  }

  /** Drops times before `before`; a span that reaches beyond it is kept whole. */
  forget(before: EpochMs): void {
    const spans = this.#spans;
    while (spans.length > SPAN_WIDTH && this.timeOf(this.#endOf(0)) < before) spans.splice(0, SPAN_WIDTH);
  }

  /** How many numbers it stores. */
  get size(): number {
    return this.#spans.length;
  }

  /** The offset of the span of an index; below 0 if it is forgotten. */
  #offsetOf(index: number): number {
    let span = this.#spans.length - SPAN_WIDTH;
    while (span >= 0 && this.#spans[span]! > index) span -= SPAN_WIDTH;
    return span;
  }

  #endOf(span: number): number {
    return (this.#spans[span + SPAN_WIDTH] ?? this.#count) - 1;
  }
}
