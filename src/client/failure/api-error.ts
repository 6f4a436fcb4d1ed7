import { ExporterError } from '../../base/errors.ts';
import type { Failure } from '../../domain/failure.ts';

export interface ApiErrorOptions {
  /** The wait that the answer asked for with `retry-after`; null when it asked for none. */
  readonly retryAfterMs?: number | null;
  /** The answer's `x-should-retry`; null when it said nothing. */
  readonly shouldRetry?: boolean | null;
  readonly cause?: unknown;
  /** There was more in the answer than is accepted of one: a smaller page may do. False when omitted. */
  readonly tooMuch?: boolean;
  /** How many requests were sent; 0 when omitted. */
  readonly requests?: number;
}

/**
 * A call of the Work API that failed; `failure` is safe to store, export and show. `code` is `api_` plus the reason.
 */
export class ApiError extends ExporterError {
  readonly failure: Failure;
  readonly retryAfterMs: number | null;
  readonly shouldRetry: boolean | null;
  readonly tooMuch: boolean;
  /** The requests that the call took, including a retry. */
  readonly requests: number;

  constructor(failure: Failure, options: ApiErrorOptions = {}) {
    super(`api_${failure.reason}`, failure.message, { cause: options.cause, remedy: failure.remedy });
    this.failure = failure;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.shouldRetry = options.shouldRetry ?? null;
    this.tooMuch = options.tooMuch ?? false;
    this.requests = options.requests ?? 0;
  }

  /** The same failure, of a call that took this many requests. */
  after(requests: number): ApiError {
    const { failure, retryAfterMs, shouldRetry, tooMuch, cause } = this;
    return new ApiError(failure, { retryAfterMs, shouldRetry, tooMuch, cause, requests });
  }
}
