import { inspect } from 'node:util';

export const MASK = '<secret>';

/**
 * A key that cannot be printed by accident: string conversion, JSON and `util.inspect` all show a mask.
 *
 * `source` says in words where the key came from (`file /run/secrets/key`), for logs and `check --live`; it is not
 * secret.
 */
export class Secret {
  readonly #value: string;
  readonly source: string;
  /** The file that holds the key and nothing else; null where it was written elsewhere. */
  readonly file: string | null;

  constructor(value: string, source: string, file: string | null = null) {
    this.#value = value;
    this.source = source;
    this.file = file;
  }

  /** The key itself. Only the code that writes a request header calls this. */
  reveal(): string {
    return this.#value;
  }

  equals(other: Secret | null): boolean {
    return other !== null && this.#value === other.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}

/**
 * How known kinds of keys begin: Anthropic's (plain, in hexadecimal, and in base64 wherever in a text it was),
 * Google's, Qoder's, GitHub's and AWS's, a JWT, a private key.
 */
const KNOWN =
  /sk-ant-|c2stYW50L|NrLWFudC|zay1hbnQt|736b2d616e742d|(?<![A-Za-z0-9])(?:sk-[\w-]{20,}|ya29\.[\w-]{10,}|p(?:t-|at_)[\w-]{20,}|gh[oprsu]_\w{20,}|AKIA[0-9A-Z]{16}|eyJ[\w-]{8,}\.eyJ)|PRIVATE KEY-----/i;

/** What a random token looks like: long, all three kinds of characters, and hardly any character twice. */
const TOKEN = /[A-Za-z0-9_+=-]{32,}/g;
/** Shannon entropy a character: 5 for 32 different ones. Long names of several words have less. */
const LEAST_BITS = 4.4;

/** Only this many characters are examined: nothing is ever shown beyond them. */
const LONGEST_TYPED = 4096;

/**
 * Whether a text contains a key, or something just as random. Names, dates, UUIDs and hexadecimal hashes are not keys:
 * docs/configuration.md#keys-in-the-wrong-place.
 */
export function looksLikeKey(text: string): boolean {
  return hasKnownKey(text) || (asTyped(text).match(TOKEN) ?? []).some(isRandom);
}

/** Whether a text contains a key of a known kind, which its prefix tells. */
export function hasKnownKey(text: string): boolean {
  return KNOWN.test(text) || KNOWN.test(asTyped(text));
}

function isRandom(token: string): boolean {
  if (![/[a-z]/, /[A-Z]/, /\d/].every((kind) => kind.test(token))) return false;
  const shares = [...new Set(token)].map((character) => (token.split(character).length - 1) / token.length);
  return shares.reduce((bits, share) => bits - share * Math.log2(share), 0) >= LEAST_BITS;
}

/** Undoes what word processors and chats do to a key: they turn hyphens into dashes, and insert invisible characters. */
function asTyped(text: string): string {
  return text
    .slice(0, LONGEST_TYPED)
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replace(/[\p{Pd}\u2212]/gu, '-');
}
