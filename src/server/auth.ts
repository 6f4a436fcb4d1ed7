import { createHmac, randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../base/clock.ts';
import { SerialQueue } from '../base/serial-queue.ts';
import type { ServerSettings, WebSecurity } from '../domain/server-settings.ts';
import { answerError } from './errors.ts';
import { socketOf } from './gate.ts';
import { certificateFault } from './tls.ts';

/** Open whatever is configured: kubelets have no login and no certificate. */
const OPEN = new Set(['/-/healthy', '/-/ready']);

/** Applies the web configuration file to every route but health: rate limit, client certificate, login, headers. */
export function guard(app: FastifyInstance, config: ServerSettings, clock: Pick<Clock, 'monotonic'>): void {
  const limit = new RateLimit(clock);
  const logins = new Logins();

  app.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of Object.entries(config.web.headers)) {
      if (value === '') reply.removeHeader(name);
      else reply.header(name, value);
    }
  });

  app.addHook('onRequest', async (request, reply) => {
    if (OPEN.has(request.routeOptions.url ?? '')) return;
    const { tls, users, rateLimit } = config.web;
    const wait = limit.take(rateLimit);
    if (wait !== null) return answerError(request, reply.header('retry-after', wait), 'rate_limited');
    const fault = tls === null ? null : certificateFault(socketOf(request.socket), tls);
    if (fault !== null) {
      return answerError(request, reply.header('connection', 'close'), 'client_certificate', { message: fault });
    }
    if (users.length === 0) return;
    const credentials = basicCredentials(request.headers.authorization);
    const verdict = credentials === null ? 'missing' : await logins.check(users, credentials);
    if (verdict === 'busy') return answerError(request, reply.header('retry-after', 1), 'too_many_logins');
    if (verdict === 'ok') return;
    reply.header('www-authenticate', 'Basic realm="exporter", charset="UTF-8"');
    return answerError(request, reply, 'login_required', verdict === 'wrong' ? { message: 'The login is wrong.' } : {});
  });
}

/** A token bucket for all clients together: it gains one token each interval, up to the burst, and starts full. */
class RateLimit {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #limit: WebSecurity['rateLimit'] = null;
  #tokens = 0;
  #countedAt = 0;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Takes a token, and returns null; without one, the seconds until the client may try again. */
  take(limit: WebSecurity['rateLimit']): number | null {
    if (limit === null) return null;
    const now = this.#clock.monotonic();
    const { intervalMs, burst } = limit;
    const isSame = this.#limit?.intervalMs === intervalMs && this.#limit.burst === burst;
    this.#tokens = isSame ? Math.min(burst, this.#tokens + (now - this.#countedAt) / intervalMs) : burst;
    this.#limit = limit;
    this.#countedAt = now;
    if (this.#tokens < 1) return Math.max(1, Math.ceil(((1 - this.#tokens) * intervalMs) / 1000));
    this.#tokens--;
    return null;
  }
}

/** Checks that may wait for the one under way; each takes a core for a tenth of a second or much longer. */
export const MOST_LOGINS_WAITING = 16;
/** How many wrong logins are remembered, so that a scraper with an old password costs little. */
const MOST_WRONG = 100;
/** Of a bcrypt hash that no password has: it is compared with, so that each wrong login takes as long. */
const DUMMY_SALT_AND_HASH = '.'.repeat(53);

/** Compares a password with a bcrypt hash, off the event loop. */
type Compare = (password: string, hash: string) => Promise<boolean>;

/** Loaded only where there are users: to find its compiled half is a good part of a start. */
const compareWithBcrypt: Compare = async (password, hash) => (await import('bcrypt')).compare(password, hash);

interface Credentials {
  readonly name: string;
  readonly password: string;
}

/**
 * Checks logins off the event loop, one at a time, and remembers the results by a keyed hash, never the passwords. A
 * wrong login takes equally long whether or not the user exists.
 */
export class Logins {
  readonly #compare: Compare;
  readonly #key = randomBytes(32);
  readonly #known = new Map<string, boolean>();
  readonly #underWay = new Map<string, Promise<boolean>>();
  readonly #queue = new SerialQueue();

  constructor(compare: Compare = compareWithBcrypt) {
    this.#compare = compare;
  }

  async check(users: WebSecurity['users'], { name, password }: Credentials): Promise<'ok' | 'wrong' | 'busy'> {
    const hash = users.find((user) => user.name === name)?.hash.reveal() ?? null;
    const highestCost = Math.max(...users.map((user) => costOf(user.hash.reveal())));
    const login = createHmac('sha256', this.#key)
      .update(JSON.stringify([name, password, hash, highestCost]))
      .digest('base64');
    const known = this.#known.get(login);
    if (known !== undefined) return known ? 'ok' : 'wrong';
    if (!this.#underWay.has(login) && this.#underWay.size > MOST_LOGINS_WAITING) return 'busy';
    const checked = this.#underWay.get(login) ?? this.#queue.run(() => this.#matches(password, hash, highestCost));
    this.#underWay.set(login, checked);
    try {
      const isGood = await checked;
      this.#remember(login, isGood);
      return isGood ? 'ok' : 'wrong';
    } finally {
      this.#underWay.delete(login);
    }
  }

  /** The oldest wrong one is forgotten first: nobody who guesses can push out those who know. */
  #remember(login: string, isGood: boolean): void {
    this.#known.set(login, isGood);
    const wrong = [...this.#known].flatMap(([one, good]) => (good ? [] : one));
    if (wrong.length > MOST_WRONG) this.#known.delete(wrong[0]!);
  }

  /** Each step of cost doubles the time: a cheaper hash is padded with one check of each cost up to the highest. */
  async #matches(password: string, hash: string | null, highestCost: number): Promise<boolean> {
    const dummy = (cost: number) => `$2b$${String(cost).padStart(2, '0')}$${DUMMY_SALT_AND_HASH}`;
    // `$2y$`, which htpasswd writes, and `$2b$` are the same; the library knows the second.
    const compared = hash?.replace(/^\$2y\$/, '$2b$') ?? dummy(highestCost);
    const isGood = await this.#compare(password, compared);
    if (isGood) return hash !== null;
    for (let cost = costOf(compared); cost < highestCost; cost++) await this.#compare(password, dummy(cost));
    return false;
  }
}

/** `$2b$10$…`. */
function costOf(hash: string): number {
  return Number(hash.slice(4, 6));
}

const BASIC = /^basic +([A-Za-z0-9+/]*={0,2}) *$/i;

/** Name and password of an `Authorization` header; null: it has none. */
export function basicCredentials(header: string | undefined): Credentials | null {
  const text = Buffer.from(BASIC.exec(header ?? '')?.[1] ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? null : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
