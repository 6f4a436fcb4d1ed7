import type { EpochMs } from '../base/clock.ts';
import type { SelectExpr } from './expression.ts';
import type { LabelSet } from './label-set.ts';
import { LOOKBACK_MS, Series } from './series.ts';

/** The label that tells most series of a name apart: whoever asks for one of its values need not visit all others. */
const INDEXED_LABEL = 'environment_id';
const NONE: readonly Series[] = [];

/** All series of one name. */
class Family {
  readonly series = new Map<LabelSet, Series>();
  /** By the value of the indexed label; the same order as in `series`. */
  readonly #indexed = new Map<string, readonly Series[]>();
  /** The longest that any expression looks back. */
  retentionMs = 0;
  readonly selectors: SelectExpr[] = [];
  /** Held weakly: some selectors are used only once. */
  #chosen = new WeakMap<SelectExpr, readonly Series[]>();

  wants(labels: LabelSet): boolean {
    return this.selectors.some((selector) => isChosen(labels, selector));
  }

  /** Creates the series if it does not exist. */
  get(labels: LabelSet): Series {
    const known = this.series.get(labels);
    if (known !== undefined) return known;
    const made = new Series(labels);
    this.series.set(labels, made);
    const value = labels.get(INDEXED_LABEL);
    this.#indexed.set(value, [...(this.#indexed.get(value) ?? NONE), made]);
    this.#chosen = new WeakMap();
    return made;
  }

  chosenBy(selector: SelectExpr): readonly Series[] {
    const known = this.#chosen.get(selector);
    if (known !== undefined) return known;
    const chosen = this.#candidates(selector).filter(({ labels }) => isChosen(labels, selector));
    this.#chosen.set(selector, chosen);
    return chosen;
  }

  #candidates({ matchers }: SelectExpr): readonly Series[] {
    const wanted = matchers.find(({ label, equals }) => label === INDEXED_LABEL && equals !== null);
    return wanted === undefined ? [...this.series.values()] : (this.#indexed.get(wanted.equals!) ?? NONE);
  }

  forget(before: EpochMs): void {
    for (const [labels, series] of this.series) {
      if (!series.forget(before)) continue;
      this.series.delete(labels);
      this.#unindex(series);
      this.#chosen = new WeakMap();
    }
  }

  #unindex(series: Series): void {
    const value = series.labels.get(INDEXED_LABEL);
    const left = this.#indexed.get(value)!.filter((one) => one !== series);
    if (left.length === 0) this.#indexed.delete(value);
    else this.#indexed.set(value, left);
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
      family.selectors.push(selector);
      family.retentionMs = Math.max(family.retentionMs, (rangeMs ?? LOOKBACK_MS) + offsetMs);
      this.#families.set(name, family);
    }
  }

  get names(): ReadonlySet<string> {
    return new Set(this.#families.keys());
  }

  /** The series to append to; null if no selector needs it. */
  wanted(name: string, labels: LabelSet): Series | null {
    const family = this.#families.get(name);
    return family?.series.get(labels) ?? (family?.wants(labels) ? family.get(labels) : null);
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
