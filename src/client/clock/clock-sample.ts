import type { EpochMs } from '../../base/clock.ts';
import type { Answer } from '../http/exchange.ts';
import { dateOfAnswer, headerText } from '../http/response-headers.ts';

/** A slower answer says too little about the API's clock: docs/design/clock-skew.md#one-sample. */
export const SLOWEST_SAMPLE_MS = 5000;

/**
 * An observation of the API's clock: docs/design/clock-skew.md#one-sample. Only sent for answers that the client
 * considers good enough.
 */
export interface ClockSample {
  readonly connection: string;
  /** The `Date` header, whole seconds. */
  readonly date: EpochMs;
  /** The own wall time, by the monotonic clock, when the request was sent and when its headers arrived. */
  readonly sentAt: EpochMs;
  readonly headersAt: EpochMs;
  readonly requestId: string | null;
}

export interface SampleContext {
  readonly connection: string;
  readonly requestId: string | null;
  /** Wall time at monotonic 0. */
  readonly wallAtZero: EpochMs;
}

/**
 * What a good answer says about the API's clock; null when a cache may have written the date, no clock that is set has
 * it, or the answer was slow.
 */
export function clockSampleOf({ headers, sentAt, headersAt }: Answer, context: SampleContext): ClockSample | null {
  const { connection, requestId, wallAtZero } = context;
  const fromCache = /hit/i.test(`${headerText(headers, 'x-cache')} ${headerText(headers, 'cf-cache-status')}`);
  if (fromCache || headerText(headers, 'age') !== null || headersAt - sentAt >= SLOWEST_SAMPLE_MS) return null;
  const date = dateOfAnswer(headers);
  if (date === null) return null;
  return { connection, date, sentAt: wallAtZero + sentAt, headersAt: wallAtZero + headersAt, requestId };
}
