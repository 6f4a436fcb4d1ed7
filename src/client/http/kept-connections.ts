import type { Dispatcher } from 'undici';
import type { Clock } from '../../base/clock.ts';
import type { FailureReason } from '../../domain/failure.ts';
import type { AnswerReceiver, NotReceived, Received } from './answer-receiver.ts';

/** Where all requests fail, as in an outage, or some do all the time, connections last as long as this at least. */
const APART_MS = 60_000;

/** After such a failure another connection may do, perhaps to another address of the same name. */
const SUSPECT: ReadonlySet<FailureReason> = new Set(['network', 'timeout', 'server_error']);

/**
 * The pool in use. What is kept may all have gone bad at once: a gateway on the way has forgotten its connections, or
 * the name has moved to another address while the old one still refuses what it is asked. A pool would find that out
 * one connection at a time, one failed read each; and as long as the old address answers, it would stay there.
 */
export class KeptConnections {
  readonly #create: () => Dispatcher;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #current: Pool;
  /** Left, until what is under way there has ended. */
  readonly #left = new Set<Pool>();
  #leftAt = Number.NEGATIVE_INFINITY;
  #destroyed = false;

  /** @throws what `create` throws */
  constructor(create: () => Dispatcher, clock: Pick<Clock, 'monotonic'>) {
    this.#create = create;
    this.#clock = clock;
    this.#current = { dispatcher: create(), underWay: 0 };
  }

  /** Sends a request; resolves when its answer is complete, or can no longer arrive. */
  async send(request: Dispatcher.DispatchOptions, receiver: AnswerReceiver): Promise<Received | NotReceived> {
    const pool = this.#current;
    pool.underWay++;
    try {
      pool.dispatcher.dispatch(request, receiver);
      return await receiver.ended;
    } finally {
      pool.underWay--;
      this.#endIfUnused(pool);
    }
  }

  /** A request failed: from now on, others go over new connections. Those under way may finish. */
  failed(reason: FailureReason): void {
    const now = this.#clock.monotonic();
    if (this.#destroyed || !SUSPECT.has(reason) || now - this.#leftAt < APART_MS) return;
    this.#leftAt = now;
    const left = this.#current;
    this.#current = { dispatcher: this.#create(), underWay: 0 };
    this.#left.add(left);
    this.#endIfUnused(left);
  }

  /** Ends all at once, and for good; requests under way fail. */
  async destroy(): Promise<void> {
    this.#destroyed = true;
    await Promise.all([this.#current, ...this.#left].map(({ dispatcher }) => dispatcher.destroy()));
  }

  /** Not by undici's `close`: an agent for proxies that is closed forgets its pools, and `destroy` would end none. */
  #endIfUnused(pool: Pool): void {
    if (pool.underWay > 0 || !this.#left.delete(pool)) return;
    pool.dispatcher.destroy().catch(() => {});
  }
}

interface Pool {
  readonly dispatcher: Dispatcher;
  /** Requests. */
  underWay: number;
}
