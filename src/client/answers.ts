import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { EpochMs } from '../base/clock.ts';
import { counted } from '../base/text.ts';
import { isPossibleStamp } from '../wire/read.ts';

/** The header values of an answer, as undici gives them. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** A body that cannot be used; `problem` ends the sentence `… was answered with 200 and `. Never quotes the body. */
export class BodyError extends Error {
  readonly problem: string;
  /** There is more in it than is accepted of one answer: half of it might do. */
  readonly tooMuch: boolean;
  /** It is a page for people, which no API answers with: something in between did. */
  readonly isPage: boolean;

  constructor(problem: string, { tooMuch = false, isPage = false }: { tooMuch?: boolean; isPage?: boolean } = {}) {
    super(problem);
    this.name = 'BodyError';
    this.problem = problem;
    this.tooMuch = tooMuch;
    this.isPage = isPage;
  }
}

export function tooLong(mostBytes: number): BodyError {
  return new BodyError(`more than the ${mostBytes} bytes that are allowed`, { tooMuch: true });
}

const decoders = new Map<string, (data: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

/** The compression of a body; null when there is none, as requested. */
export function compressionOf(headers: ResponseHeaders): string | null {
  const encoding = headerText(headers, 'content-encoding')?.trim().toLowerCase() ?? '';
  return encoding === 'identity' || encoding === '' ? null : encoding;
}

/** A body without its compression, of at most `mostBytes`. */
export async function decompressed(raw: Buffer, encoding: string, mostBytes: number): Promise<Buffer | BodyError> {
  const decode = decoders.get(encoding);
  if (decode === undefined) return new BodyError('a compression that was not requested');
  try {
    return await decode(raw, { maxOutputLength: mostBytes });
  } catch (error) {
    const isTooLong = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    return isTooLong ? tooLong(mostBytes) : new BodyError('a compressed body that is damaged');
  }
}

/** The JSON of a body. @throws BodyError that says what was there instead */
export function parseBody(body: Buffer, headers: ResponseHeaders): unknown {
  if (body.length === 0) throw new BodyError('an empty body');
  const costly = costlyJson(body);
  if (costly !== null) throw costly;
  const text = body.toString('utf8');
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    if (isHtml(text, headers)) throw new BodyError('an HTML page instead of JSON', { isPage: true });
    throw new BodyError(`${counted(body.length, ['byte that is', 'bytes that are'])} not JSON`);
  }
}

function isHtml(text: string, headers: ResponseHeaders): boolean {
  const type = headerText(headers, 'content-type') ?? '';
  return type.toLowerCase().includes('html') || /^\s*<(!doctype|html)/i.test(text.slice(0, 100));
}

/** A body below this takes at most 0.3 s to parse, whatever is in it. */
const CHEAP_BYTES = 262_144;
/** Deeper than any answer of the API, which has five levels. */
const MOST_LEVELS = 32;
/** A page of 1,000 items has about 20 values an item, 60 with all its metadata. */
const MOST_VALUES = 250_000;
/** The API has some twenty keys, metadata has others. Each new key makes `JSON.parse` slower: 4 MiB of them take five seconds. */
const MOST_KEYS = 4096;
const [QUOTE, BACKSLASH, COMMA, COLON] = Buffer.from('"\\,:');
const [OPEN_ARRAY, OPEN_OBJECT, CLOSE_ARRAY, CLOSE_OBJECT] = Buffer.from('[{]}');

/** Why parsing a body would block the process for seconds; null when it would not. */
function costlyJson(body: Buffer): BodyError | null {
  if (body.length < CHEAP_BYTES) return null;
  let [level, values, begin, end] = [0, 0, 0, 0];
  const keys = new Set<string>();
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === QUOTE) {
      begin = at + 1;
      for (at++; at < body.length && body[at] !== QUOTE; at++) if (body[at] === BACKSLASH) at++;
      end = at;
    } else if (byte === COLON) {
      if (keys.size <= MOST_KEYS) keys.add(body.toString('latin1', begin, end));
      if (keys.size > MOST_KEYS)
        return new BodyError('more different keys than an answer of the API has', { tooMuch: true });
    } else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      values++;
      if (++level > MOST_LEVELS) return new BodyError('JSON that is nested too deeply');
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) level--;
    else if (byte === COMMA) values++;
    if (values > MOST_VALUES) return new BodyError('more values than an answer of the API has', { tooMuch: true });
  }
  return null;
}

/** The first value of a header, or null. */
export function headerText(headers: ResponseHeaders, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** Whether a cache may have answered, so that its `Date` says nothing of the API's clock. */
export function isFromCache(headers: ResponseHeaders): boolean {
  const said = ['x-cache', 'cache-status', 'cf-cache-status'].map((name) => headerText(headers, name)).join(' ');
  return headers.age !== undefined || /(?<![a-z])hit(?![a-z])/i.test(said);
}

/** Why an answer is too old to count as current, as the end of the sentence `… was answered with 200 and `; null: it is not. */
export function staleAnswer(headers: ResponseHeaders, mostMs: number): string | null {
  // Several caches may have joined theirs with a comma.
  const age = Math.max(...(headerText(headers, 'age') ?? '-').split(',').map(Number));
  if (age >= 0) return age * 1000 > mostMs ? `an answer from a cache that is ${age} s old` : null;
  return isFromCache(headers) ? 'an answer from a cache of unknown age' : null;
}

export const CACHED_REMEDY =
  'A proxy between here and base_url serves old answers although each request says no-cache: take the Work API out of its cache.';

/** A wrong header or clock must not stop a connection for hours. */
const LONGEST_RETRY_AFTER_MS = 300_000;

/**
 * How long an answer asks the client to wait: `retry-after-ms`, else `retry-after` in seconds or as a date; null when it does
 * not. A proxy may join its own with a comma: the first counts.
 *
 * @param now for a date in an answer that does not say when it was sent
 */
export function retryAfterMs(headers: ResponseHeaders, now: EpochMs): number | null {
  const bounded = (ms: number) => Math.min(Math.max(ms, 0), LONGEST_RETRY_AFTER_MS);
  const exact = headerText(headers, 'retry-after-ms') ?? '';
  if (/^\d+(\.\d+)?$/.test(exact)) return bounded(Number(exact));
  const text = headerText(headers, 'retry-after')?.trim() ?? '';
  const [, seconds] = /^(\d+(?:\.\d+)?)\s*(?:,|$)/.exec(text) ?? [];
  if (seconds !== undefined) return bounded(Number(seconds) * 1000);
  const date = /\d{2}:\d{2}:\d{2}/.test(text) ? Date.parse(text.endsWith('GMT') ? text : `${text} GMT`) : Number.NaN;
  // Both dates are of the clock of whoever sent the answer.
  return Number.isNaN(date) ? null : bounded(date - (dateOf(headers) ?? now));
}

/** When an answer was sent, by the clock of whoever sent it, whole seconds; null if no clock that is set can say that. */
export function dateOf(headers: ResponseHeaders): EpochMs | null {
  const text = headerText(headers, 'date') ?? '';
  const date = text.endsWith('GMT') ? Date.parse(text) : Number.NaN;
  return isPossibleStamp(date) ? date : null;
}
