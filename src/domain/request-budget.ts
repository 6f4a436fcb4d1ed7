/**
 * Part of a budget that scheduled reads may use; the rest is for retries and discovery:
 * docs/design/budget.md#what-is-scheduled.
 */
export const SCHEDULED_PART = 0.9;

/** Requests a minute that scheduled reads, full scans included, may make. */
export function scheduledPerMinute(requestsPerMinute: number): number {
  return SCHEDULED_PART * requestsPerMinute;
}

/** What scheduling needs of a connection's budget. */
export interface TokenSource {
  /** Takes one request's token if there is one now and nobody waits for it. */
  tryTake(): boolean;
  /** Resolves with a token taken, first come first served; rejects with the signal's reason when that aborts first. */
  take(signal?: AbortSignal): Promise<void>;
  /** How many wait for a token. */
  readonly waiting: number;
  /** Milliseconds until a token may be there; 0 when there is one. */
  timeUntilNextMs(): number;
  /** Milliseconds until its bucket is full and nobody waits: until a request takes nothing from anybody. */
  timeUntilFullMs(): number;
  /** Requests a minute as configured: a pause after a 429 is no reason to scale the schedule. */
  readonly configuredPerMinute: number;
  /** Milliseconds until a pause after a 429 is over; 0 when there is none. */
  readonly pauseMs: number;
  /** True from a 429 until the first other answer after its pause. */
  readonly isRateLimited: boolean;
}
