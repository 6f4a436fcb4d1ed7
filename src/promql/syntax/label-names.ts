/** A list of label names. The same names give the same object: results are cached by it. */
export interface LabelNames {
  readonly names: readonly string[];
}

const INTERNED = new Map<string, LabelNames>();

export function labelNames(names: readonly string[]): LabelNames {
  const sorted = names.toSorted();
  const key = sorted.join(',');
  const known = INTERNED.get(key) ?? { names: sorted };
  INTERNED.set(key, known);
  return known;
}

/** A label name, and its rank in the tree of label sets: the lower, the nearer to the root. */
export interface Label {
  readonly name: string;
  readonly rank: number;
}

/** The labels of an environment come first: its label sets are then one tree, which is freed with it. */
const RANKED_FIRST = ['environment_id', 'environment_name', 'job', 'instance'];
const LABELS = new Map<string, Label>(RANKED_FIRST.map((name, rank) => [name, { name, rank }]));

/** The same object for the same name. */
export function labelOf(name: string): Label {
  const known = LABELS.get(name) ?? { name, rank: LABELS.size };
  LABELS.set(name, known);
  return known;
}
