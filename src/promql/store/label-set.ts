import { type Label, type LabelNames, labelOf } from '../syntax/label-names.ts';
import { WeakTable } from './weak-table.ts';

/** Labels that replace or join others. To be made once, because results are cached by this object. */
export interface MoreLabels {
  readonly values: Readonly<Record<string, string>>;
}

/**
 * A set holds at most this many of its children, the sets with one label more. The rest are held weakly, since values may
 * come and go.
 */
const MOST_STRONG_CHILDREN = 64;

const NO_RESULTS: readonly never[] = [];

/**
 * The labels of a series. The same labels give the same object, so that a join compares pointers. A large fleet has
 * some fifty of them per environment, so each holds only what it has more than another one: the sets of an environment
 * are a tree. It is held weakly: the labels of a removed environment are freed with it.
 */
export class LabelSet {
  static readonly #weak = new WeakTable<LabelSet>();
  static readonly NONE = new LabelSet(null, labelOf(''), '');

  /** The set without its last label; null for the one without labels. */
  readonly #parent: LabelSet | null;
  readonly #label: Label;
  readonly #value: string;
  /** The newest of the sets that have one label more, and the next older one with the same parent. */
  #newest: LabelSet | null = null;
  #older: LabelSet | null = null;
  /** What `only` or `with` was first called with, and what came out: most sets are only ever asked for one thing. */
  #firstKey: LabelNames | MoreLabels | null = null;
  #firstResult: LabelSet | null = null;
  /** Further arguments of these calls, each followed by its result. */
  #moreResults: readonly (LabelNames | MoreLabels | LabelSet)[] = NO_RESULTS;

  private constructor(parent: LabelSet | null, label: Label, value: string) {
    this.#parent = parent;
    this.#label = label;
    this.#value = value;
  }

  /** An empty value counts as no label. */
  static of(values: Readonly<Record<string, string>>): LabelSet {
    const labels = Object.keys(values).map(labelOf);
    let set = LabelSet.NONE;
    for (const label of labels.sort((one, other) => one.rank - other.rank)) {
      if (values[label.name] !== '') set = LabelSet.#child(set, label, values[label.name]!);
    }
    return set;
  }

  /** By name, in alphabetical order. */
  get values(): Readonly<Record<string, string>> {
    const pairs: (readonly [name: string, value: string])[] = [];
    for (let set: LabelSet = this; set.#parent !== null; set = set.#parent) pairs.push([set.#label.name, set.#value]);
    return Object.fromEntries(pairs.sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  get(name: string): string {
    for (let set: LabelSet = this; set.#parent !== null; set = set.#parent) {
      if (set.#label.name === name) return set.#value;
    }
    return '';
  }

  /** Without all other labels, as `by` and `on` of PromQL. */
  only(list: LabelNames): LabelSet {
    return LabelSet.#remembered(this, list) ?? LabelSet.#remember(this, list, LabelSet.#withOnly(this, list));
  }

  /** With these labels, which replace those of the same name. */
  with(more: MoreLabels): LabelSet {
    return (
      LabelSet.#remembered(this, more) ??
      LabelSet.#remember(this, more, LabelSet.of({ ...this.values, ...more.values }))
    );
  }

  // Static from here on: private methods would make each object a word larger.

  static #remembered(labels: LabelSet, key: LabelNames | MoreLabels): LabelSet | null {
    if (labels.#firstKey === key) return labels.#firstResult;
    const more = labels.#moreResults;
    for (let index = 0; index < more.length; index += 2) {
      if (more[index] === key) return more[index + 1] as LabelSet;
    }
    return null;
  }

  /** A method of its own: one with a closure over its arguments allocates room for them at every call. */
  static #withOnly(labels: LabelSet, { names }: LabelNames): LabelSet {
    return LabelSet.of(Object.fromEntries(names.map((name) => [name, labels.get(name)])));
  }

  static #remember(labels: LabelSet, key: LabelNames | MoreLabels, result: LabelSet): LabelSet {
    if (labels.#firstKey === null) {
      labels.#firstKey = key;
      labels.#firstResult = result;
    } else {
      // Not spread: an array that grows takes room for many more.
      labels.#moreResults = labels.#moreResults.concat([key, result]);
    }
    return result;
  }

  static #child(parent: LabelSet, label: Label, value: string): LabelSet {
    let held = 0;
    for (let one = parent.#newest; one !== null; one = one.#older, held++) {
      if (LabelSet.#isChild(one, parent, label, value)) return one;
    }
    if (parent === LabelSet.NONE || held >= MOST_STRONG_CHILDREN) return LabelSet.#weakChild(parent, label, value);
    const made = new LabelSet(parent, label, value);
    made.#older = parent.#newest;
    parent.#newest = made;
    return made;
  }

  static #weakChild(parent: LabelSet, label: Label, value: string): LabelSet {
    let hash = hashLabel(SEED, label.name, value);
    for (let set = parent; set.#parent !== null; set = set.#parent) hash = hashLabel(hash, set.#label.name, set.#value);
    const known = LabelSet.#weak.find(hash, (one) => LabelSet.#isChild(one, parent, label, value));
    if (known !== undefined) return known;
    const made = new LabelSet(parent, label, value);
    LabelSet.#weak.add(hash, made);
    return made;
  }

  static #isChild(one: LabelSet, parent: LabelSet, label: Label, value: string): boolean {
    return one.#parent === parent && one.#label === label && one.#value === value;
  }
}

const SEED = 0x811c9dc5;

/** FNV-1a over a label. */
function hashLabel(hash: number, name: string, value: string): number {
  return hashText(hashText(hash, name), value) | 0;
}

function hashText(start: number, text: string): number {
  let hash = start;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  // Marks where one text ends and the next begins.
  return Math.imul(hash ^ 0x100, 0x01000193);
}

export const NO_LABELS = LabelSet.NONE;
