/** The text of a file, or what the file is if not text in UTF-8. */
export type DecodedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly what: string; readonly remedy: string };

const SAVE_AS_UTF8 = 'save it as UTF-8';

/** Reads UTF-8, with or without a byte order mark. */
export function decodeText(bytes: Uint8Array): DecodedText {
  if (isUtf16(bytes)) return { ok: false, what: 'the file is written in UTF-16', remedy: SAVE_AS_UTF8 };
  const zero = bytes.indexOf(0);
  if (zero !== -1) {
    return {
      ok: false,
      what: `the file is not text: line ${lineAt(bytes, zero)} has a NUL byte`,
      remedy: 'name a configuration file',
    };
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const lone = text.search(/\r(?!\n)/);
    // The YAML parser does not treat it as a line break, so it would ignore what follows a comment.
    if (lone === -1) return { ok: true, text };
    const line = text.slice(0, lone).split('\n').length;
    const what = `line ${line} has a carriage return (CR) without a line feed (LF)`;
    return { ok: false, what, remedy: 'save it with LF or CRLF line endings' };
  } catch {
    const line = lineAt(bytes, firstInvalid(bytes));
    const what = `line ${line} has a character that is not written in UTF-8, but perhaps in Latin-1 or Windows-1252`;
    return { ok: false, what, remedy: SAVE_AS_UTF8 };
  }
}

/** Recognized by its byte order mark or by zeros in every second byte at the start: configurations begin with ASCII. */
function isUtf16(bytes: Uint8Array): boolean {
  const [first, second, third, fourth] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  if (fourth === undefined) return false;
  return (first === 0 && third === 0 && second !== 0) || (second === 0 && fourth === 0 && first !== 0);
}

/** The first byte that does not continue the text before it. */
function firstInvalid(bytes: Uint8Array): number {
  let [good, bad] = [0, bytes.length];
  const decoder = new TextDecoder('utf-8', { fatal: true });
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      // A character that is cut at the end is not an error.
      decoder.decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
    resetDecoder(decoder);
  }
  return good;
}

function resetDecoder(decoder: TextDecoder): void {
  try {
    decoder.decode();
  } catch {
    // The decoder's rest is discarded.
  }
}

/** Counted from 1. */
function lineAt(bytes: Uint8Array, offset: number): number {
  let line = 1;
  for (let at = 0; at < offset; at++) if (bytes[at] === 0x0a) line++;
  return line;
}
