import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { blankLineFinder } from './blank-line-finder.ts';

type Feed = (bytes: Buffer) => void;

/**
 * Lets each connection of a server have one request at a time, and begin at most one per turn of the event loop.
 *
 * Node parses everything that has arrived at once: 1,700 pipelined requests in one go, and it holds as many answers in
 * memory for a client that may read none of them. So the parser gets only the bytes up to the next blank line, where a
 * request may begin, and nothing more until that request is answered; a client that sends more is not read further.
 *
 * @param opened the event of a new connection, which differs for a server with TLS
 */
export function oneRequestAtATime(server: Server, opened: 'connection' | 'secureConnection'): void {
  const inputs = new WeakMap<Socket, PendingInput>();
  server.on(opened, (socket: Socket) => {
    const input = PendingInput.of(socket);
    if (input !== null) inputs.set(socket, input);
  });
  server.on('request', (request, response) => {
    const input = inputs.get(request.socket);
    if (input === undefined) return;
    input.requestBegan(request);
    response.once('close', () => input.requestAnswered(request));
  });
}

interface IncomingRequest {
  /** Whether its body has arrived, too. */
  readonly complete: boolean;
}

/** After its last answer, a connection may send this much more before it is cut off. */
const MOST_IGNORED_BYTES = 1024 * 1024;

/** The bytes that a connection has sent and the parser has not seen yet. */
class PendingInput {
  readonly #socket: Socket;
  readonly #feed: Feed;
  readonly #endOfFirst = blankLineFinder();
  #held: Buffer[] = [];
  /**
   * Requests without an answer: one, or two if the end of one body and the beginning of the next request came in one
   * piece.
   */
  readonly #begun = new Set<IncomingRequest>();
  #planned = false;
  #ignoredBytes = 0;

  /** Takes the place of Node's own listener between the socket and the parser; null if there is none. */
  static of(socket: Socket): PendingInput | null {
    const [feed] = socket.listeners('data') as Feed[];
    if (feed === undefined) return null;
    socket.removeListener('data', feed);
    const input = new PendingInput(socket, (bytes) => feed.call(socket, bytes));
    const resume = socket.resume.bind(socket);
    // Node resumes the socket with each request and would then read more than is wanted here.
    socket.resume = () => {
      if (input.#held.length === 0) return resume();
      input.#plan();
      return socket;
    };
    // Adding a listener makes Node read the socket through events; until then its parser reads the socket directly.
    socket.on('data', (bytes: Buffer) => input.#received(bytes));
    return input;
  }

  private constructor(socket: Socket, feed: Feed) {
    this.#socket = socket;
    this.#feed = feed;
  }

  requestBegan(request: IncomingRequest): void {
    this.#begun.add(request);
  }

  requestAnswered(request: IncomingRequest): void {
    this.#begun.delete(request);
    this.#plan();
  }

  #received(bytes: Buffer): void {
    this.#held.push(bytes);
    if (!this.#planned) this.#next();
  }

  /** Gives the parser one piece, unless a request is being answered, and reads from the socket again when none is left. */
  #next(): void {
    this.#planned = false;
    const socket = this.#socket;
    if (socket.destroyed || socket.writableEnded) {
      this.#ignore();
      return;
    }
    const isBusy = !this.#mayGoOn();
    if (!isBusy) this.#feedOne();
    if (this.#held.length === 0) {
      if (socket.isPaused()) socket.resume();
      return;
    }
    socket.pause();
    if (!isBusy) this.#plan();
  }

  /** Whether the next piece may begin a request, or continues the only one in progress. */
  #mayGoOn(): boolean {
    // Node has paused the socket because of unsent output, and resumes it.
    if ((this.#socket as { readonly _paused?: boolean })._paused === true) return false;
    const [first] = this.#begun;
    return first === undefined || (this.#begun.size === 1 && !first.complete);
  }

  #feedOne(): void {
    const [bytes] = this.#held;
    if (bytes === undefined) return;
    const length = this.#endOfFirst(bytes);
    if (length < bytes.length) this.#held[0] = bytes.subarray(length);
    else this.#held.shift();
    this.#feed(bytes.subarray(0, length));
  }

  /** After the last answer: what still arrives is read and dropped, because otherwise the client might lose the answer. */
  #ignore(): void {
    for (const { length } of this.#held) this.#ignoredBytes += length;
    this.#held = [];
    if (this.#ignoredBytes > MOST_IGNORED_BYTES) this.#socket.destroy();
    else this.#socket.resume();
  }

  #plan(): void {
    if (this.#planned || this.#held.length === 0) return;
    this.#planned = true;
    setImmediate(() => this.#next());
  }
}
