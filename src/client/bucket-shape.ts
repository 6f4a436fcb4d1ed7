/** How a token bucket keeps to a number of requests a minute. */
export interface BucketShape {
  /** Most tokens it holds. */
  readonly burst: number;
  /** Tokens that flow in per millisecond. */
  readonly perMs: number;
}

/**
 * Burst and refill for `requestsPerMinute`: docs/design/budget.md#the-token-bucket. Burst and a minute's refill
 * together are the limit, so no 60 s see more than that, wherever they start. Below 4 a minute a burst of 2 would leave
 * nothing to refill with.
 */
export function bucketShape(requestsPerMinute: number): BucketShape {
  const burst = requestsPerMinute < 4 ? 1 : Math.min(8, Math.max(2, requestsPerMinute / 30));
  return { burst, perMs: Math.max(requestsPerMinute - burst, requestsPerMinute / 2) / 60_000 };
}
