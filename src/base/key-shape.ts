/** How keys of known kinds begin: Anthropic's, plain, in base64 and in hexadecimal digits, Google's, Qoder's, GitHub's, AWS's, a JWT, a private key. */
const KNOWN =
  /sk-ant-|c2stYW50L|736b2d616e742d|(?<![A-Za-z0-9])(?:sk-[\w-]{20,}|ya29\.[\w-]{10,}|p(?:t-|at_)[\w-]{20,}|gh[oprsu]_\w{20,}|AKIA[0-9A-Z]{16}|eyJ[\w-]{8,}\.eyJ)|PRIVATE KEY-----/i;

/** What a random token is made of: long, in all three kinds of characters, and hardly any of them twice. */
const TOKEN = /[A-Za-z0-9_+=-]{32,}/g;
const LEAST_BITS = 4.4;

/** Of a longer text nothing further than this is ever shown. */
const LONGEST_TYPED = 4096;

/**
 * Whether a text has a key in it, or something as random as one. Names, dates, UUIDs and hashes in hexadecimal digits
 * are no keys: docs/configuration.md#keys-in-the-wrong-place.
 */
export function looksLikeKey(text: string): boolean {
  return hasKnownKey(text) || hasRandomToken(text);
}

/** Only the kinds that are known by how they begin. */
export function hasKnownKey(text: string): boolean {
  return [text, withoutPercent(text), asTyped(text)].some((form) => KNOWN.test(form));
}

function hasRandomToken(text: string): boolean {
  return (text.match(TOKEN) ?? []).some(
    (token) => /[a-z]/.test(token) && /[A-Z]/.test(token) && /\d/.test(token) && bitsPerCharacter(token) >= LEAST_BITS,
  );
}

/** Shannon's entropy of the characters: 5 for 32 different ones. */
function bitsPerCharacter(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return counts.values().reduce((bits, count) => bits - (count / text.length) * Math.log2(count / text.length), 0);
}

/**
 * A key that went through a word processor or a chat as it was before: those make dashes of hyphens and allow line ends in the middle
 * of a word.
 */
function asTyped(text: string): string {
  const start = text.slice(0, LONGEST_TYPED);
  return start
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/[\p{Pd}\u2212]/gu, '-');
}

/** `sk%2Dant%2D` as `sk-ant-`. */
function withoutPercent(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
