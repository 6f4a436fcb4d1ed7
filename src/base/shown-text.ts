/** Longer names and labels are cut: nobody reads them to the end, and Prometheus would keep each of them. */
export const LONGEST_SHOWN = 128;

/**
 * Line ends, escape sequences, and what turns the direction of writing: they would end a row of a log, be obeyed by a
 * terminal, or let a page say the reverse of what it says.
 */
const UNSHOWN = '\\p{Cc}\\p{Zl}\\p{Zp}\\p{Bidi_Control}\\u200b\\u2060\\ufeff\\u{e0000}-\\u{e007f}';
const UNSHOWN_RUN = new RegExp(`[${UNSHOWN}]+`, 'gu');

/** Matches a text of at least one character without any of them. */
export const ONLY_SHOWN = new RegExp(`^[^${UNSHOWN}]+$`, 'u');

/** Text on one line and in one direction, however long. */
export function onOneLine(text: string): string {
  return text.replace(UNSHOWN_RUN, ' ').replace(/\s+/g, ' ').trim();
}

/** Somebody else's text as names and labels show it: on one line, in one direction, at most 128 characters. */
export function shownText(text: string): string {
  // Cut before anything looks at all of it: it may be a megabyte.
  const start = text.slice(0, 4 * LONGEST_SHOWN).toWellFormed();
  return cutText(start.replace(UNSHOWN_RUN, ' ').trim());
}

/** At most 128 characters, none of them halved. */
export function cutText(text: string): string {
  if (text.length <= LONGEST_SHOWN) return text;
  return Array.from(text.slice(0, 2 * LONGEST_SHOWN))
    .slice(0, LONGEST_SHOWN)
    .join('')
    .trimEnd();
}
