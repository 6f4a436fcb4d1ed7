import { createHmac, randomBytes } from 'node:crypto';
import { SerialQueue } from '../../base/serial-queue.ts';
import type { WebSecurity } from '../../domain/server-settings.ts';

/** Checks that may wait for the one under way; each takes a core for a tenth of a second or much longer. */
export const MOST_LOGINS_WAITING = 16;
/** How many wrong logins are remembered, so that a scraper with an old password costs little. */
const MOST_REJECTED = 100;

/** Of a bcrypt hash that no password has: it is compared with, so that each wrong login takes as long. */
const DUMMY_SALT_AND_HASH = '.'.repeat(53);

export interface Credentials {
  readonly name: string;
  readonly password: string;
}

export type LoginResult = 'ok' | 'wrong' | 'busy';

/** Compares a password with a bcrypt hash, off the event loop. */
export type Compare = (password: string, hash: string) => Promise<boolean>;

/**
 * Loaded only where there are users: to find and load its compiled half is a good part of a start, and few have logins.
 */
const compareWithBcrypt: Compare = async (password, hash) => (await import('bcrypt')).compare(password, hash);

/**
 * Checks logins one at a time, and remembers the results by a keyed hash, never the passwords. A wrong login takes
 * equally long whether or not the user exists, and whatever the cost of the user's hash: each step of cost doubles the
 * time, so a cheaper check is padded with one check of each cost up to the highest.
 */
export class Logins {
  readonly #compare: Compare;
  readonly #key = randomBytes(32);
  readonly #accepted = new Set<string>();
  readonly #rejected = new Set<string>();
  readonly #underWay = new Map<string, Promise<boolean>>();
  readonly #queue = new SerialQueue();

  constructor(compareHash: Compare = compareWithBcrypt) {
    this.#compare = compareHash;
  }

  async check(users: WebSecurity['users'], { name, password }: Credentials): Promise<LoginResult> {
    const hash = users.find((user) => user.name === name)?.hash.reveal() ?? null;
    const costs = users.map((user) => costOf(user.hash.reveal()));
    const login = this.#loginKey([name, password, hash ?? '', String(Math.max(...costs))]);
    if (this.#accepted.has(login)) return 'ok';
    if (this.#rejected.has(login)) return 'wrong';
    if (!this.#underWay.has(login) && this.#underWay.size > MOST_LOGINS_WAITING) return 'busy';
    const known = this.#underWay.get(login) ?? this.#queue.run(() => this.#matches(password, hash, Math.max(...costs)));
    this.#underWay.set(login, known);
    try {
      const good = await known;
      remember(good ? this.#accepted : this.#rejected, login, good ? users.length * 4 : MOST_REJECTED);
      return good ? 'ok' : 'wrong';
    } finally {
      this.#underWay.delete(login);
    }
  }

  async #matches(password: string, hash: string | null, highestCost: number): Promise<boolean> {
    if (hash === null) {
      await this.#compare(password, dummyHash(highestCost));
      return false;
    }
    if (await this.#compare(password, nodeHash(hash))) return true;
    for (let cost = costOf(hash); cost < highestCost; cost++) await this.#compare(password, dummyHash(cost));
    return false;
  }

  #loginKey(parts: readonly string[]): string {
    return createHmac('sha256', this.#key).update(JSON.stringify(parts)).digest('base64');
  }
}

function remember(set: Set<string>, login: string, most: number): void {
  set.add(login);
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

function dummyHash(cost: number): string {
  return `$2b$${String(cost).padStart(2, '0')}$${DUMMY_SALT_AND_HASH}`;
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
