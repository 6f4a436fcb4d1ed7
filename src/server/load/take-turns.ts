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
 * `opened`: `connection`, or `secureConnection` for a server with TLS.
 */
export function takeTurns(server: Server, opened: 'connection' | 'secureConnection'): void {
  const lines = new WeakMap<Socket, Line>();
  server.on(opened, (socket: Socket) => {
    const line = Line.of(socket);
    if (line !== null) lines.set(socket, line);
  });
  server.on('request', (request, response) => {
    const line = lines.get(request.socket);
    if (line === undefined) return;
    line.begun(request);
    response.once('close', () => line.answered(request));
  });
}

interface Begun {
  /** Its body has arrived too. */
  readonly complete: boolean;
}

/** A connection that got its last answer may send this much more; then it is cut off. */
const MOST_IGNORED_BYTES = 1024 * 1024;

/** What a connection has sent and the parser has not seen yet. */
class Line {
  readonly #socket: Socket;
  readonly #feed: Feed;
  readonly #endOfFirst = blankLineFinder();
  #held: Buffer[] = [];
  /**
   * Requests without an answer: one, or two if the end of one body and the beginning of the next request came in one
   * piece.
   */
  readonly #begun = new Set<Begun>();
  #planned = false;
  #ignoredBytes = 0;

  /** Takes the place of Node's own listener between the socket and the parser; null if there is none. */
  static of(socket: Socket): Line | null {
    const [feed] = socket.listeners('data') as Feed[];
    if (feed === undefined) return null;
    socket.removeListener('data', feed);
    const line = new Line(socket, (bytes) => feed.call(socket, bytes));
    const resume = socket.resume.bind(socket);
    // Node resumes the socket with each request, and would read more than there is room for.
    socket.resume = () => {
      if (line.#held.length === 0) return resume();
      line.#plan();
      return socket;
    };
    // Adding a listener makes Node read the socket through events; until then its parser reads the socket directly.
    socket.on('data', (bytes: Buffer) => line.#come(bytes));
    return line;
  }

  private constructor(socket: Socket, feed: Feed) {
    this.#socket = socket;
    this.#feed = feed;
  }

  begun(request: Begun): void {
    this.#begun.add(request);
  }

  answered(request: Begun): void {
    this.#begun.delete(request);
    this.#plan();
  }

  #come(bytes: Buffer): void {
    this.#held.push(bytes);
    if (!this.#planned) this.#next();
  }

  /** Gives the parser one piece, unless a request is being answered, and reads on when nothing is left. */
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

  /** Nothing is answered any more. What still arrives is read, because otherwise the answer would be lost. */
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
