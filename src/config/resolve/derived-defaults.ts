/** How long work may wait by default. */
const WAIT_MS = 300_000;
/** How many items may wait by default. */
const DEPTH = 100;

/** A limit per severity. */
interface Limits {
  readonly warning: number;
  readonly critical: number;
}

/** `slo.queue_wait_target` by default: no shorter than `queue_age.warning`, or work that may wait for hours breaks the objective. */
export function defaultWaitTargetMs({ warning }: Limits): number {
  return Math.max(WAIT_MS, warning);
}

/**
 * `queue_depth.warning` by default: n times as many items if they may wait n times longer, because that many arrive meanwhile;
 * the usual depth if no wait is too long; never more than the critical limit, or the page would come first.
 */
export function defaultQueueDepth(ages: Limits, { critical }: Pick<Limits, 'critical'>): number {
  const longest = Math.min(ages.warning, ages.critical);
  const longer = longest === Number.POSITIVE_INFINITY ? 1 : Math.max(1, longest / WAIT_MS);
  return Math.min(Math.ceil(DEPTH * longer), critical);
}
