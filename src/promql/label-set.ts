import { WeakTable } from './weak-table.ts';

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

/** Labels that replace or join others. Made once, since results are cached by it. */
export interface MoreLabels {
  readonly values: Readonly<Record<string, string>>;
}

const NO_OTHERS: readonly never[] = [];

/**
 * The labels of a series. The same labels give the same object, so that a join compares pointers. Held weakly: the
 * labels of a removed environment are freed with it. A large fleet has some sixty of them per environment, so they hold
 * no more than they must: names are shared, and nothing is allocated for results that were never asked for.
 */
export class LabelSet {
  static readonly #known = new WeakTable<LabelSet>();

  readonly #names: readonly string[];
  readonly #values: readonly string[];
  /** What was asked for first, and the answer: most are asked for one thing only. */
  #question: LabelNames | MoreLabels | null = null;
  #answer: LabelSet | null = null;
  /** What else was asked for, and the answer to it, in turn. */
  #others: readonly (LabelNames | MoreLabels | LabelSet)[] = NO_OTHERS;

  private constructor(names: readonly string[], values: readonly string[]) {
    this.#names = names;
    this.#values = values;
  }

  /** An empty value counts as no label. */
  static of(values: Readonly<Record<string, string>>): LabelSet {
    const names = Object.keys(values)
      .filter((name) => values[name] !== '')
      .sort();
    return LabelSet.#ofSorted(
      labelNames(names).names,
      names.map((name) => values[name]!),
    );
  }

  static #ofSorted(names: readonly string[], values: readonly string[]): LabelSet {
    const hash = hashOf(names, values);
    const known = LabelSet.#known.find(hash, (one) => LabelSet.#isOf(one, names, values));
    if (known !== undefined) return known;
    const made = new LabelSet(names, values);
    LabelSet.#known.add(hash, made);
    return made;
  }

  get values(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#names.map((name, index) => [name, this.#values[index]!]));
  }

  get(name: string): string {
    const index = this.#names.indexOf(name);
    return index === -1 ? '' : this.#values[index]!;
  }

  /** Only these labels. */
  only(list: LabelNames): LabelSet {
    return LabelSet.#answered(this, list) ?? LabelSet.#remember(this, list, LabelSet.#chosen(this, list));
  }

  with(more: MoreLabels): LabelSet {
    return (
      LabelSet.#answered(this, more) ?? LabelSet.#remember(this, more, LabelSet.of({ ...this.values, ...more.values }))
    );
  }

  // Static from here on: an object of a class with private methods takes another word.

  static #answered(labels: LabelSet, question: LabelNames | MoreLabels): LabelSet | null {
    if (labels.#question === question) return labels.#answer;
    const others = labels.#others;
    for (let index = 0; index < others.length; index += 2) {
      if (others[index] === question) return others[index + 1] as LabelSet;
    }
    return null;
  }

  /** By itself: a method with a closure over its arguments allocates room for them at every call. */
  static #chosen(labels: LabelSet, { names }: LabelNames): LabelSet {
    return LabelSet.of(Object.fromEntries(names.map((name) => [name, labels.get(name)])));
  }

  static #remember(labels: LabelSet, question: LabelNames | MoreLabels, answer: LabelSet): LabelSet {
    if (labels.#question === null) {
      labels.#question = question;
      labels.#answer = answer;
    } else {
      // Not spread: an array that grows takes room for many more.
      labels.#others = labels.#others.concat([question, answer]);
    }
    return answer;
  }

  static #isOf(labels: LabelSet, names: readonly string[], values: readonly string[]): boolean {
    return labels.#names === names && labels.#values.every((one, at) => one === values[at]);
  }
}

/** FNV-1a over names and values. */
function hashOf(names: readonly string[], values: readonly string[]): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < names.length; index++) {
    hash = mixed(mixed(hash, names[index]!), values[index]!);
  }
  return hash | 0;
}

function mixed(start: number, text: string): number {
  let hash = start;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  // So that where one text ends and the next begins counts.
  return Math.imul(hash ^ 0x100, 0x01000193);
}

export const NO_LABELS = LabelSet.of({});
