const PIECE = /\\(?<literal>.)|(?<star>\*+)|(?<one>\?)|\[(?<not>[!^]?)(?<set>\][^\]]*|[^\]]+)\]|(?<sign>.)/gsu;
const BRACES: Readonly<Record<string, string>> = { '{': '(?:', ',': '|', '}': ')' };
/** What `*` may match is tried from the start of a name to its end, for each `*` again. */
const MOST_STARS = 4;

/**
 * A matcher of whole names and ids: `*` is anything, `?` one character, `[a-c]` and `[!a-c]` one character in or outside a
 * set, `{a,b}` one of several patterns; `\` takes the next character literally. A name is not a path: `/` and `.` are
 * ordinary characters. What is no pattern matches nothing.
 */
export function namePattern(pattern: string): (name: string) => boolean {
  const expression = expressionOf(pattern);
  return (name) => expression?.test(name) === true;
}

/** False for a bracket that is not closed, an empty range, and more than four stars. */
export function isNamePattern(pattern: string): boolean {
  return expressionOf(pattern) !== null;
}

function expressionOf(pattern: string): RegExp | null {
  let [expression, open, stars] = ['', 0, 0];
  for (const { groups = {} } of pattern.matchAll(PIECE)) {
    const { literal, star, one, not, set, sign = '' } = groups;
    if (sign === '[') return null;
    if (sign === '{') open++;
    if (star !== undefined) {
      stars++;
      expression += '.*';
    } else if (one !== undefined) expression += '.';
    else if (set !== undefined) expression += `[${not ? '^' : ''}${set.replace(/[\\[\]^]/g, '\\$&')}]`;
    else expression += (open > 0 && BRACES[sign]) || (literal ?? sign).replace(/[\\^$.*+?()[\]{}|]/, '\\$&');
    if (sign === '}' && open > 0) open--;
  }
  if (open > 0 || stars > MOST_STARS) return null;
  try {
    return new RegExp(`^(?:${expression})$`, 'su');
  } catch {
    return null;
  }
}
