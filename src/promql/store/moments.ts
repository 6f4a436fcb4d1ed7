import type { EpochMs } from '../../base/clock.ts';

/** Numbers per span of equal steps: the index of its first moment, when that was, and the step; 0 after only one. */
const WIDTH = 3;
const [AT, STEP] = [1, 2] as const;

/**
 * When samples were written, by index. All series that are written together share it, so that none has to keep times of
 * its own. Regular moments take three numbers, until one is missed.
 */
export class Moments {
  #spans: number[] = [];
  #count = 0;
  #lastAt: EpochMs = Number.NEGATIVE_INFINITY;
  /** The beginnings of series at the last moment, by their value. */
  readonly #beginnings = new Map<number, readonly number[]>();

  get lastAt(): EpochMs {
    return this.#lastAt;
  }

  /** The index of `at`, which is the last moment or comes after it. */
  indexOf(at: EpochMs): number {
    if (at === this.#lastAt) return this.#count - 1;
    const spans = this.#spans;
    const span = spans.length - WIDTH;
    const step = at - this.#lastAt;
    const isSecond = spans[span] === this.#count - 1;
    if (isSecond || spans[span + STEP] === step) spans[span + STEP] = step;
    else spans.push(this.#count, at, 0);
    this.#lastAt = at;
    // Clearing a map gives it a new table, even an empty one.
    if (this.#beginnings.size > 0) this.#beginnings.clear();
    return this.#count++;
  }

  /**
   * The run of a series that begins at the last moment. Most series begin together, at the start, with 0 or 1, and many
   * never have another run: they share one array.
   */
  beginning(value: number): readonly number[] {
    const known = this.#beginnings.get(value);
    // A map takes -0 for 0.
    if (known !== undefined && Object.is(known[1], value)) return known;
    const made = [this.#count - 1, value];
    this.#beginnings.set(value, made);
    return made;
  }

  /** Long ago for one that is forgotten. */
  timeOf(index: number): EpochMs {
    // The last one is what is nearly always asked for.
    if (index === this.#count - 1) return this.#lastAt;
    const span = this.#spanOf(index);
    if (span < 0) return Number.NEGATIVE_INFINITY;
    const spans = this.#spans;
    return spans[span + AT]! + (index - spans[span]!) * spans[span + STEP]!;
  }

  /** The index of the last moment up to `at`; if there is none, one less than the first. */
  upTo(at: EpochMs): number {
    if (at >= this.#lastAt) return this.#count - 1;
    const spans = this.#spans;
    for (let span = spans.length - WIDTH; span >= 0; span -= WIDTH) {
      const passed = at - spans[span + AT]!;
      if (passed < 0) continue;
      const step = spans[span + STEP]!;
      return Math.min(this.#endOf(span), spans[span]! + (step === 0 ? 0 : Math.floor(passed / step)));
    }
    return (spans[0] ?? 0) - 1;
  }

  /** The time between neighbours around a moment, and the last index up to which that holds. */
  stepAt(index: number): { readonly step: number; readonly end: number } {
    const span = this.#spanOf(index);
    return { step: this.#spans[span + STEP]!, end: this.#endOf(span) };
  }

  /** Drops what is older; a span that reaches beyond `before` is kept whole. */
  forget(before: EpochMs): void {
    const spans = this.#spans;
    while (spans.length > WIDTH && this.timeOf(this.#endOf(0)) < before) spans.splice(0, WIDTH);
  }

  /** How many numbers it holds. */
  get size(): number {
    return this.#spans.length;
  }

  /** Below 0 for one that is forgotten. */
  #spanOf(index: number): number {
    let span = this.#spans.length - WIDTH;
    while (span >= 0 && this.#spans[span]! > index) span -= WIDTH;
    return span;
  }

  #endOf(span: number): number {
    return (this.#spans[span + WIDTH] ?? this.#count) - 1;
  }
}
