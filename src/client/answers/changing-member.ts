import {
  COLON,
  COMMA,
  endOfString,
  endOfValue,
  hasEscape,
  MOST_LEVELS,
  OPEN_OBJECT,
  QUOTE,
  skipSpace,
} from './json-bytes.ts';

/** A member of all items whose text changes more often than all else in them, such as the time of a heartbeat. */
export interface ChangingMember<Item> {
  readonly key: string;
  /** The item with another text there; null if only a parser can tell what that means. */
  readonly withText: (item: Item, text: string) => Item | null;
  /** Whether neither it nor anything else in the item is likely to change any more. */
  readonly isSettled: (item: Item) => boolean;
}

/**
 * Where the text of a member begins, after its quote, counted from the start of the object; of two such members the
 * last one counts, as for a parser. 0 where anything is unusual: without the member, with escapes, or where it is no
 * text.
 */
export function textOfMember(json: Buffer, start: number, key: string): number {
  let found = 0;
  let at = start;
  if (json[at] !== OPEN_OBJECT) return 0;
  do {
    const name = skipSpace(json, at + 1);
    const nameEnd = endOfString(json, name);
    const value = skipSpace(json, skipSpace(json, nameEnd) + 1);
    if (nameEnd === 0 || json[skipSpace(json, nameEnd)] !== COLON || hasEscape(json, name, nameEnd)) return 0;
    const end = endOfValue(json, value, MOST_LEVELS);
    if (end === 0) return 0;
    if (json.toString('latin1', name + 1, nameEnd - 1) === key) {
      if (json[value] !== QUOTE || hasEscape(json, value, end)) return 0;
      found = value + 1 - start;
    }
    at = skipSpace(json, end);
  } while (json[at] === COMMA);
  return found;
}
