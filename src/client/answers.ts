import type { EpochMs } from '../base/clock.ts';
import { ExporterError } from '../base/errors.ts';
import { counted } from '../base/text.ts';
import { isPossibleStamp } from '../wire/read.ts';
import type { Answer, ResponseHeaders } from './transport.ts';

export const BAD_BODY =
  'Check that base_url and provider name a Work API, and what proxies in between do; max_response_bytes bounds an answer.';
const CACHED =
  'A proxy between here and base_url serves old answers although each request says no-cache: take the Work API out of its cache.';

/** A body that cannot be used; the message ends the sentence `… was answered with 200 and `. Never quotes the body. */
export class BodyError extends ExporterError {
  /** There is more in it than is accepted of one answer: half of it might do. */
  readonly tooMuch: boolean;
  /** It is a page for people, which no API answers with: something in between did. */
  readonly isPage: boolean;
  /** Another answer may be better. */
  readonly mayPass: boolean;

  constructor(problem: string, { tooMuch = false, isPage = false, mayPass = false, remedy = BAD_BODY } = {}) {
    super('body_unusable', problem, { remedy });
    this.tooMuch = tooMuch;
    this.isPage = isPage;
    this.mayPass = mayPass;
  }
}

/** The JSON of a body. @throws BodyError that says what was there instead */
export function parseBody({ body, headers }: Pick<Answer, 'body' | 'headers'>): unknown {
  if (body === null || body.length === 0) throw new BodyError('an empty body');
  if (body.length > CHEAP_BYTES) checkCost(body);
  const text = body.toString('utf8');
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    const isPage = /html/i.test(headerText(headers, 'content-type') ?? '') || /^\s*<(!doctype|html)/i.test(text);
    if (isPage) throw new BodyError('an HTML page instead of JSON', { isPage });
    throw new BodyError(`${counted(body.length, ['byte that is', 'bytes that are'])} not JSON`);
  }
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

/** @throws BodyError for JSON that would block the process for seconds */
function checkCost(body: Buffer): void {
  let [level, values, begin, end] = [0, 0, 0, 0];
  const keys = new Set<string>();
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === QUOTE) {
      begin = at + 1;
      for (at++; at < body.length && body[at] !== QUOTE; at++) if (body[at] === BACKSLASH) at++;
      end = at;
    } else if (byte === COLON) keys.add(body.toString('latin1', begin, end));
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) level++;
    else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) level--;
    if (byte === COMMA || byte === OPEN_ARRAY || byte === OPEN_OBJECT) values++;
    if (level > MOST_LEVELS) throw new BodyError('JSON that is nested too deeply');
    if (values > MOST_VALUES || keys.size > MOST_KEYS)
      throw new BodyError('more values than an answer of the API has', { tooMuch: true });
  }
}

/** The first value of a header, or null. */
export function headerText(headers: ResponseHeaders, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** @throws BodyError for an answer that a cache has kept for longer than `maxAgeMs`, or for nobody knows how long */
export function checkAge(headers: ResponseHeaders, maxAgeMs: number): void {
  const age = cachedFor(headers);
  if (age === null || (age !== 'unknown' && age * 1000 <= maxAgeMs)) return;
  const old = age === 'unknown' ? 'of unknown age' : `that is ${age} s old`;
  throw new BodyError(`an answer from a cache ${old}`, { mayPass: true, remedy: CACHED });
}

/** How old an answer from a cache is, in seconds, or that its age is unknown; null: no cache has answered. */
function cachedFor(headers: ResponseHeaders): number | 'unknown' | null {
  // Several caches may have joined theirs with a comma.
  const age = Math.max(...(headerText(headers, 'age') ?? '-').split(',').map(Number));
  if (age >= 0) return age;
  const said = ['x-cache', 'cache-status', 'cf-cache-status'].map((name) => headerText(headers, name)).join(' ');
  return headers.age !== undefined || /(?<![a-z])hit(?![a-z])/i.test(said) ? 'unknown' : null;
}

/** A wrong header or clock must not stop a connection for hours. */
const LONGEST_RETRY_AFTER_MS = 300_000;

/** How long `retry-after` asks the client to wait, in seconds or until a date, by the clock of who sent it; null when it does not. */
export function retryAfterMs(headers: ResponseHeaders): number | null {
  const text = headerText(headers, 'retry-after') ?? '';
  const asked = /^\s*\d/.test(text)
    ? Number.parseFloat(text) * 1000
    : instantOf(text) - (dateOf(headers) ?? Number.NaN);
  return Number.isNaN(asked) ? null : Math.min(Math.max(asked, 0), LONGEST_RETRY_AFTER_MS);
}

/** The API's time, whole seconds, when it sent this; null if no clock that is set says that, or a cache has kept the answer. */
export function apiDateOf(headers: ResponseHeaders): EpochMs | null {
  return cachedFor(headers) === null ? dateOf(headers) : null;
}

function dateOf(headers: ResponseHeaders): EpochMs | null {
  const date = instantOf(headerText(headers, 'date') ?? '');
  return isPossibleStamp(date) ? date : null;
}

/** Without its zone, a date would be taken for one of this machine's. */
function instantOf(date: string): EpochMs {
  return date.endsWith('GMT') ? Date.parse(date) : Number.NaN;
}
