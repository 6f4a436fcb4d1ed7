import type { ResponseHeaders } from './response-headers.ts';

/** Headers in which caches say whether they answered; the last one is standard (RFC 9211). */
const CACHE_HEADERS = ['x-cache', 'x-cache-status', 'x-proxy-cache', 'cf-cache-status', 'cache-status'] as const;
/**
 * A hit as a word by itself: `HIT`, `TCP_MEM_HIT`, `Hit from cloudfront`, `proxy; hit`; not `RefreshHit`, which the
 * origin has confirmed.
 */
const HIT = /(?:^|[\s,;_=])hit(?![a-z])/i;
/**
 * Served although too old: what nginx and Cloudflare say while the origin fails, or while they ask it in the
 * background.
 */
const OUTDATED = /^\s*(?:stale|updating)\s*$/i;
/** "Response is Stale" and "Revalidation Failed" (RFC 7234, section 5.5). */
const WARNING = /^\s*11[01](?!\d)/;

/**
 * Why an answer is too old to count as current, as the end of the sentence `… was answered with 200 and `; null when it
 * is not too old: docs/design/answers.md#answers-from-a-cache. A cache that does not state the age of its answer may
 * send one from yesterday.
 */
export function staleAnswer(headers: ResponseHeaders, mostMs: number): string | null {
  const ageSeconds = ageOf(headers);
  if (ageSeconds === null) return isHit(headers) ? `${FROM_CACHE} of unknown age` : null;
  if (Number.isNaN(ageSeconds)) return `${FROM_CACHE} of unknown age`;
  return ageSeconds * 1000 > mostMs ? `${FROM_CACHE} that is ${ageSeconds} s old` : null;
}

const FROM_CACHE = 'an answer from a cache';

export const CACHED_REMEDY =
  'A proxy between here and base_url serves old answers although each request says no-cache: take the Work API out of its cache.';

function isHit(headers: ResponseHeaders): boolean {
  return says(headers.warning, WARNING) || CACHE_HEADERS.some((name) => says(headers[name], HIT, OUTDATED));
}

function says(values: string | readonly string[] | undefined, ...patterns: readonly RegExp[]): boolean {
  if (values === undefined) return false;
  return [values].flat().some((value) => patterns.some((pattern) => pattern.test(value)));
}

/** The largest `Age` in seconds; null without one, NaN for one that is not a number. */
function ageOf(headers: ResponseHeaders): number | null {
  if (headers.age === undefined) return null;
  const values = [headers.age].flat().flatMap((value) => value.split(','));
  if (values.length === 0) return null;
  return Math.max(...values.map((value) => (/^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : Number.NaN)));
}
