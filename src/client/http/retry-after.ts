import type { EpochMs } from '../../base/clock.ts';
import { dateOfAnswer, headerText, httpDate, type ResponseHeaders } from './response-headers.ts';

/**
 * Longer waits are cut: a wrong header or clock must not stop a connection for hours.
 * docs/design/budget.md#after-a-429.
 */
export const LONGEST_RETRY_AFTER_MS = 300_000;

/**
 * How long an answer asks the client to wait: `retry-after-ms`, otherwise `retry-after` in seconds or as an HTTP date;
 * null when neither is there. A proxy may add its own or join both with a comma: the first counts.
 *
 * @param now for a date in an answer that does not say when it was sent
 */
export function retryAfterMs(headers: ResponseHeaders, now: EpochMs): number | null {
  const exact = decimal(headerText(headers, 'retry-after-ms'));
  if (exact !== null) return bounded(exact);
  const text = headerText(headers, 'retry-after')?.trim() ?? null;
  const seconds = decimal(text?.replace(/\s*,.*$/, '') ?? null);
  if (seconds !== null) return bounded(seconds * 1000);
  const date = text === null ? null : (httpDate(text) ?? oldDate(text));
  // Both dates are of the clock of whoever sent the answer.
  return date === null ? null : bounded(date - (dateOfAnswer(headers) ?? now));
}

/** The `x-should-retry` of an answer; null when it is missing. */
export function shouldRetryHeader(headers: ResponseHeaders): boolean | null {
  const text = headerText(headers, 'x-should-retry');
  return text === 'true' ? true : text === 'false' ? false : null;
}

/** The two old forms of an HTTP date, which a server should not send any more, and a client must read. */
function oldDate(text: string): EpochMs | null {
  const known =
    /^[A-Z][a-z]+day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/.test(text) ||
    /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/.test(text);
  const at = known ? Date.parse(text.endsWith('GMT') ? text : `${text} GMT`) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

function decimal(text: string | null): number | null {
  return text !== null && /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}

function bounded(ms: number): number {
  return Math.min(Math.max(ms, 0), LONGEST_RETRY_AFTER_MS);
}
