const LF = 0x0a;
const CR = 0x0d;

/**
 * Finds blank lines in the bytes of a connection. Given the next bytes, it returns how many belong up to the end of the
 * first blank line, even if that was split; all of them if there is none. The caller passes the rest again.
 */
export function blankLineFinder(): (bytes: Buffer) => number {
  /** The part of `\n\r` that ends the bytes counted so far. */
  let seen: '' | '\n' | '\n\r' = '';
  return (bytes) => {
    for (let at = 0; at < bytes.length; at++) {
      if (seen === '') {
        // Nearly all bytes are not line ends.
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
