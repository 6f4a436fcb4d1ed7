import type { SelectExpr } from '../syntax/expression.ts';
import type { LabelSet } from './label-set.ts';
import type { Series } from './series.ts';

/**
 * The series of a family, and what finds them: made when it is asked for, since it takes more than what it leads to.
 */
export class SeriesIndex {
  #all: Series[] = [];
  #byLabels: Map<LabelSet, Series> | null = null;
  /** Whether a series was looked for by its labels since the last clean-up. */
  #isLookedFor = false;
  /** Of a label's values: built when a text asks for one of them, and dropped with the next series. */
  readonly #byLabel = new Map<string, Map<string, Series[]>>();

  /** In the order in which they came. */
  get all(): readonly Series[] {
    return this.#all;
  }

  get(labels: LabelSet): Series | undefined {
    this.#isLookedFor = true;
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

  /** Drops what nobody has used since the last time: a series that is written again and again is not looked for. */
  cleanUp(): void {
    if (!this.#isLookedFor) this.#byLabels = null;
    this.#isLookedFor = false;
  }

  /** The series that one `=` of the selector leaves over: the fewest, and in their order. */
  fewest({ matchers }: SelectExpr): readonly Series[] {
    let fewest: readonly Series[] | null = null;
    for (const { label, equals } of matchers) {
      if (equals === null) continue;
      const chosen = this.#valuesOf(label).get(equals) ?? [];
      if (fewest === null || chosen.length < fewest.length) fewest = chosen;
    }
    return fewest ?? this.#all;
  }

  #valuesOf(label: string): ReadonlyMap<string, readonly Series[]> {
    const known = this.#byLabel.get(label);
    if (known !== undefined) return known;
    const made = Map.groupBy(this.#all, ({ labels }) => labels.get(label));
    this.#byLabel.set(label, made);
    return made;
  }
}
