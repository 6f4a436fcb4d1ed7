import type { EpochMs } from '../../base/clock.ts';
import type { SelectExpr } from '../syntax/expression.ts';
import { Family, type WrittenSample } from './family.ts';
import type { LabelSet } from './label-set.ts';
import type { SampleColumns } from './present-series.ts';
import { LOOKBACK_MS, type Series } from './series.ts';

/** The samples that expressions need, in memory, each for as long as one of them looks back. */
export class SeriesStore {
  readonly #families = new Map<string, Family>();
  #seriesSelected = 0;

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
    const family = this.#families.get(name);
    const series = family?.alone(labels) ?? null;
    if (series !== null) family!.movement.loosened();
    return series;
  }

  /** Whether a selector needs such a series. */
  wants(name: string, labels: LabelSet): boolean {
    return this.#families.get(name)?.wants(labels) ?? false;
  }

  select(selector: SelectExpr): readonly Series[] {
    const selected = this.#families.get(selector.name)?.chosenBy(selector) ?? [];
    this.#seriesSelected += selected.length;
    return selected;
  }

  /** How many series expressions have asked for so far: what they cost goes with it. */
  get seriesSelected(): number {
    return this.#seriesSelected;
  }

  /** Writes one moment of a family: series that are not in it have ended. */
  replace(name: string, at: EpochMs, samples: readonly WrittenSample[]): void {
    const [labels, values] = [samples.map((sample) => sample.labels), samples.map(({ value }) => value)];
    this.replaceColumns(name, at, [{ labels, values }]);
  }

  /** The same with samples in columns. */
  replaceColumns(name: string, at: EpochMs, columns: readonly SampleColumns[]): void {
    this.#families.get(name)?.replace(at, columns);
  }

  /** Writes one more moment of a family like the last one. */
  repeat(name: string, at: EpochMs): void {
    this.#families.get(name)?.repeat(at);
  }

  /** Whether a selector is sure to give at `at` what it gave at `before`. `over`: the function over its range. */
  isStill(
    selector: SelectExpr,
    over: string | null,
    { before, at }: { readonly before: EpochMs; readonly at: EpochMs },
  ): boolean {
    return this.#families.get(selector.name)?.movement.isStill(before, at, selector, over) ?? true;
  }

  forget(now: EpochMs): void {
    for (const family of this.#families.values()) family.forget(now - family.retentionMs);
  }

  /** How many series there are, and how many numbers they hold. */
  get size(): { readonly series: number; readonly numbers: number } {
    let [series, numbers] = [0, 0];
    for (const { size } of this.#families.values()) {
      series += size.series;
      numbers += size.numbers;
    }
    return { series, numbers };
  }
}
