import type { EpochMs } from '../../base/clock.ts';
import type { SelectExpr } from '../syntax/expression.ts';
import type { LabelSet } from './label-set.ts';
import { Moments } from './moments.ts';
import { Movement } from './movement.ts';
import { PresentSeries, type SampleColumns, type SampleWriter } from './present-series.ts';
import { Series } from './series.ts';
import { SeriesIndex } from './series-index.ts';

export interface WrittenSample {
  readonly labels: LabelSet;
  readonly value: number;
}

/** The series that a selector of a rule chooses. */
interface Choice {
  readonly selector: SelectExpr;
  series: Series[];
}

/**
 * So many series that have ended are kept, or as many as there ever were at once: an outage may end all of them, and
 * they come back. Where environments come and go by the thousand, rules that look back for a day would keep ever more.
 */
const LEAST_ENDED = 1000;

/** All series of one name. */
export class Family {
  readonly #series = new SeriesIndex();
  /** The longest that any expression looks back. */
  retentionMs = 0;
  /** No series has anything that ended earlier, so until then nothing can be forgotten. */
  #oldest = Number.NEGATIVE_INFINITY;
  /** The most series that there ever were, without those that had ended. */
  #mostAtOnce = 0;
  readonly movement = new Movement();
  readonly #moments = new Moments();
  /** By what the matchers say: most selectors say what others say, and share what they choose. */
  readonly #choices = new Map<string, Choice>();
  readonly #choiceOf = new Map<SelectExpr, Choice>();
  /** Labels that no selector of a rule chooses: most alerts that fire are asked for by none. */
  readonly #unwanted = new WeakSet<LabelSet>();
  readonly #present = new PresentSeries();
  readonly #writer: SampleWriter = {
    seriesOf: (labels) => this.#get(labels, this.#moments),
    append: (series, value) => this.#append(series, value),
  };

  /** Before the first series is written. */
  addSelector(selector: SelectExpr): void {
    const text = selector.matchers.map((matcher) => matcher.text).join();
    const choice = this.#choices.get(text) ?? { selector, series: [] };
    this.#choices.set(text, choice);
    this.#choiceOf.set(selector, choice);
  }

  wants(labels: LabelSet): boolean {
    return this.#choices.values().some(({ selector }) => isChosen(labels, selector));
  }

  /** A series that is written by itself; null if no selector of a rule would choose it. */
  alone(labels: LabelSet): Series | null {
    return this.#get(labels);
  }

  /** Creates the series if it does not exist. */
  #get(labels: LabelSet, moments?: Moments): Series | null {
    const known = this.#series.get(labels);
    if (known !== undefined) return known;
    if (this.#unwanted.has(labels)) return null;
    const choices = [...this.#choices.values()].filter(({ selector }) => isChosen(labels, selector));
    if (choices.length === 0) {
      this.#unwanted.add(labels);
      return null;
    }
    const made = new Series(labels, moments);
    this.#series.add(made);
    for (const choice of choices) choice.series.push(made);
    return made;
  }

  /** Writes one moment: series that are not in it have ended. */
  replace(at: EpochMs, columns: readonly SampleColumns[]): void {
    this.repeat(at);
    const present = this.#present.write(columns, this.#writer);
    if (present === null) return;
    for (const one of this.#series.all) if (!present.has(one) && one.end(at)) this.movement.ended(at);
  }

  /** Writes one more moment like the last one. */
  repeat(at: EpochMs): void {
    this.movement.written(at);
    this.#moments.indexOf(at);
  }

  #append(series: Series, value: number): void {
    const at = this.#moments.lastAt;
    const isNew = series.isEmpty;
    const isSame = series.append(at, value);
    if (isNew) this.movement.appeared(at);
    else if (!isSame) this.movement.changed(at);
  }

  /** Also for a selector that is used only once: a text asks for the series of one environment. */
  chosenBy(selector: SelectExpr): readonly Series[] {
    const known = this.#choiceOf.get(selector);
    if (known !== undefined) return known.series;
    return this.#series.fewest(selector).filter(({ labels }) => isChosen(labels, selector));
  }

  get size(): { readonly series: number; readonly numbers: number } {
    let numbers = this.#moments.size;
    for (const series of this.#series.all) numbers += series.size;
    return { series: this.#series.all.length, numbers };
  }

  forget(before: EpochMs): void {
    this.#series.cleanUp();
    const forgotten = new Set(this.#tooManyEnded());
    if (before <= this.#oldest && forgotten.size === 0) return;
    let oldest = Number.POSITIVE_INFINITY;
    for (const series of this.#series.all) {
      if (forgotten.has(series)) continue;
      if (series.forget(before)) forgotten.add(series);
      else oldest = Math.min(oldest, series.oldestEnd);
    }
    // What is written from now on ends later.
    this.#oldest = this.#series.all.length === forgotten.size ? before : oldest;
    if (forgotten.size === 0) return;
    // Who comes back after that long is written anew.
    this.#present.forget(forgotten);
    this.#series.remove(forgotten);
    for (const choice of this.#choices.values()) {
      choice.series = choice.series.filter((series) => !forgotten.has(series));
    }
  }

  /** Those that ended first, beyond the most. */
  #tooManyEnded(): readonly Series[] {
    const { all } = this.#series;
    this.#mostAtOnce = Math.max(this.#mostAtOnce, this.#present.size);
    if (all.length - this.#present.size <= Math.max(LEAST_ENDED, this.#mostAtOnce)) return [];
    const ended = all.filter(({ endedAt }) => endedAt !== null);
    this.#mostAtOnce = Math.max(this.#mostAtOnce, all.length - ended.length);
    const many = ended.length - Math.max(LEAST_ENDED, this.#mostAtOnce);
    if (many <= 0) return [];
    // What looks back at them is no longer what it was.
    this.movement.ended(this.#moments.lastAt);
    return ended.sort((one, other) => one.endedAt! - other.endedAt!).slice(0, many);
  }
}

function isChosen(labels: LabelSet, { matchers }: SelectExpr): boolean {
  return matchers.every(({ label, matches }) => matches(labels.get(label)));
}
