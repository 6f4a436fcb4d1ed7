const LF = 0x0a;
const CR = 0x0d;

/**
 * Finds blank lines in what a connection sends: given its next bytes, says how many of them go up to the end of the first
 * blank line, also where that came in two pieces; all of them where there is none. What is behind is given again.
 */
export function blankLineFinder(): (bytes: Buffer) => number {
  /** How much of `\n\r` ends what was counted. */
  let seen: '' | '\n' | '\n\r' = '';
  return (bytes) => {
    for (let at = 0; at < bytes.length; at++) {
      if (seen === '') {
        // Nearly all bytes are of no line end.
        at = bytes.indexOf(LF, at);
        if (at === -1) break;
        seen = '\n';
        continue;
      }
      const byte = bytes[at];
      if (byte === LF) {
        seen = '\n';
        return at + 1;
      }
      seen = byte === CR && seen === '\n' ? '\n\r' : '';
    }
    return bytes.length;
  };
}
