import type { CompiledRule } from '../../../src/conditions/evaluation/compile-rules.ts';
import type { LabelSet } from '../../../src/promql/store/label-set.ts';
import type { Series } from '../../../src/promql/store/series.ts';
import { SeriesStore } from '../../../src/promql/store/series-store.ts';
import type { SelectExpr } from '../../../src/promql/syntax/expression.ts';
import type { Vector } from '../../../src/promql/vector.ts';
import { isAlert } from '../../../src/rules/parts/rule.ts';
import { everySeries } from './play.ts';

const ALERTS = 'ALERTS';

/** What the rules as they are recorded, with the results of some rules replaced. */
export class MutatedStore {
  readonly #base: SeriesStore;
  readonly #rules: readonly CompiledRule[];
  readonly #replaced: ReadonlySet<number>;
  readonly #own: SeriesStore;
  readonly #told = new Map<number, ReadonlySet<LabelSet>>();
  readonly #records: ReadonlySet<string>;
  /** By selector, of which each rule has its own: what it chooses of `base`, which does not grow any more. */
  readonly #kept = new Map<SelectExpr, readonly Series[]>();

  /** @param replaced indexes of the rules whose results are not taken from `base` */
  constructor(base: SeriesStore, rules: readonly CompiledRule[], replaced: ReadonlySet<number>) {
    this.#base = base;
    this.#rules = rules;
    this.#replaced = replaced;
    this.#records = new Set([...replaced].flatMap((index) => recordOf(rules[index]!)));
    this.#own = new SeriesStore([...this.#records, ALERTS].map(everySeries));
  }

  /** What the rule with this index sees: of the rules after it, what they recorded and fired at the evaluation before. */
  seenBy(index: number): SeriesStore {
    return { select: (selector: SelectExpr) => this.#select(selector, index) } as SeriesStore;
  }

  recorded(name: string, at: number, vector: Vector): void {
    this.#own.replace(name, at, vector);
  }

  /** @param all the series of the alerts of the rule with this index: others that it had end */
  fired(index: number, all: ReadonlySet<LabelSet>, at: number): void {
    for (const labels of all) this.#own.seriesForAppend(ALERTS, labels)?.append(at, 1);
    for (const labels of this.#told.get(index) ?? [])
      if (!all.has(labels)) this.#own.seriesForAppend(ALERTS, labels)?.end(at);
    this.#told.set(index, all);
  }

  #select(selector: SelectExpr, index: number): readonly Series[] {
    if (this.#records.has(selector.name)) return this.#own.select(selector);
    const kept = this.#kept.get(selector) ?? this.#keptOf(selector, index);
    this.#kept.set(selector, kept);
    return selector.name === ALERTS ? [...kept, ...this.#own.select(selector)] : kept;
  }

  #keptOf(selector: SelectExpr, index: number): readonly Series[] {
    const all = this.#base.select(selector);
    if (selector.name !== ALERTS) return this.#isLater(selector.name, index) ? all.map(before) : all;
    return all.flatMap((series) => {
      const of = this.#ruleOf(series.labels);
      if (this.#replaced.has(of)) return [];
      return of >= index ? [before(series)] : [series];
    });
  }

  /** Whether it is recorded after the rule with this index is evaluated. */
  #isLater(record: string, index: number): boolean {
    return this.#rules.slice(index).some((rule) => recordOf(rule).includes(record));
  }

  #ruleOf(labels: LabelSet): number {
    const fits = this.#rules.flatMap(({ rule }, index) =>
      isAlert(rule) &&
      labels.get('alertname') === rule.alert &&
      Object.entries(rule.labels).every(([name, value]) => labels.get(name) === value)
        ? [index]
        : [],
    );
    const size = (index: number) => {
      const { rule } = this.#rules[index]!;
      return isAlert(rule) ? Object.keys(rule.labels).length : 0;
    };
    return fits.toSorted((one, other) => size(other) - size(one))[0] ?? -1;
  }
}

function recordOf({ rule }: CompiledRule): readonly string[] {
  return isAlert(rule) ? [] : [rule.record];
}

function before(series: Series): Series {
  return {
    labels: series.labels,
    valueAt: (at: number) => series.valueAt(at - 1),
    lastValueIn: (from: number, to: number) => series.lastValueIn(from, to - 1),
    runsIn: (from: number, to: number) => series.runsIn(from, to - 1),
  } as Series;
}
