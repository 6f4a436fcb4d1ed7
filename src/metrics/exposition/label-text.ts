import { CATALOGUE } from '../catalogue/catalogue.ts';
import { ENVIRONMENT_LABELS } from '../catalogue/metric-definition.ts';
import type { CachedMetricName } from '../measures/measures.ts';
import { encodeLabel } from './text-encoder.ts';

export type Labels = Readonly<Record<string, string>>;

/** Metadata values come and go: beyond this many texts, the cache starts over. */
const MOST_TEXTS = 10_000;

type Texts = Map<string, Texts | string>;

/** The text of a metric's labels beyond those of the environment: written once per set of values. */
export class LabelText {
  readonly #names: readonly string[];
  readonly #isOpen: boolean;
  #texts: Texts = new Map();
  #size = 0;

  constructor(metric: CachedMetricName) {
    const { labels, labelPrefix } = CATALOGUE[metric];
    this.#names = labels.slice(ENVIRONMENT_LABELS.length);
    this.#isOpen = labelPrefix !== undefined;
  }

  /** Follows the labels of the environment; starts with a comma, or is empty. */
  of(labels: Labels): string {
    if (this.#isOpen) return this.#write(labels, [...this.#names, ...Object.keys(labels)]);
    if (this.#names.length === 0) return '';
    let texts = this.#texts;
    const last = this.#names.length - 1;
    for (let index = 0; index < last; index++) {
      const value = labels[this.#names[index]!]!;
      const next = (texts.get(value) as Texts | undefined) ?? new Map();
      texts.set(value, next);
      texts = next;
    }
    const value = labels[this.#names[last]!]!;
    return (texts.get(value) as string | undefined) ?? this.#keep(texts, value, labels);
  }

  #keep(texts: Texts, value: string, labels: Labels): string {
    const text = this.#write(labels, this.#names);
    if (this.#size++ >= MOST_TEXTS) {
      this.#texts = new Map();
      this.#size = 0;
    } else texts.set(value, text);
    return text;
  }

  #write(labels: Labels, names: readonly string[]): string {
    let text = '';
    for (const name of names) text += `,${encodeLabel(name, labels[name]!)}`;
    return text;
  }
}
