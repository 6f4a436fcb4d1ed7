import type { Dispatcher } from 'undici';
import type { Clock } from '../../base/clock.ts';
import type { FailureReason } from '../../domain/failure.ts';

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
  #current: Dispatcher;
  /** Left, until what is under way there has ended. */
  readonly #left = new Set<Dispatcher>();
  #leftAt = Number.NEGATIVE_INFINITY;

  /** @throws what `create` throws */
  constructor(create: () => Dispatcher, clock: Pick<Clock, 'monotonic'>) {
    this.#create = create;
    this.#clock = clock;
    this.#current = create();
  }

  get current(): Dispatcher {
    return this.#current;
  }

  /** A request failed: from now on, others go over new connections. Those under way may finish. */
  failed(reason: FailureReason): void {
    const now = this.#clock.monotonic();
    if (!SUSPECT.has(reason) || now - this.#leftAt < APART_MS) return;
    this.#leftAt = now;
    const left = this.#current;
    this.#current = this.#create();
    this.#left.add(left);
    const ended = () => void this.#left.delete(left);
    left.close().then(ended, ended);
  }

  /** Ends all at once; requests under way fail. */
  async destroy(): Promise<void> {
    await Promise.all([this.#current, ...this.#left].map((dispatcher) => dispatcher.destroy()));
  }
}
