/** How long work may wait by default. */
const WAIT_MS = 300_000;
/** How much of it. */
const DEPTH = 100;

/** By severity. */
interface Limits {
  readonly warning: number;
  readonly critical: number;
}

/** The wait that an environment promises: work that may wait for hours must not break the objective of other work. */
export function fittingWaitMs({ warning }: Limits): number {
  return Math.max(WAIT_MS, warning);
}

/**
 * How much may wait: as many times more as it may wait longer, because that many more arrive meanwhile. Where no wait
 * is too long, the depth alone is left to tell. A page never comes before its ticket.
 */
export function fittingDepth(ages: Limits, { critical }: Pick<Limits, 'critical'>): number {
  const longest = Math.min(ages.warning, ages.critical);
  const longer = longest === Number.POSITIVE_INFINITY ? 1 : Math.max(1, longest / WAIT_MS);
  return Math.min(Math.ceil(DEPTH * longer), critical);
}
