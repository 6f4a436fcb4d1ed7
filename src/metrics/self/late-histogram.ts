import { Histogram, type HistogramConfiguration } from 'prom-client';

type Labels = Readonly<Record<string, string>>;

/** Few enough to be kept, and enough that counting them together is worth it. */
const MOST_KEPT = 256;

/**
 * A histogram of prom-client that counts its observations many at a time, when it is read or enough of them have come.
 * One by one, between answers, they took six times as long: 23 instead of 4 µs of a poll.
 */
export class LateHistogram {
  readonly #histogram: Histogram;
  readonly #observed: { readonly labels: Labels; readonly value: number }[] = [];

  constructor(options: Omit<HistogramConfiguration<string>, 'collect'>) {
    this.#histogram = new Histogram({ ...options, collect: () => this.#count() });
  }

  observe(labels: Labels, value: number): void {
    this.#observed.push({ labels, value });
    if (this.#observed.length === MOST_KEPT) this.#count();
  }

  /** Makes the series exist before it counts. */
  zero(labels: Labels): void {
    this.#histogram.zero(labels);
  }

  #count(): void {
    for (const { labels, value } of this.#observed.splice(0)) this.#histogram.observe(labels, value);
  }
}
