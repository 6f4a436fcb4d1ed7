import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests that one socket may have waiting behind the one that is answered. Scrapers and browsers send none. */
export const MOST_WAITING = 32;

interface Line {
  readonly waiting: (readonly [IncomingMessage, ServerResponse])[];
  /** More came than may wait: the connection ends after those that were taken. */
  full: boolean;
}

/**
 * Answers the requests of a socket one after the other. Node hands over every pipelined request at once and would
 * gather all the answers in memory of a client that reads none.
 */
export class SocketTurns {
  readonly #lines = new WeakMap<Socket, Line>();
  readonly #handler: RequestListener;

  constructor(handler: RequestListener) {
    this.#handler = handler;
  }

  readonly listener: RequestListener = (request, response) => {
    const { socket } = request;
    const line = this.#lines.get(socket);
    if (line === undefined) this.#begin(socket, { waiting: [], full: false }, [request, response]);
    else if (line.full || line.waiting.length >= MOST_WAITING) line.full = true;
    else line.waiting.push([request, response]);
  };

  #begin(socket: Socket, line: Line, [request, response]: readonly [IncomingMessage, ServerResponse]): void {
    this.#lines.set(socket, line);
    if (line.full && line.waiting.length === 0) response.shouldKeepAlive = false;
    response.once('close', () => this.#next(socket, line));
    this.#handler(request, response);
  }

  #next(socket: Socket, line: Line): void {
    const next = line.waiting.shift();
    if (next !== undefined && !socket.destroyed) {
      this.#begin(socket, line, next);
      return;
    }
    this.#lines.delete(socket);
    // What came beyond the limit will not be answered.
    if (line.full) socket.destroySoon();
  }
}
