/** What is kept of an environment, and drawn on its page. */
export const CHARTED = ['waiting', 'oldestSeconds', 'polling', 'live', 'stale'] as const;
export type Charted = (typeof CHARTED)[number];

/** One moment of an environment; NaN is unknown. */
export type ChartedNumbers = Readonly<Record<Charted, number>>;

/** An hour of samples, two a minute. */
export const SAMPLE_EVERY_MS = 30_000;
export const SAMPLES_KEPT = 120;

/** The last hour of one environment: 120 times five numbers of four bytes, 2,400 bytes whatever happens. */
export class RecentNumbers {
  readonly #kept = new Float32Array(SAMPLES_KEPT * CHARTED.length).fill(Number.NaN);
  /** Of the latest moment; -1 before the first. */
  #latest = -1;

  /** @param moment counts up; moments that were left out stay unknown */
  add(moment: number, numbers: ChartedNumbers): void {
    const from = Math.max(this.#latest + 1, moment - SAMPLES_KEPT + 1);
    for (let missed = from; missed < moment; missed++) {
      this.#kept.fill(Number.NaN, this.#place(missed), this.#place(missed) + CHARTED.length);
    }
    CHARTED.forEach((name, index) => {
      this.#kept[this.#place(moment) + index] = numbers[name];
    });
    this.#latest = moment;
  }

  /** The oldest first, and the latest last; NaN where it was not known. */
  numbersOf(name: Charted): readonly number[] {
    const offset = CHARTED.indexOf(name);
    return Array.from({ length: SAMPLES_KEPT }, (_, index) => {
      const moment = this.#latest - SAMPLES_KEPT + 1 + index;
      return moment < 0 ? Number.NaN : this.#kept[this.#place(moment) + offset]!;
    });
  }

  #place(moment: number): number {
    return (moment % SAMPLES_KEPT) * CHARTED.length;
  }
}
