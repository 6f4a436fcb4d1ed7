/**
 * The same program in ASCII. If a source has a single letter outside of Latin-1, V8 stores it with two bytes per letter, for
 * as long as the program runs.
 *
 * An escape means the letter itself in strings, templates and regular expressions, which is where letters are once the
 * comments are gone.
 * @throws Error where it would mean something else
 */
export function asciiSource(source: string): string {
  // After a backslash, the new one would be taken for the letter.
  const escaped = /\\[^\0-\x7f]/.exec(source);
  if (escaped !== null)
    throw new Error(`a letter that is not ASCII stands after a backslash: ${near(source, escaped)}`);
  // There, a backslash is a backslash.
  const raw = /\braw`[^`]*[^\0-\x7f]/.exec(source);
  if (raw !== null) throw new Error(`a raw template has a letter that is not ASCII: ${near(source, raw)}`);
  // Without the flag `u`: each half of a pair is escaped by itself.
  return source.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function near(source: string, { index }: RegExpExecArray): string {
  return source.slice(index, index + 80);
}
