import type { EpochMs } from '../base/clock.ts';
import type { SelectExpr } from './expression.ts';
import type { LabelSet } from './label-set.ts';
import { LOOKBACK_MS, Series } from './series.ts';

/** All series of one name. */
class Family {
  readonly series = new Map<LabelSet, Series>();
  /** The longest that any expression looks back. */
  retentionMs = 0;
  /** What each selector of a rule chooses. */
  readonly #chosen = new Map<SelectExpr, Series[]>();
  /** Of a label's values: built when a text asks for one of them, and dropped with the next series. */
  readonly #byLabel = new Map<string, Map<string, Series[]>>();

  addSelector(selector: SelectExpr): void {
    this.#chosen.set(selector, []);
  }

  wants(labels: LabelSet): boolean {
    return this.#chosen.keys().some((selector) => isChosen(labels, selector));
  }

  /** Creates the series if it does not exist; null if no selector of a rule would choose it. */
  get(labels: LabelSet): Series | null {
    const known = this.series.get(labels);
    if (known !== undefined) return known;
    const choosers = [...this.#chosen].filter(([selector]) => isChosen(labels, selector));
    if (choosers.length === 0) return null;
    const made = new Series(labels);
    this.series.set(labels, made);
    for (const [, chosen] of choosers) chosen.push(made);
    this.#byLabel.clear();
    return made;
  }

  /** Also for a selector that is used only once: a text asks for the series of one environment. */
  chosenBy(selector: SelectExpr): readonly Series[] {
    const known = this.#chosen.get(selector);
    if (known !== undefined) return known;
    return this.#fewest(selector).filter(({ labels }) => isChosen(labels, selector));
  }

  /** The series that one `=` of the selector leaves over: the fewest, and in their order. */
  #fewest({ matchers }: SelectExpr): readonly Series[] {
    let fewest: readonly Series[] | null = null;
    for (const { label, equals } of matchers) {
      if (equals === null) continue;
      const chosen = this.#valuesOf(label).get(equals) ?? [];
      if (fewest === null || chosen.length < fewest.length) fewest = chosen;
    }
    return fewest ?? [...this.series.values()];
  }

  #valuesOf(label: string): ReadonlyMap<string, readonly Series[]> {
    const known = this.#byLabel.get(label);
    if (known !== undefined) return known;
    const made = Map.groupBy(this.series.values(), ({ labels }) => labels.get(label));
    this.#byLabel.set(label, made);
    return made;
  }

  forget(before: EpochMs): void {
    const forgotten = new Set<Series>();
    for (const [labels, series] of this.series) {
      if (!series.forget(before)) continue;
      this.series.delete(labels);
      forgotten.add(series);
    }
    if (forgotten.size === 0) return;
    for (const [selector, chosen] of this.#chosen) {
      this.#chosen.set(
        selector,
        chosen.filter((series) => !forgotten.has(series)),
      );
    }
    this.#byLabel.clear();
  }
}

function isChosen(labels: LabelSet, { matchers }: SelectExpr): boolean {
  return matchers.every(({ label, matches }) => matches(labels.get(label)));
}

/** The samples that expressions need, in memory, each for as long as one of them looks back. */
export class SeriesStore {
  readonly #families = new Map<string, Family>();
  /** @param selectors every selector that will ever be used; nothing else is kept. */
  constructor(selectors: readonly SelectExpr[]) {
    for (const selector of selectors) {
      const { name, rangeMs, offsetMs } = selector;
      const family = this.#families.get(name) ?? new Family();
      family.addSelector(selector);
      family.retentionMs = Math.max(family.retentionMs, (rangeMs ?? LOOKBACK_MS) + offsetMs);
      this.#families.set(name, family);
    }
  }

  get names(): ReadonlySet<string> {
    return new Set(this.#families.keys());
  }

  /** The series to append to; null if no selector needs it. */
  wanted(name: string, labels: LabelSet): Series | null {
    return this.#families.get(name)?.get(labels) ?? null;
  }

  /** Whether a selector needs such a series. */
  wants(name: string, labels: LabelSet): boolean {
    return this.#families.get(name)?.wants(labels) ?? false;
  }

  select(selector: SelectExpr): readonly Series[] {
    return this.#families.get(selector.name)?.chosenBy(selector) ?? [];
  }

  /** Writes one moment of a family: series that are not in it have ended. */
  replace(name: string, at: EpochMs, samples: readonly { readonly labels: LabelSet; readonly value: number }[]): void {
    const family = this.#families.get(name);
    if (family === undefined) return;
    for (const { labels, value } of samples) this.wanted(name, labels)?.append(at, value);
    for (const series of family.series.values()) if (series.lastAt !== at) series.end(at);
  }

  forget(now: EpochMs): void {
    for (const family of this.#families.values()) family.forget(now - family.retentionMs);
  }

  /** How many series there are, and how many numbers they hold. */
  get size(): { readonly series: number; readonly numbers: number } {
    const all = [...this.#families.values()].flatMap((family) => [...family.series.values()]);
    return { series: all.length, numbers: all.reduce((sum, { size }) => sum + size, 0) };
  }
}
