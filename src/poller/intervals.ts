/** What the schedule of one read requires of the budget. */
export interface Demand {
  /** Work waits or runs, or something has changed lately. */
  readonly active: boolean;
  /** The configured interval, and how far it may be stretched, milliseconds. */
  readonly configuredMs: number;
  readonly longestMs: number;
  /** Requests per read. */
  readonly cost: number;
}

/** By how much intervals are lengthened so that all reads fit into the budget: 1 where they do. */
export interface StretchFactors {
  readonly idle: number;
  readonly active: number;
}

export const NO_STRETCH: StretchFactors = { idle: 1, active: 1 };

/** Idle environments are stretched so many times as far as active ones. */
const IDLE_SHARE = 4;
const MOST = 4096;
const BISECTIONS = 20;

/** The interval in force, milliseconds. */
export function stretchedMs({ active, configuredMs, longestMs }: Demand, factors: StretchFactors): number {
  return Math.min(configuredMs * (active ? factors.active : factors.idle), Math.max(longestMs, configuredMs));
}

/**
 * The smallest factors with which the reads fit into so many requests a minute. If even the longest intervals do not fit,
 * the budget delays the reads.
 */
export function neededFactors(demands: readonly Demand[], perMinute: number): StretchFactors {
  const fits = (factors: StretchFactors) =>
    demands.reduce((sum, demand) => sum + (60_000 * demand.cost) / stretchedMs(demand, factors), 0) <= perMinute;
  if (fits(NO_STRETCH)) return NO_STRETCH;
  const factors = (idle: number) => ({ idle, active: Math.max(1, idle / IDLE_SHARE) });
  let [low, high] = [1, MOST];
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = Math.sqrt(low * high);
    if (fits(factors(middle))) high = middle;
    else low = middle;
  }
  return factors(high);
}
