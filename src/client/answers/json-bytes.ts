/** The bytes that give JSON its structure. In UTF-8, no byte of a character beyond ASCII is one of them. */
export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const COLON = 0x3a;
export const COMMA = 0x2c;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

/** Deeper than any item. */
export const MOST_LEVELS = 16;

/** The offset of the first byte at or after `from` that is no white space. */
export function skipSpace(json: Buffer, from: number): number {
  let at = from;
  while (json[at] === 0x20 || json[at] === 0x0a || json[at] === 0x0d || json[at] === 0x09) at++;
  return at;
}

/** The offset behind the string that begins at `start`; 0 if none begins there or it has no end. */
export function endOfString(json: Buffer, start: number): number {
  if (json[start] !== QUOTE) return 0;
  for (let at = start + 1; at < json.length; at++) {
    if (json[at] === QUOTE) return at + 1;
    if (json[at] === BACKSLASH) at++;
  }
  return 0;
}

/** Whether a string, from `start` to `end`, has an escape. */
export function hasEscape(json: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (json[at] === BACKSLASH) return true;
  return false;
}

/**
 * The offset behind the value that begins at `start`, including white space after a number or a literal; 0 if it has no
 * end or too many levels. Whether the value is valid, only a parser can tell.
 */
export function endOfValue(json: Buffer, start: number, mostLevels: number): number {
  const first = json[start];
  if (first === QUOTE) return endOfString(json, start);
  if (first !== OPEN_OBJECT && first !== OPEN_ARRAY) return endOfWord(json, start);
  let level = 0;
  for (let at = start; at < json.length; at++) {
    switch (json[at]) {
      case QUOTE:
        for (at++; at < json.length && json[at] !== QUOTE; at++) if (json[at] === BACKSLASH) at++;
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        if (++level > mostLevels) return 0;
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        if (--level === 0) return at + 1;
        break;
    }
  }
  return 0;
}

/** The offset of the byte that ends a number, `true`, `false` or `null`: a comma or a closing bracket. */
function endOfWord(json: Buffer, start: number): number {
  let at = start;
  while (at < json.length && json[at] !== COMMA && json[at] !== CLOSE_OBJECT && json[at] !== CLOSE_ARRAY) at++;
  return at;
}
