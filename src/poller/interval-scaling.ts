import { SCHEDULED_SHARE } from '../domain/request-budget.ts';

/** What the schedule of one read asks of the budget. */
export interface Demand {
  /** Something happens in the environment, or nothing is known of it yet: it is slowed down last. */
  readonly hot: boolean;
  /** As configured, and as long as it may become, milliseconds. */
  readonly wishedMs: number;
  readonly longestMs: number;
  /** Requests a read. */
  readonly cost: number;
}

/** How many times longer than wished the intervals of each kind are, before their own longest ends it. */
export interface Stretch {
  readonly cold: number;
  readonly hot: number;
}

export const NO_STRETCH: Stretch = { cold: 1, hot: 1 };

/** C of algorithms.md, 3: requests a minute that scheduled reads, walks included, may make. */
export function scheduledPerMinute(requestsPerMinute: number): number {
  return SCHEDULED_SHARE * requestsPerMinute;
}

/** A stretch grows by this much a step, so that a burst of activity does not halve the cadence at once. */
const GROWTH = 1.2;
const BISECTIONS = 40;

/** The interval in force of a read. */
export function stretchedMs({ hot, wishedMs, longestMs }: Demand, stretch: Stretch): number {
  return Math.min(wishedMs * (hot ? stretch.hot : stretch.cold), Math.max(longestMs, wishedMs));
}

/**
 * The least stretch with which the reads fit into `capacity` requests a minute: the cold ones first, as far as they go,
 * then the hot ones.
 * What does not fit even so is stretched as far as allowed; the budget then makes the reads late. algorithms.md, 3.
 */
export function neededStretch(demands: readonly Demand[], capacity: number): Stretch {
  const fits = (stretch: Stretch) => requestsOf(demands, stretch) <= capacity;
  const furthest = Math.max(1, ...demands.map(({ wishedMs, longestMs }) => longestMs / wishedMs));
  if (fits(NO_STRETCH)) return NO_STRETCH;
  if (fits({ cold: furthest, hot: 1 })) return { cold: least(furthest, (cold) => fits({ cold, hot: 1 })), hot: 1 };
  return { cold: furthest, hot: least(furthest, (hot) => fits({ cold: furthest, hot })) };
}

/** From the stretch in force to the needed one: down at once, up step by step. */
export function nextStretch(now: Stretch, needed: Stretch): Stretch {
  const step = (from: number, to: number) => Math.min(to, Math.max(from, 1) * GROWTH);
  return { cold: step(now.cold, needed.cold), hot: step(now.hot, needed.hot) };
}

/** Requests a minute that the reads ask for. */
function requestsOf(demands: readonly Demand[], stretch: Stretch): number {
  return demands.reduce((sum, demand) => sum + (60_000 * demand.cost) / stretchedMs(demand, stretch), 0);
}

/** The smallest number from 1 to `most` that does, or `most`. */
function least(most: number, does: (stretch: number) => boolean): number {
  let low = 1;
  let high = most;
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (low + high) / 2;
    if (does(middle)) high = middle;
    else low = middle;
  }
  return high;
}
