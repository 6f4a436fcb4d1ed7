import type { LabelSet } from './label-set.ts';

export interface VectorSample {
  readonly labels: LabelSet;
  readonly value: number;
}

/** One number for each of several label sets, at one moment. */
export type Vector = readonly VectorSample[];

/** The result of an expression. */
export type Result = number | Vector;

/**
 * One sample for each of `items` that has a value; null and NaN count as none. A plain loop, because thousands pass
 * here at a time.
 */
export function vectorFrom<T extends { readonly labels: LabelSet }>(
  items: Iterable<T>,
  toValue: (item: T) => number | null,
): Vector {
  const vector: VectorSample[] = [];
  for (const item of items) {
    const value = toValue(item);
    if (value !== null && !Number.isNaN(value)) vector.push({ labels: item.labels, value });
  }
  return vector;
}
