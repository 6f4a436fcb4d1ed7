import { Histogram, type HistogramConfiguration } from 'prom-client';

type Labels = Readonly<Record<string, string>>;

/** So many observations are few enough to be kept, and enough to be counted quickly. */
const MOST_KEPT = 256;

/**
 * A histogram of prom-client that counts its observations many at a time, when it is read or enough of them have come:
 * one by one, between answers, each would take as long as twenty in a row.
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
