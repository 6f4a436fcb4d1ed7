/** A list of label names. The same names give the same object: results are cached by it. */
export interface LabelNames {
  readonly names: readonly string[];
}

const LISTS = new Map<string, LabelNames>();

export function labelNames(names: readonly string[]): LabelNames {
  const sorted = names.toSorted();
  const key = sorted.join(',');
  const known = LISTS.get(key) ?? { names: sorted };
  LISTS.set(key, known);
  return known;
}

/**
 * The labels of a series. The same labels give the same object, so that a join compares pointers. Held weakly: the
 * labels of a removed environment are freed with it.
 */
export class LabelSet {
  static readonly #known = new Map<string, WeakRef<LabelSet>>();
  static readonly #gone = new FinalizationRegistry<string>((key) => {
    if (LabelSet.#known.get(key)?.deref() === undefined) LabelSet.#known.delete(key);
  });

  readonly values: Readonly<Record<string, string>>;
  readonly #projections = new Map<LabelNames, LabelSet>();

  private constructor(values: Readonly<Record<string, string>>) {
    this.values = values;
  }

  /** An empty value counts as no label. */
  static of(values: Readonly<Record<string, string>>): LabelSet {
    const pairs = Object.entries(values)
      .filter(([, value]) => value !== '')
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const key = JSON.stringify(pairs);
    const known = LabelSet.#known.get(key)?.deref();
    if (known !== undefined) return known;
    const labels = new LabelSet(Object.fromEntries(pairs));
    LabelSet.#known.set(key, new WeakRef(labels));
    LabelSet.#gone.register(labels, key);
    return labels;
  }

  get(name: string): string {
    return this.values[name] ?? '';
  }

  /** Only these labels. */
  only(list: LabelNames): LabelSet {
    const known = this.#projections.get(list);
    if (known !== undefined) return known;
    const labels = LabelSet.of(Object.fromEntries(list.names.map((name) => [name, this.get(name)])));
    this.#projections.set(list, labels);
    return labels;
  }

  with(more: Readonly<Record<string, string>>): LabelSet {
    return LabelSet.of({ ...this.values, ...more });
  }
}

export const NO_LABELS = LabelSet.of({});
