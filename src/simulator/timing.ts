/** When something is so, in seconds of a scenario; without bounds it always is. */
export interface When {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** It comes again so many seconds after it began. */
  readonly repeats?: number | undefined;
}

/** Seconds since it last began; negative before it does, infinite for what began before everything. */
export function since({ from = -Infinity, repeats }: When, at: number): number {
  if (repeats === undefined || at < from) return at - from;
  const passed = at - anchorOf(from);
  return passed - Math.floor(passed / repeats) * repeats;
}

export function isActive(when: When, at: number): boolean {
  const { from = -Infinity, to = Infinity, repeats } = when;
  if (at < from) return false;
  return repeats === undefined ? at < to : since(when, at) < to - anchorOf(from);
}

/** The first moment after this one at which it begins, ends, or reaches one of these offsets from its beginning. */
export function edgeAfter(when: When, at: number, offsets: readonly number[] = []): number {
  const { from = -Infinity, to = Infinity, repeats } = when;
  if (repeats === undefined) return firstAfter(at, [from, to, ...offsets.map((offset) => from + offset)]);
  const anchor = anchorOf(from);
  const round = Math.floor((at - anchor) / repeats);
  const starts = [round, round + 1].map((number) => anchor + number * repeats).filter((start) => start >= from);
  const edges = starts.flatMap((start) => [0, to - anchor, ...offsets].map((offset) => start + offset));
  return firstAfter(at, [from, ...edges]);
}

function firstAfter(at: number, moments: readonly number[]): number {
  return moments.reduce((first, moment) => (moment > at && moment < first ? moment : first), Infinity);
}

/** What begins before everything comes again as if it had begun at 0. */
function anchorOf(from: number): number {
  return Number.isFinite(from) ? from : 0;
}
