import type { SelectExpr } from '../syntax/expression.ts';
import type { LabelSet } from './label-set.ts';
import type { Series } from './series.ts';

/** The series that a selector of a rule selects. */
interface Selection {
  readonly selector: SelectExpr;
  series: Series[];
}

/** Which series of a family each selector of a rule selects. */
export class Selections {
  /** By the text of the matchers: many selectors have the same matchers and share what they select. */
  readonly #byText = new Map<string, Selection>();
  readonly #bySelector = new Map<SelectExpr, Selection>();
  /** Labels that no selector of a rule selects, such as those of most firing alerts. */
  readonly #unwanted = new WeakSet<LabelSet>();

  addSelector(selector: SelectExpr): void {
    const text = selector.matchers.map((matcher) => matcher.text).join();
    const selection = this.#byText.get(text) ?? { selector, series: [] };
    this.#byText.set(text, selection);
    this.#bySelector.set(selector, selection);
  }

  wants(labels: LabelSet): boolean {
    return this.#byText.values().some(({ selector }) => isSelected(labels, selector));
  }

  /** Those that a new series with these labels belongs to; null if no selector of a rule selects it. */
  forNewSeries(labels: LabelSet): readonly Selection[] | null {
    if (this.#unwanted.has(labels)) return null;
    const selections = [...this.#byText.values()].filter(({ selector }) => isSelected(labels, selector));
    if (selections.length === 0) {
      this.#unwanted.add(labels);
      return null;
    }
    return selections;
  }

  /** What a selector of a rule selects; undefined for any other. */
  of(selector: SelectExpr): readonly Series[] | undefined {
    return this.#bySelector.get(selector)?.series;
  }

  remove(forgotten: ReadonlySet<Series>): void {
    for (const selection of this.#byText.values()) {
      selection.series = selection.series.filter((series) => !forgotten.has(series));
    }
  }
}

export function isSelected(labels: LabelSet, { matchers }: SelectExpr): boolean {
  return matchers.every(({ label, matches }) => matches(labels.get(label)));
}
