/**
 * The part of a budget that scheduled reads may use; the rest is for retries and discovery:
 * docs/design/budget.md#what-is-scheduled.
 */
export const SCHEDULED_SHARE = 0.9;

/** Requests a minute that scheduled reads, full scans included, may make. */
export function scheduledPerMinute(requestsPerMinute: number): number {
  return SCHEDULED_SHARE * requestsPerMinute;
}

/** What scheduling needs to know of a connection's budget. */
export interface TokenSource {
  /** Takes the token for one request if one is available and nobody waits for it. */
  tryTake(): boolean;
  /** Resolves once a token is taken, first come, first served. If the signal aborts first, rejects with its reason. */
  take(signal?: AbortSignal): Promise<void>;
  /** Returns a token with which nothing was sent. */
  giveBack(): void;
  /** How many callers wait for a token. */
  readonly waiting: number;
  /** Milliseconds until a token may be available; 0 when one is. */
  timeUntilNextMs(): number;
  /** Milliseconds until the bucket is full and nobody waits, so that one more request delays nobody. */
  timeUntilFullMs(): number;
  /** Requests a minute as configured: a pause after a 429 is no reason to scale the schedule. */
  readonly configuredPerMinute: number;
  /** Milliseconds until a pause after a 429 ends; 0 when there is none. */
  readonly pauseMs: number;
  /** True from a 429 until the first other answer after its pause. */
  readonly isRateLimited: boolean;
}

/** How a token bucket keeps to a number of requests a minute. */
export interface BucketShape {
  /** The most tokens it holds. */
  readonly burst: number;
  /** Tokens that flow in per millisecond. */
  readonly perMs: number;
}

/**
 * Burst and refill for `requestsPerMinute`: docs/design/budget.md#the-token-bucket. Burst plus a minute's refill equals
 * the limit, so no window of 60 s exceeds it, wherever it starts. Below 4 a minute, a burst of 2 would leave nothing to
 * refill with. From 480 a minute on, it is what a second allows: reads that start together share wake-ups, which saves a
 * fleet of 1,000 environments more than a quarter of the CPU of its reads.
 */
export function bucketShape(requestsPerMinute: number): BucketShape {
  const burst = requestsPerMinute < 4 ? 1 : Math.max(2, Math.min(8, requestsPerMinute / 30), requestsPerMinute / 60);
  return { burst, perMs: Math.max(requestsPerMinute - burst, requestsPerMinute / 2) / 60_000 };
}
