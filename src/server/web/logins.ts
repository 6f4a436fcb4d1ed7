import { createHmac, randomBytes } from 'node:crypto';
import { SerialQueue } from '../../base/serial-queue.ts';
import type { WebSecurity } from '../../domain/web-security.ts';

/** Checks that may wait for the one under way; each takes a core for a tenth of a second or much longer. */
export const MOST_LOGINS_WAITING = 16;
/** How many wrong logins are remembered, so that a scraper with an old password costs little. */
const MOST_REJECTED = 100;

/** The end of a hash that no password has. */
const NOBODY = '.'.repeat(53);

export interface Credentials {
  readonly name: string;
  readonly password: string;
}

export type LoginVerdict = 'ok' | 'wrong' | 'busy';

/** Compares a password with a bcrypt hash, off the event loop. */
export type Compare = (password: string, hash: string) => Promise<boolean>;

/**
 * Loaded only where there are users: to find and load its compiled half is a good part of a start, and few have logins.
 */
const compareWithBcrypt: Compare = async (password, hash) => (await import('bcrypt')).compare(password, hash);

/**
 * Checks logins one at a time, and remembers the verdicts by a keyed hash, never the passwords. A wrong login takes
 * equally long whether or not the user exists, and whatever the cost of the user's hash: each step of cost doubles the
 * time, so a cheaper check is padded with one check of each cost up to the highest.
 */
export class Logins {
  readonly #compare: Compare;
  readonly #key = randomBytes(32);
  readonly #good = new Set<string>();
  readonly #rejected = new Set<string>();
  readonly #underWay = new Map<string, Promise<boolean>>();
  readonly #queue = new SerialQueue();

  constructor(compareHash: Compare = compareWithBcrypt) {
    this.#compare = compareHash;
  }

  async check(users: WebSecurity['users'], { name, password }: Credentials): Promise<LoginVerdict> {
    const hash = users.find((user) => user.name === name)?.hash.reveal() ?? null;
    const costs = users.map((user) => costOf(user.hash.reveal()));
    const verdict = this.#verdictKey([name, password, hash ?? '', String(Math.max(...costs))]);
    if (this.#good.has(verdict)) return 'ok';
    if (this.#rejected.has(verdict)) return 'wrong';
    if (!this.#underWay.has(verdict) && this.#underWay.size > MOST_LOGINS_WAITING) return 'busy';
    const known =
      this.#underWay.get(verdict) ?? this.#queue.run(() => this.#matches(password, hash, Math.max(...costs)));
    this.#underWay.set(verdict, known);
    try {
      const good = await known;
      remember(good ? this.#good : this.#rejected, verdict, good ? users.length * 4 : MOST_REJECTED);
      return good ? 'ok' : 'wrong';
    } finally {
      this.#underWay.delete(verdict);
    }
  }

  async #matches(password: string, hash: string | null, highest: number): Promise<boolean> {
    if (hash === null) {
      await this.#compare(password, nobody(highest));
      return false;
    }
    if (await this.#compare(password, nodeHash(hash))) return true;
    for (let cost = costOf(hash); cost < highest; cost++) await this.#compare(password, nobody(cost));
    return false;
  }

  #verdictKey(parts: readonly string[]): string {
    return createHmac('sha256', this.#key).update(JSON.stringify(parts)).digest('base64');
  }
}

function remember(set: Set<string>, verdict: string, most: number): void {
  set.add(verdict);
  for (const oldest of set) {
    if (set.size <= most) break;
    set.delete(oldest);
  }
}

/** `$2y$`, which htpasswd writes, and `$2b$` are the same; the library knows the second. */
function nodeHash(hash: string): string {
  return hash.replace(/^\$2y\$/, '$2b$');
}

/** Each step of it doubles the time: `$2b$10$…`. */
function costOf(hash: string): number {
  return Number(hash.slice(4, 6));
}

function nobody(cost: number): string {
  return `$2b$${String(cost).padStart(2, '0')}$${NOBODY}`;
}

const BASIC = /^basic +([A-Za-z0-9+/]*={0,2}) *$/i;

/** Name and password of an `Authorization` header; null: it has none. */
export function basicCredentials(header: string | undefined): Credentials | null {
  const match = BASIC.exec(header ?? '');
  if (match === null) return null;
  const text = Buffer.from(match[1]!, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? null : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
