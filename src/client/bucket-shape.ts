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
 * refill with.
 */
export function bucketShape(requestsPerMinute: number): BucketShape {
  const burst = requestsPerMinute < 4 ? 1 : Math.min(8, Math.max(2, requestsPerMinute / 30));
  return { burst, perMs: Math.max(requestsPerMinute - burst, requestsPerMinute / 2) / 60_000 };
}
