export interface PatternFault {
  readonly what: string;
  readonly remedy: string;
}

const PIECE = /\\(?<literal>.)|(?<star>\*+)|(?<one>\?)|\[(?<not>[!^]?)(?<set>\][^\]]*|[^\]]+)\]|(?<sign>.)/gsu;
/** What `*` may match is tried from the start of a name to its end, for each `*` again. */
const MOST_STARS = 4;

/**
 * A matcher of whole names and ids: `*` is anything, `?` one character, `[a-c]` and `[!a-c]` one character in or outside a
 * set, `{a,b}` one of several patterns; `\` takes the next character literally. A name is not a path: `/` and `.` are
 * ordinary characters. A pattern with a fault matches nothing.
 */
export function namePattern(pattern: string): (name: string) => boolean {
  const read = readPattern(pattern);
  if (typeof read !== 'string') return () => false;
  const expression = new RegExp(`^(?:${read})$`, 'su');
  return (name) => expression.test(name);
}

/** What in a pattern is probably a mistake, and what to do about it; null if nothing is. */
export function namePatternFault(pattern: string): PatternFault | null {
  const read = readPattern(pattern);
  return typeof read === 'string' ? null : read;
}

/** The pattern as a regular expression. */
function readPattern(pattern: string): string | PatternFault {
  let [expression, open, stars] = ['', 0, 0];
  for (const { groups = {} } of pattern.matchAll(PIECE)) {
    const { literal, star, one, not, set, sign = '' } = groups;
    const range = [...(set ?? '').matchAll(/(.)-(.)/gsu)].find(([, low, high]) => low! > high!);
    if (range) return emptyRange(range[1]!, range[2]!);
    if (sign === '[') return notClosed('[', ']');
    if (sign === '{') open++;
    if (star !== undefined && ++stars > MOST_STARS)
      return { what: `has more than ${MOST_STARS} stars`, remedy: 'write several patterns' };
    if (literal !== undefined) expression += escaped(literal);
    else if (star !== undefined) expression += '.*';
    else if (one !== undefined) expression += '.';
    else if (set !== undefined) expression += `[${not ? '^' : ''}${set.replace(/[\\[\]^]/g, '\\$&')}]`;
    else if (open > 0 && sign !== '' && '{,}'.includes(sign)) expression += { '{': '(?:', ',': '|', '}': ')' }[sign];
    else expression += escaped(sign);
    if (sign === '}' && open > 0) open--;
  }
  return open > 0 ? notClosed('{', '}') : expression;
}

function escaped(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|]/, '\\$&');
}

function notClosed(sign: '[' | '{', closer: ']' | '}'): PatternFault {
  return {
    what: `has a ${sign} that no ${closer} closes`,
    remedy: `close it, or write \\${sign} for the character itself`,
  };
}

/** Only visible characters are quoted: others could change what a terminal shows. */
function emptyRange(low: string, high: string): PatternFault {
  if (!/^[!-~]{2}$/.test(low + high)) return { what: 'has an empty range', remedy: 'swap its two ends' };
  return { what: `has the empty range ${low}-${high}`, remedy: `write ${high}-${low}` };
}
