import type { EpochMs } from '../../base/clock.ts';
import { isPossibleStamp } from '../../wire/read.ts';

/** The relevant header values, as undici gives them. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** The first value of a header, or null. */
export function headerText(headers: ResponseHeaders, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** The last HTTP date that was read: all answers of one second have the same. */
let last: { readonly text: string; readonly at: EpochMs | null } = { text: '', at: null };

/** An HTTP date (`Tue, 24 Nov 2026 12:00:00 GMT`, whole seconds), or null. */
export function httpDate(text: string): EpochMs | null {
  if (text !== last.text) last = { text, at: parsedDate(text) };
  return last.at;
}

function parsedDate(text: string): EpochMs | null {
  if (!/^[A-Za-z]{3}, \d{2} [A-Za-z]{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

/** When an answer was sent, by the clock of whoever sent it; null if it does not say, or says what no clock that is set can say. */
export function dateOfAnswer(headers: ResponseHeaders): EpochMs | null {
  const date = httpDate(headerText(headers, 'date') ?? '');
  return date !== null && isPossibleStamp(date) ? date : null;
}
