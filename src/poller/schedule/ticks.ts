/** How many jobs there are in the process, on all of its connections: one wake-up serves them all. */
export interface FleetSize {
  readonly jobs: number;
}

/** If more jobs than this share a process, reads start together: waking up costs as much as a request. */
const MOST_EXACT = 40;
const TICK_MS = 250;
/**
 * Regular reads start at full seconds of the monotonic clock. The more start together, the less each costs: a tick gathers
 * too few of them, even of a thousand environments.
 */
const STEP_MS = 1000;

/** Milliseconds within which a connection of so many jobs batches starts; 0: it starts every read exactly on time. */
export function tickMs(jobs: number): number {
  return jobs > MOST_EXACT ? TICK_MS : 0;
}

/**
 * Moves the time of a regular read, monotonic milliseconds, to the nearest moment at which reads of any connection start.
 * To the nearest and not to the next one, so that the mean interval stays the same.
 *
 * @param variesMs how much the interval varies. Steps longer than that would undo the variation: reads that began together,
 *   as after a start, would always stay together.
 */
export function nearestStart(at: number, { jobs }: FleetSize, variesMs: number): number {
  if (jobs <= MOST_EXACT) return at;
  const step = variesMs >= STEP_MS ? STEP_MS : TICK_MS;
  return Math.round(at / step) * step;
}
