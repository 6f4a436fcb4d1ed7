import { CATALOGUE, type MetricName } from '../catalogue/catalogue.ts';
import type { Format } from '../exposition/format.ts';
import { encodeHead, encodeLabels, encodeSample } from '../exposition/text-encoder.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * A gauge with a series per environment that hardly ever changes. prom-client would copy and write all series at each scrape;
 * here the text is kept until a value changes.
 */
export class KeptGauge {
  readonly #name: MetricName;
  readonly #series = new Map<string, { readonly labels: Labels; readonly text: string; readonly value: number }>();
  readonly #written = new Map<Format, Buffer>();

  constructor(name: MetricName) {
    this.#name = name;
  }

  set(labels: Labels, value: number): void {
    const text = encodeLabels(CATALOGUE[this.#name].labels.map((label) => [label, labels[label]!]));
    if (Object.is(this.#series.get(text)?.value, value)) return;
    this.#series.set(text, { labels, text, value });
    this.#written.clear();
  }

  /** Removes the series whose labels include these. */
  remove(wanted: Labels): void {
    const entries = Object.entries(wanted);
    for (const [key, { labels }] of this.#series) {
      if (!entries.every(([label, value]) => labels[label] === value)) continue;
      this.#series.delete(key);
      this.#written.clear();
    }
  }

  /** The same Buffer as long as nothing changes; empty without series. */
  write(format: Format): Buffer {
    const known = this.#written.get(format);
    if (known !== undefined) return known;
    const lines = [...this.#series.values()].map(({ text, value }) => encodeSample(this.#name, text, value));
    const head = lines.length === 0 ? '' : encodeHead({ name: this.#name, ...CATALOGUE[this.#name] }, format);
    const written = Buffer.from(head + lines.join(''));
    this.#written.set(format, written);
    return written;
  }
}
