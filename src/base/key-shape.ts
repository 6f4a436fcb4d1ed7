/**
 * How known kinds of keys begin: Anthropic's (plain, in hexadecimal, and in base64 wherever in a text it was),
 * Google's, Qoder's, GitHub's and AWS's, a JWT, a private key.
 */
const KNOWN =
  /sk-ant-|c2stYW50L|NrLWFudC|zay1hbnQt|736b2d616e742d|(?<![A-Za-z0-9])(?:sk-[\w-]{20,}|ya29\.[\w-]{10,}|p(?:t-|at_)[\w-]{20,}|gh[oprsu]_\w{20,}|AKIA[0-9A-Z]{16}|eyJ[\w-]{8,}\.eyJ)|PRIVATE KEY-----/i;

/** Anthropic's beginning of a key with spaces between its letters, as a chat or a letter-spaced page gives it. */
const SPACED = /(?<![A-Za-z0-9])s\s*k\s*-\s*a\s*n\s*t\s*-/i;

/** What a random token looks like: long, all three kinds of characters, and hardly any character twice. */
const TOKEN = /[A-Za-z0-9_+=-]{32,}/g;
const LEAST_BITS = 4.4;

/** Only this many characters are examined: nothing is ever shown beyond them. */
const LONGEST_TYPED = 4096;

/**
 * Whether a text contains a key, or something just as random. Names, dates, UUIDs and hexadecimal hashes are not keys:
 * docs/configuration.md#keys-in-the-wrong-place.
 */
export function looksLikeKey(text: string): boolean {
  return hasKnownKey(text) || hasRandomToken(text);
}

/** Whether a text contains a key of a known kind, which its prefix tells. */
export function hasKnownKey(text: string): boolean {
  const typed = asTyped(text);
  return [text, withoutEscapes(text), typed].some((form) => KNOWN.test(form)) || SPACED.test(typed);
}

function hasRandomToken(text: string): boolean {
  return (asTyped(text).match(TOKEN) ?? []).some(
    (token) => /[a-z]/.test(token) && /[A-Z]/.test(token) && /\d/.test(token) && bitsPerCharacter(token) >= LEAST_BITS,
  );
}

/** Shannon entropy of the characters: 5 for 32 different ones. */
function bitsPerCharacter(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return counts.values().reduce((bits, count) => bits - (count / text.length) * Math.log2(count / text.length), 0);
}

/**
 * Undoes what word processors and chats do to a key: they turn hyphens into dashes, and insert invisible characters.
 */
function asTyped(text: string): string {
  const start = text.slice(0, LONGEST_TYPED);
  return start
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replace(/[\p{Pd}\u2212]/gu, '-');
}

/** Escapes of URLs, of strings in JSON and in programs, and of HTML. */
const ESCAPE = /%([0-7][0-9a-f])|\\u00([0-7][0-9a-f])|\\x([0-7][0-9a-f])|&#x0*([0-7][0-9a-f]);|&#0*(\d{2,3});/gi;

/** Turns `sk%2Dant%2D` and its like into `sk-ant-`, also where it was escaped twice. */
function withoutEscapes(text: string): string {
  let plain = text;
  for (let layer = 0; layer < 3 && /[%\\&]/.test(plain); layer++) {
    plain = plain.replace(ESCAPE, (_, ...codes: (string | undefined)[]) => {
      const decimal = codes[4];
      const hex = codes.slice(0, 4).find((one) => one !== undefined);
      return String.fromCharCode(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
    });
  }
  return plain;
}
