/** What was measured for one row of the table. */
export interface Figure {
  /** The name of the row in `GOALS`. */
  readonly what: string;
  readonly result: number;
  /** The values behind a ratio, to explain an unexpected result. */
  readonly from?: string;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** How one value relates to another, both as medians of runs side by side. */
export function ratio(
  what: string,
  { own, other, unit = 'ms' }: { readonly own: readonly number[]; readonly other: readonly number[]; unit?: string },
): Figure {
  const [one, base] = [median(own), median(other)];
  return { what, result: one / base, from: `${one.toFixed(3)} of ${base.toFixed(3)} ${unit}` };
}
