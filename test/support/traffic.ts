import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate, setTimeout } from 'node:timers/promises';

type Listener = (message: unknown) => void;

interface ClientMessage {
  readonly request: object;
}

interface ServerStart {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Turns of the event loop without anything new, after which nothing more is to be expected. */
const QUIET_TURNS = 5;
/** Milliseconds of the same while something is on its way between client and server. */
const QUIET_MS_IN_BETWEEN = 50;

/**
 * The requests of this process to servers of this process, as both sides tell of them: what a manual clock needs to move on only
 * when every answer has arrived that is not held back on purpose.
 */
export class Traffic implements Disposable {
  readonly #listeners: readonly (readonly [string, Listener])[];
  #events = 0;
  /** At the end of the last rest. */
  #eventsAtRest = -1;
  /** Without an answer so far. Undici may tell of the end of one twice: when it is called off, and with its connection. */
  readonly #askedFor = new Set<object>();
  #atServers = 0;

  /** `arrived` is told of each request that reaches a server, and says whether that server is one to wait for. */
  constructor(arrived: (request: IncomingMessage) => boolean) {
    const client = (take: (request: object) => unknown) => (message: unknown) => {
      this.#events++;
      take((message as ClientMessage).request);
    };
    const isOver = client((request) => this.#askedFor.delete(request));
    this.#listeners = [
      ['undici:request:create', client((request) => this.#askedFor.add(request))],
      ['undici:request:headers', client(() => {})],
      ['undici:request:trailers', isOver],
      ['undici:request:error', isOver],
      ['http.server.request.start', (message) => this.#start(message as ServerStart, arrived)],
    ];
    for (const [channel, listener] of this.#listeners) subscribe(channel, listener);
  }

  /** Resolves when all that is under way is held back by a server. */
  async rest(): Promise<void> {
    // Nothing was asked since, so there is nothing to wait for: most seconds of a schedule are like that.
    if (this.#events === this.#eventsAtRest) return;
    let events = this.#events;
    for (let quiet = 0; ; ) {
      const inBetween = this.#askedFor.size !== this.#atServers;
      if (quiet > (inBetween ? QUIET_MS_IN_BETWEEN : QUIET_TURNS)) break;
      await (inBetween ? setTimeout(1) : setImmediate());
      quiet = events === this.#events ? quiet + 1 : 0;
      events = this.#events;
    }
    this.#eventsAtRest = events;
  }

  [Symbol.dispose](): void {
    for (const [channel, listener] of this.#listeners) unsubscribe(channel, listener);
  }

  #start({ request, response }: ServerStart, arrived: (request: IncomingMessage) => boolean): void {
    if (!arrived(request)) return;
    this.#events++;
    this.#atServers++;
    response.once('close', () => {
      this.#events++;
      this.#atServers--;
    });
  }
}
