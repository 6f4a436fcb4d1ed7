/** The first characters of a text as a text of its own: a slice would keep all of the text in memory, which may be a megabyte. */
export function beginningOf(text: string, most: number): string {
  return text.length <= most ? text : Buffer.from(text.slice(0, most), 'utf16le').toString('utf16le');
}

/** Longer names and labels are cut: nobody reads them to the end, and Prometheus would store all of it. */
const LONGEST_SHOWN = 128;

/**
 * Line ends, escape sequences, and characters that change the direction of writing: they would split a log line,
 * control a terminal, or make a page say something else than it does.
 */
const UNSHOWN = '\\p{Cc}\\p{Zl}\\p{Zp}\\p{Bidi_Control}\\u200b\\u2060\\ufeff\\u{e0000}-\\u{e007f}';
const UNSHOWN_RUN = new RegExp(`[${UNSHOWN}]+`, 'gu');

/** Matches a text of at least one character that has none of them. */
export const ONLY_SHOWN = new RegExp(`^[^${UNSHOWN}]+$`, 'u');
export const ONLY_SHOWN_OR_EMPTY = new RegExp(`^[^${UNSHOWN}]*$`, 'u');

/** Foreign text as names and labels show it: on one line, in one direction, at most 128 characters. */
export function shownText(text: string): string {
  // Cut first, before anything scans the whole text: it may be a megabyte.
  const start = beginningOf(text, 4 * LONGEST_SHOWN).toWellFormed();
  return cutText(start.replace(UNSHOWN_RUN, ' ').trim());
}

/** At most 128 characters; never half a surrogate pair. */
export function cutText(text: string): string {
  if (text.length <= LONGEST_SHOWN) return text;
  return Array.from(text.slice(0, 2 * LONGEST_SHOWN))
    .slice(0, LONGEST_SHOWN)
    .join('')
    .trimEnd();
}

/** The singular and plural of a word. */
export type Counted = readonly [one: string, several: string];

/** `1 item`, `3 items`. */
export function counted(count: number, [one, several]: Counted = ['environment', 'environments']): string {
  return `${count} ${count === 1 ? one : several}`;
}

/** A number with one decimal: more says nothing to a reader. */
export function toTenths(value: number): number {
  return Math.round(value * 10) / 10;
}

/** `40 s`, `12 min`, `3 h` */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/**
 * A matcher of whole names and ids: `*` is anything, `?` one character. A name is not a path: `/` and `.` are ordinary
 * characters.
 */
export function namePattern(pattern: string): (name: string) => boolean {
  const escaped = pattern.replace(/[.+^$()|[\]{}\\]/g, '\\$&');
  const expression = new RegExp(`^${escaped.replace(/\*+/g, '.*').replaceAll('?', '.')}$`, 'su');
  return (name) => expression.test(name);
}

/** False for what other programs take for a set or a choice, and for so many stars that a match would take long. */
export function isNamePattern(pattern: string): boolean {
  return !/[[\]{}\\]/.test(pattern) && (pattern.match(/\*+/g) ?? []).length <= 4;
}
