import { withoutEscapes } from '../../base/key-shape.ts';

/** Fewer letters and digits are masked as they stand alone: in other forms they would be found in words that hide nothing. */
const FEWEST = 8;

const LETTER = /[\p{L}\p{N}]/gu;

/** What a key is replaced by. */
export const MASKED = '***';

/**
 * The text without a key, wherever it stands in any case and with any punctuation, broken over lines, in base64 of a longer
 * text, or in hexadecimal digits.
 */
export function withoutForms(text: string, secret: string): string {
  return formsIn(text, secret).reduce(withoutLetters, text.replaceAll(secret, MASKED));
}

/**
 * The text without these letters and digits, whatever stands between them: a key that was wrapped, spaced, or written into a
 * name. No regular expression: for a key of 2,000 characters it takes a second to build, for one of 7,000 there is none, and
 * the error would quote the key.
 */
function withoutLetters(text: string, form: string): string {
  let letters = '';
  const places: { readonly start: number; readonly end: number }[] = [];
  for (const { 0: letter, index } of text.matchAll(LETTER)) {
    letters += letter.toLowerCase();
    // Of a few letters, the small one has two characters.
    while (places.length < letters.length) places.push({ start: index, end: index + letter.length });
  }
  let masked = '';
  let end = 0;
  for (let at = letters.indexOf(form); at >= 0; at = letters.indexOf(form, at + form.length)) {
    masked += text.slice(end, places[at]!.start) + MASKED;
    end = places[at + form.length - 1]!.end;
  }
  return masked + text.slice(end);
}

/** Whether a key is in the text in any of these forms. */
export function hasForm(text: string, secret: string): boolean {
  return text.includes(secret) || formsIn(text, secret).length > 0;
}

/** Its letters and digits, in those forms that the text has. */
function formsIn(text: string, secret: string): readonly string[] {
  // Every answer has a short id, and no room in it for a long key.
  if (text.length < Math.max(FEWEST, secret.length / 2)) return [];
  const letters = lettersOf(text);
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((shift) => base64Of(bytes, shift));
  // What looks like an escape in the key itself is gone from a text without escapes.
  const forms = [secret, withoutEscapes(secret), ...base64, bytes.toString('hex')].map(lettersOf);
  return forms.filter((form) => form.length >= FEWEST && letters.includes(form));
}

/** The characters that are the same whatever stands before and after the bytes; `shift`: how many before, modulo 3. */
function base64Of(bytes: Buffer, shift: number): string {
  const whole = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
  return whole.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
}

function lettersOf(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}
