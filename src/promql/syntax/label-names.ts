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

/** A label name, and its place among others. */
export interface Label {
  readonly name: string;
  readonly rank: number;
}

/** Those of an environment come first: its label sets then are one tree, which is freed with it. */
const FIRST = ['environment_id', 'environment_name', 'job', 'instance'];
const LABELS = new Map<string, Label>(FIRST.map((name, rank) => [name, { name, rank }]));

/** The same object for the same name. */
export function labelOf(name: string): Label {
  const known = LABELS.get(name) ?? { name, rank: LABELS.size };
  LABELS.set(name, known);
  return known;
}
