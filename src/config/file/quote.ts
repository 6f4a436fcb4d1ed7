import { looksLikeKey } from '../../base/key-shape.ts';

const KEY_PREFIX = /(?<![A-Za-z0-9])sk-[A-Za-z]/;
const LONG_TOKENS = /[A-Za-z0-9_+/=-]{40,}/g;
const WORDS = /^[a-z]{1,15}(?:[-_/][a-z]{1,15})+$/;
/** A text with fewer different characters is no key but, for example, a line of dashes. */
const LEAST_DIFFERENT = 8;
const LONGEST_QUOTE = 60;

const NOT_SHOWN = '<not shown: looks like a key>';

function mayBeKey(token: string): boolean {
  return new Set(token).size >= LEAST_DIFFERENT && !WORDS.test(token);
}

/** Text of the user's file for a message: shortened, printable, and masked when it might be a key. */
export function quote(text: string): string {
  if (KEY_PREFIX.test(text) || looksLikeKey(text) || (text.match(LONG_TOKENS) ?? []).some(mayBeKey)) return NOT_SHOWN;
  const printable = text.replace(/[^\x20-\x7e]/g, '?');
  return `"${printable.length > LONGEST_QUOTE ? `${printable.slice(0, LONGEST_QUOTE)}…` : printable}"`;
}
