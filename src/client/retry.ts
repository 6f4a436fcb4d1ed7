import { jitter, type Random } from '../base/random.ts';

/** How an attempt failed, as far as the retry depends on it. */
export interface FailedAttempt {
  readonly httpStatus: number | null;
  /** The connection ended before a byte of the answer came. */
  readonly connectionLost: boolean;
  /** A cache sent an old answer, although it was told not to. */
  readonly fromCache: boolean;
  /** The answer's `x-should-retry`. */
  readonly shouldRetry: boolean | null;
  readonly retryAfterMs: number | null;
}

/** The most attempts of one call, the first included. The next poll is a better retry than a third attempt. */
export const MOST_ATTEMPTS = 2;

const BACKOFF_MS = 300;
/** A server that asks for more time than this gets it from the next poll. */
const LONGEST_WAIT_MS = 2000;

/**
 * How long to wait before the one retry of a call; null when there must be none.
 *
 * Only for errors that may be gone a second later: a lost connection, usually a kept one that the server had just
 * closed, 5xx and 408, and an old answer from a cache, beside which another one may be current. Never for 429, an own
 * timeout or another 4xx, which a retry would only make worse.
 */
export function retryDelayMs(failed: FailedAttempt, random: Random): number | null {
  const { httpStatus, connectionLost, fromCache, shouldRetry, retryAfterMs } = failed;
  if (shouldRetry === false) return null;
  const passing = httpStatus === null ? connectionLost : fromCache || httpStatus === 408 || httpStatus >= 500;
  if (!passing || (retryAfterMs ?? 0) > LONGEST_WAIT_MS) return null;
  return Math.max(jitter(BACKOFF_MS, 0.5, random), retryAfterMs ?? 0);
}
