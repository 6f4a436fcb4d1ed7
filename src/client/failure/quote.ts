import { beginningOf } from '../../base/beginning-of.ts';
import { withoutEscapes } from '../../base/key-shape.ts';
import { onOneLine } from '../../base/shown-text.ts';
import { hasForm, MASKED, withoutForms } from './secret-forms.ts';

const MOST_CHARACTERS = 200;
/** The first half of a surrogate pair whose second half was cut off: UTF-8 cannot encode it. */
const HALF_PAIR = /[\ud800-\udbff]$/;

/** Words that begin like a key of a known kind. */
const KEYS = /\b(?:sk-|pt-|pat_|ya29\.|eyJ)[\w.+/=-]{4,}/gi;
/** The word after the name of an authentication scheme or header. */
const SENT = /(\b(?:bearer|basic|x-api-key:?|authorization:?)\s+)([\w.+/=-]{8,})/gi;
/** An ordinary word, as in "Bearer authentication is required", which must stay readable. */
const WORD = /^[A-Z]?[a-z]{1,20}(?:[-/][a-z]{1,20})*\.?$/;
/** Long unbroken runs with digits may be keys of an unknown kind; ids with a well-known prefix are not. */
const LONG_RUN = /[\w+/=-]{32,}/g;
const ID = /^(?:req|env|sesn|sess|work|wrkspc|org|page|hb)_/;

/**
 * Text of the API for a message: one line, at most 200 characters, well-formed Unicode, without anything that looks
 * like a key or is one of `secrets`, in whatever form.
 */
export function quoteSafely(text: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret !== '');
  const mask = (shown: string) => known.reduce(withoutForms, shown);
  let masked = mask(text);
  // `%2B`, `\u002b`, `&#43;`: left as they are unless they hide a key.
  const plain = withoutEscapes(masked);
  if (plain.search(KEYS) !== -1 || known.some((secret) => hasForm(plain, secret))) masked = mask(plain);
  masked = masked
    .replace(KEYS, MASKED)
    .replace(SENT, (whole, scheme: string, sent: string) => (WORD.test(sent) ? whole : `${scheme}${MASKED}`))
    .replace(LONG_RUN, (run) => (ID.test(run) || !/\d/.test(run) ? run : MASKED));
  masked = onOneLine(masked).toWellFormed();
  if (masked.length <= MOST_CHARACTERS) return masked;
  return `${beginningOf(masked, MOST_CHARACTERS - 1).replace(HALF_PAIR, '')}…`;
}

/** The form of nearly every id: nothing in it has to be cut off or masked. */
const PLAIN_ID = /^req_\w{1,124}$/;

/** A request id in the form that the API uses, or null: ids end up in logs and on pages, so nothing else may pass. */
export function safeRequestId(id: string | null, secrets: readonly string[]): string | null {
  if (id === null || !/^[\w.:/-]{1,128}$/.test(id)) return null;
  if (PLAIN_ID.test(id)) return secrets.some((secret) => secret !== '' && hasForm(id, secret)) ? null : id;
  return quoteSafely(id, secrets) === id ? id : null;
}
