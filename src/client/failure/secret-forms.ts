import { withoutEscapes } from '../../base/key-shape.ts';

/** Fewer letters and digits are masked as they stand alone: in other forms they would be found in words that hide nothing. */
const FEWEST = 8;
/** A key that was wrapped, spaced, or written into a name has other characters between its letters and digits, or none. */
const BETWEEN = '[^\\p{L}\\p{N}]*';

/** What a key is replaced by. */
export const MASKED = '***';

/**
 * The text without a key, wherever it stands in any case and with any punctuation, broken over lines, in base64 of a longer
 * text, or in hexadecimal digits.
 */
export function withoutForms(text: string, secret: string): string {
  let masked = text.replaceAll(secret, MASKED);
  for (const form of formsIn(text, secret)) {
    masked = masked.replace(new RegExp([...form].join(BETWEEN), 'giu'), MASKED);
  }
  return masked;
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
