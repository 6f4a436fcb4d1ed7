import type { LabelSet } from './store/label-set.ts';

export interface VectorSample {
  readonly labels: LabelSet;
  readonly value: number;
}

/** One number for each of several label sets, at one moment. */
export type Vector = readonly VectorSample[];

/** The result of an expression. */
export type Result = number | Vector;

/**
 * One sample for each of `items` that has a value; null and NaN count as none. Here and in what aggregates and joins,
 * loops count: thousands of samples pass at a time, twice a minute, and an iterator allocates for each of them until V8
 * has optimized its loop.
 */
export function vectorFrom<T extends { readonly labels: LabelSet }>(
  items: readonly T[],
  toValue: (item: T) => number | null,
): Vector {
  const vector: VectorSample[] = [];
  for (let index = 0; index < items.length; index++) {
    const item = items[index]!;
    const value = toValue(item);
    if (value !== null && !Number.isNaN(value)) vector.push({ labels: item.labels, value });
  }
  return vector;
}
