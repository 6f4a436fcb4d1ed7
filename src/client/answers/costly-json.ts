import { BACKSLASH, CLOSE_ARRAY, CLOSE_OBJECT, COLON, COMMA, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from './json-bytes.ts';

/** Deeper than any answer of the API, which has five levels. */
const MOST_LEVELS = 32;
/** A page of 1,000 items has about 20 values an item, 60 with all its metadata. */
const MOST_VALUES = 250_000;
/** The API has some twenty keys, metadata has others. Each new key makes `JSON.parse` slower for the whole process. */
const MOST_KEYS = 4096;

/**
 * Why parsing a body would block the process for seconds, as the end of the sentence `… was answered with 200 and `;
 * null when it would not.
 *
 * Depth, number of values and number of different keys determine how long `JSON.parse` takes, not bytes: 4 MiB of keys
 * take five seconds and 400 MB. This pass takes a few milliseconds per MiB.
 */
export function costlyJson(body: Buffer): string | null {
  let level = 0;
  let values = 0;
  let colons = 0;
  for (let at = 0; at < body.length; at++) {
    switch (body[at]) {
      case QUOTE:
        for (at++; at < body.length && body[at] !== QUOTE; at++) if (body[at] === BACKSLASH) at++;
        break;
      case COLON:
        colons++;
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        if (++level > MOST_LEVELS) return TOO_DEEP;
        if (++values > MOST_VALUES) return TOO_MANY;
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        level--;
        break;
      case COMMA:
        if (++values > MOST_VALUES) return TOO_MANY;
        break;
    }
  }
  // Different keys are counted only in a body that could have too many.
  return colons > MOST_KEYS && hasTooManyKeys(body) ? 'more different keys than an answer of the API has' : null;
}

function hasTooManyKeys(body: Buffer): boolean {
  const keys = new Set<number>();
  /** Hash of the last string that was skipped. A collision only makes the count smaller. */
  let hash = 0;
  for (let at = 0; at < body.length; at++) {
    if (body[at] === QUOTE) {
      hash = 0;
      for (at++; at < body.length && body[at] !== QUOTE; at++) {
        hash = (Math.imul(hash, 31) + body[at]!) | 0;
        if (body[at] === BACKSLASH) hash = (Math.imul(hash, 31) + body[++at]!) | 0;
      }
    } else if (body[at] === COLON && keys.add(hash).size > MOST_KEYS) return true;
  }
  return false;
}

/** No smaller page helps. */
export const TOO_DEEP = 'JSON that is nested too deeply';
const TOO_MANY = 'more values than an answer of the API has';
