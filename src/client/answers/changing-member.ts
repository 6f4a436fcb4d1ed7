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

/** The member of an item that changes far more often than the others: the time of its heartbeat. */
export interface ChangingMember<Item> {
  readonly key: string;
  /** A copy of the item with another text for this member; null if only a full parse can tell what that means. */
  readonly withText: (item: Item, text: string) => Item | null;
  /** Whether nothing in the item is likely to change any more. */
  readonly isSettled: (item: Item) => boolean;
}

/**
 * The offset of a member's text behind its opening quote, counted from the start of the object. As in `JSON.parse`, the
 * last of several members of one name counts. 0 if the member is missing, is not a string, or anything contains escapes.
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
