import type { SelectExpr } from '../syntax/expression.ts';
import type { LabelSet } from './label-set.ts';
import type { Series } from './series.ts';

/**
 * The series of a family, with indexes that are built only when they are needed: they take more memory than the series.
 */
export class SeriesIndex {
  #all: Series[] = [];
  #byLabels: Map<LabelSet, Series> | null = null;
  /** Whether a series was looked up by its labels since the last call of `dropUnusedIndex`. */
  #wasUsed = false;
  /** Series by the values of one label: built when the text of an alert needs it, and dropped when a series is added. */
  readonly #byLabel = new Map<string, Map<string, Series[]>>();

  /** All series in the order in which they were added. */
  get all(): readonly Series[] {
    return this.#all;
  }

  get(labels: LabelSet): Series | undefined {
    this.#wasUsed = true;
    this.#byLabels ??= new Map(this.#all.map((series) => [series.labels, series]));
    return this.#byLabels.get(labels);
  }

  add(series: Series): void {
    this.#all.push(series);
    this.#byLabels?.set(series.labels, series);
    this.#byLabel.clear();
  }

  remove(series: ReadonlySet<Series>): void {
    this.#all = this.#all.filter((one) => !series.has(one));
    for (const { labels } of series) this.#byLabels?.delete(labels);
    this.#byLabel.clear();
  }

  /** Drops the index by labels if it was not used since the last call: regularly written series do not need it. */
  dropUnusedIndex(): void {
    if (!this.#wasUsed) this.#byLabels = null;
    this.#wasUsed = false;
  }

  /** The series that the most selective `=` matcher of the selector leaves, in their order; all if it has none. */
  candidates({ matchers }: SelectExpr): readonly Series[] {
    let fewest: readonly Series[] | null = null;
    for (const { label, equals } of matchers) {
      if (equals === null) continue;
      const chosen = this.#byValueOf(label).get(equals) ?? [];
      if (fewest === null || chosen.length < fewest.length) fewest = chosen;
    }
    return fewest ?? this.#all;
  }

  #byValueOf(label: string): ReadonlyMap<string, readonly Series[]> {
    const known = this.#byLabel.get(label);
    if (known !== undefined) return known;
    const made = Map.groupBy(this.#all, ({ labels }) => labels.get(label));
    this.#byLabel.set(label, made);
    return made;
  }
}
