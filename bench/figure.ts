/** One line of the table: a measured value and the most it should be. */
export interface Figure {
  readonly what: string;
  readonly result: number;
  readonly goal: number;
  /** Absent: a ratio. */
  readonly unit?: 'ms' | 'ms/s' | 'MB' | 'requests';
  /** What the ratio was made of, for whoever reads a result that is off. */
  readonly from?: string;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** How one value relates to another, both as medians of runs side by side. */
export function ratio(
  what: string,
  goal: number,
  { own, other, unit = 'ms' }: { readonly own: readonly number[]; readonly other: readonly number[]; unit?: string },
): Figure {
  const [one, base] = [median(own), median(other)];
  return { what, goal, result: one / base, from: `${one.toFixed(3)} of ${base.toFixed(3)} ${unit}` };
}
