/** Deeper than any answer of the API, which has five levels. */
const MOST_LEVELS = 32;
/** A page of 1,000 items has about 20 values an item, 60 with all its metadata. */
const MOST_VALUES = 250_000;
/** Some twenty of the API and those of metadata. Each new key of a page makes `JSON.parse` slower for the whole process. */
const MOST_KEYS = 4096;

/**
 * Why a body would stop the process for seconds if it were parsed, ending the sentence `… was answered with 200 and `;
 * null when it would not.
 *
 * The time that `JSON.parse` takes is bounded by depth, number of values and number of different keys, not by bytes: 4 MiB
 * of keys take five seconds and 400 MB. This pass takes some milliseconds a MiB.
 */
export function costlyJson(body: Buffer): string | null {
  let level = 0;
  let values = 0;
  const keys = new Set<number>();
  /** Hash of the string that was passed last; a collision only makes the count smaller. */
  let hash = 0;
  for (let at = 0; at < body.length; at++) {
    switch (body[at]) {
      case QUOTE: {
        hash = 0;
        for (at++; at < body.length && body[at] !== QUOTE; at++) {
          hash = (Math.imul(hash, 31) + body[at]!) | 0;
          if (body[at] === BACKSLASH) hash = (Math.imul(hash, 31) + body[++at]!) | 0;
        }
        break;
      }
      case COLON:
        if (keys.add(hash).size > MOST_KEYS) return 'more different keys than an answer of the API has';
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        if (++level > MOST_LEVELS) return 'JSON that is nested too deeply';
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
  return null;
}

const TOO_MANY = 'more values than an answer of the API has';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
