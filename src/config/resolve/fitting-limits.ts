/** How long work may wait by default. */
const WAIT_MS = 300_000;
/** How many items may wait by default. */
const DEPTH = 100;

/** A limit per severity. */
interface Limits {
  readonly warning: number;
  readonly critical: number;
}

/** The wait that an environment promises: work that may wait for hours must not break the objective of other work. */
export function fittingWaitMs({ warning }: Limits): number {
  return Math.max(WAIT_MS, warning);
}

/**
 * How many items may wait: n times as many as by default if they may wait n times longer, because that many arrive meanwhile.
 * If no wait is too long, the default depth applies. It never exceeds the critical limit, or the page would come first.
 */
export function fittingDepth(ages: Limits, { critical }: Pick<Limits, 'critical'>): number {
  const longest = Math.min(ages.warning, ages.critical);
  const longer = longest === Number.POSITIVE_INFINITY ? 1 : Math.max(1, longest / WAIT_MS);
  return Math.min(Math.ceil(DEPTH * longer), critical);
}
