import type { Dispatcher } from 'undici';
import type { Clock } from '../../base/clock.ts';
import type { FailureReason } from '../../domain/failure.ts';
import type { AnswerReceiver, NotReceived, Received } from './answer-receiver.ts';
import type { RequestSender } from './dispatcher.ts';
import { type Asked, UsualFailures } from './usual-failures.ts';

/**
 * The shortest time between two replacements: in an outage, when all requests fail, connections last at least this
 * long.
 */
const APART_MS = 60_000;
/**
 * How long connections are kept before new ones are tried, as in nginx (`keepalive_time`): where the name of the API has
 * moved and its former address still answers, nothing fails, and reads would stay there for good.
 */
const LONGEST_KEPT_MS = 3_600_000;
/**
 * The pool of connections in use, and its replacement. All kept-alive connections may go bad at once: a gateway has
 * lost them, or the name has moved and the old address answers with errors. A pool alone would find out one connection
 * at a time, with one failed read each, and would stay with an old address as long as it answers.
 */
export class KeptConnections {
  readonly #create: () => RequestSender;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #current: Pool;
  /** The new pool that one request is trying, because the current pool has become old. */
  #next: Pool | null = null;
  /** Former pools that still have requests under way. */
  readonly #left = new Set<Pool>();
  #leftAt = Number.NEGATIVE_INFINITY;
  #since: number;
  readonly #failures = new UsualFailures();
  #destroyed = false;

  /** @throws what `create` throws */
  constructor(create: () => RequestSender, clock: Pick<Clock, 'monotonic'>) {
    this.#create = create;
    this.#clock = clock;
    this.#current = this.#newPool();
    this.#since = clock.monotonic();
  }

  /**
   * Sends a request; resolves when its answer is complete, or can no longer arrive.
   * @param now - monotonic milliseconds
   */
  async send(
    request: Dispatcher.DispatchOptions,
    receiver: AnswerReceiver,
    now: number,
  ): Promise<Received | NotReceived> {
    const pool = this.#poolFor(now);
    pool.underWay++;
    try {
      pool.dispatcher.dispatch(request, receiver);
      const received = await receiver.ended;
      if (pool === this.#next && 'status' in received && received.status < 500) this.#goOnWith(pool);
      return received;
    } finally {
      pool.underWay--;
      if (pool === this.#next) {
        this.#next = null;
        this.#left.add(pool);
        // Its failure says nothing about the connections in use.
        this.#leftAt = this.#clock.monotonic();
      }
      this.#endIfUnused(pool);
    }
  }

  /**
   * After an hour, one request tries a new pool, and the others follow once it has been answered: if a name server or a
   * firewall fails just then, that costs one read and not all of them.
   */
  #poolFor(now: number): Pool {
    if (now - this.#since < LONGEST_KEPT_MS || this.#next !== null || this.#destroyed) return this.#current;
    this.#since = now;
    this.#next = this.#newPool();
    return this.#next;
  }

  succeeded(asked: Asked): void {
    this.#failures.succeeded(asked);
  }

  /** A request failed: perhaps others use new connections from now on, and those in flight may finish on the old ones. */
  failed(reason: FailureReason, asked: Asked): void {
    if (this.#destroyed || !this.#failures.failed(reason, asked)) return;
    const now = this.#clock.monotonic();
    if (now - this.#leftAt >= APART_MS) this.#leave(now);
  }

  #leave(now: number): void {
    this.#leftAt = now;
    this.#since = now;
    this.#failures.renewed();
    this.#goOnWith(this.#newPool());
  }

  #goOnWith(pool: Pool): void {
    const left = this.#current;
    this.#current = pool;
    if (pool === this.#next) this.#next = null;
    this.#left.add(left);
    this.#endIfUnused(left);
  }

  #newPool(): Pool {
    return { dispatcher: this.#create(), underWay: 0 };
  }

  /** Closes all connections for good; requests under way fail. */
  async destroy(): Promise<void> {
    this.#destroyed = true;
    const pools = [this.#current, ...this.#left, ...(this.#next === null ? [] : [this.#next])];
    await Promise.all(pools.map(({ dispatcher }) => dispatcher.destroy()));
  }

  /** Not with undici's `close`: a proxy agent that is closed forgets its pools, so a later `destroy` would end none. */
  #endIfUnused(pool: Pool): void {
    if (pool.underWay > 0 || !this.#left.delete(pool)) return;
    pool.dispatcher.destroy().catch(() => {});
  }
}

interface Pool {
  readonly dispatcher: RequestSender;
  /** How many requests are under way. */
  underWay: number;
}
