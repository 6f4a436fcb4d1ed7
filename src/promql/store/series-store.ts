import type { EpochMs } from '../../base/clock.ts';
import type { SelectExpr } from '../syntax/expression.ts';
import { Family, type WrittenSample } from './family.ts';
import type { LabelSet } from './label-set.ts';
import type { SampleColumns } from './last-write.ts';
import { LOOKBACK_MS, type Series } from './series.ts';

/** The samples that expressions need, in memory. Each is kept as long as an expression looks back at it. */
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

  /**
   * The series with these labels, to append to without the rest of its family, of which nothing can be known as a whole from
   * then on. Created if there is none; null if no selector needs it.
   */
  seriesForAppend(name: string, labels: LabelSet): Series | null {
    const family = this.#families.get(name);
    const series = family?.getOrCreateSingle(labels) ?? null;
    if (series !== null) family!.changeTimes.recordSingleWrite();
    return series;
  }

  /** Whether a selector needs such a series. */
  wants(name: string, labels: LabelSet): boolean {
    return this.#families.get(name)?.wants(labels) ?? false;
  }

  select(selector: SelectExpr): readonly Series[] {
    const selected = this.#families.get(selector.name)?.selectedBy(selector) ?? [];
    this.#seriesSelected += selected.length;
    return selected;
  }

  /** How many series were selected so far: the cost of evaluations is proportional to it. */
  get seriesSelected(): number {
    return this.#seriesSelected;
  }

  /** Writes the samples of a family for one time: series without a sample have ended. */
  replace(name: string, at: EpochMs, samples: readonly WrittenSample[]): void {
    const [labels, values] = [samples.map((sample) => sample.labels), samples.map(({ value }) => value)];
    this.replaceColumns(name, at, [{ labels, values }]);
  }

  /** The same with samples in columns. */
  replaceColumns(name: string, at: EpochMs, columns: readonly SampleColumns[]): void {
    this.#families.get(name)?.replace(at, columns);
  }

  /** Writes the same samples of a family again for another time. */
  repeat(name: string, at: EpochMs): void {
    this.#families.get(name)?.repeat(at);
  }

  /** Whether a selector certainly has the same result at `at` as at `before`. `over` is the function over its range. */
  isUnchanged(
    selector: SelectExpr,
    over: string | null,
    { before, at }: { readonly before: EpochMs; readonly at: EpochMs },
  ): boolean {
    return this.#families.get(selector.name)?.changeTimes.isUnchanged(before, at, selector, over) ?? true;
  }

  /** Drops what no expression that is evaluated at `now` or later looks back at. */
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
