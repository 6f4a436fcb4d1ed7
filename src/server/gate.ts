import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import type { CancelTimer, Clock } from '../base/clock.ts';
import { answerBroken } from './answers.ts';

/** A client that neither reads nor writes for this long is gone. */
const IDLE_SOCKET_MS = 30_000;
/** Longer than usual scrape intervals, so that Prometheus keeps its connection. */
const KEEP_ALIVE_MS = 120_000;
/** A request must have arrived, with its body, within this time. */
const ARRIVAL_MS = 10_000;
/** What the parser gets at once at the most: usual heads are shorter. */
const MOST_BYTES = 4096;
/** After its last answer, a client may send this much more before it is cut off. */
const MOST_IGNORED_BYTES = 1024 * 1024;
/** A head ends with one; a body may hold some. */
const BLANK_LINE = /\n\r?\n/;

/**
 * A connection that has one request at a time.
 *
 * Node parses everything that has arrived at once: 1,700 pipelined requests in one go, with as many answers in memory for
 * a client that may read none of them. So its parser gets only the bytes up to the next blank line, where a head may end.
 * Whoever sends more before that request is answered is no client that anybody uses: the answer is the last.
 */
export class Gate extends Duplex {
  readonly socket: Socket;
  /** As a `TLSSocket` has it: fastify tells the protocol by it. */
  readonly encrypted: boolean;
  isLast = false;
  readonly #clock: Pick<Clock, 'setTimer'>;
  /** Without an answer: one, or two if the end of one body and the next head came in one piece. */
  readonly #open = new Set<IncomingMessage>();
  #latest: IncomingMessage | null = null;
  #isWanted = false;
  #goOn = () => {};
  /** Of the arrival of the present request; null: nothing of it has arrived. */
  #cancelDeadline: CancelTimer | null = null;

  constructor(socket: Socket, clock: Pick<Clock, 'setTimer'>) {
    super({ readableHighWaterMark: 1 });
    this.socket = socket;
    this.encrypted = socket instanceof TLSSocket;
    this.#clock = clock;
    socket.on('timeout', () => this.emit('timeout'));
    for (const event of ['error', 'close']) socket.on(event, () => this.destroy());
    this.#passOn().catch(() => this.destroy());
  }

  get isBusy(): boolean {
    return this.#open.size > 0;
  }

  began(request: IncomingMessage): void {
    this.#open.add(request);
    this.#latest = request;
  }

  answered(request: IncomingMessage): void {
    this.#open.delete(request);
    this.#cancelDeadline?.();
    this.#cancelDeadline = null;
    if (this.isLast && !this.isBusy) this.end();
    this.#goOn();
  }

  /** Ends the connection after the request that is under way or still arrives, or now. */
  retire(): void {
    this.isLast = true;
    if (!this.isBusy && this.#cancelDeadline === null) this.end();
  }

  setTimeout(ms: number): this {
    this.socket.setTimeout(ms);
    return this;
  }

  override _read(): void {
    this.#isWanted = true;
    this.#goOn();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.socket.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.socket.end(done);
    this.#goOn();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#cancelDeadline?.();
    this.socket.destroy();
    done(error);
    this.#goOn();
  }

  /** All that the client sends, to the parser; after the last answer to nobody, since unread bytes would cost that answer. */
  async #passOn(): Promise<void> {
    let ignored = 0;
    for await (const { bytes, follows } of pieces(this.socket)) {
      // Until then the parser has seen what it was given, and a request has begun if that was its head.
      await nextTurn();
      if (this.#isAwaited || (follows && this.#latest?.complete === true)) {
        this.isLast = true;
        if (!this.isBusy) this.end();
      }
      await this.#mayGoOn();
      if (this.writableEnded) ignored += bytes.length;
      if (this.destroyed || ignored > MOST_IGNORED_BYTES) break;
      if (this.writableEnded) continue;
      this.#cancelDeadline ??= this.#clock.setTimer(ARRIVAL_MS, () => this.#checkArrival());
      this.#isWanted = false;
      this.push(bytes);
    }
    await nextTurn();
    await this.#mayGoOn();
    if (this.writableEnded) this.destroy();
    else this.push(null);
  }

  /** Whether a request has arrived that has no answer yet. */
  get #isAwaited(): boolean {
    const [first] = this.#open;
    return first !== undefined && (this.#open.size > 1 || first.complete);
  }

  async #mayGoOn(): Promise<void> {
    while (!this.writableEnded && !this.destroyed && (this.#isAwaited || !this.#isWanted)) {
      await new Promise<void>((resolve) => {
        this.#goOn = resolve;
      });
    }
  }

  #checkArrival(): void {
    const [first] = this.#open;
    if (first?.complete !== true) answerBroken(this, '408 Request Timeout');
  }
}

interface Piece {
  readonly bytes: Buffer;
  /** It arrived together with the one before. */
  readonly follows: boolean;
}

/** What arrives, cut behind each blank line, even one that was split. */
async function* pieces(socket: Socket): AsyncGenerator<Piece> {
  let tail = '';
  for await (const arrived of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    for (let at = 0; at < arrived.length; ) {
      const text = tail + arrived.toString('latin1', at, at + MOST_BYTES);
      const blank = BLANK_LINE.exec(text);
      const end = at - tail.length + (blank === null ? text.length : blank.index + blank[0].length);
      tail = blank === null ? text.slice(-2) : '';
      yield { bytes: arrived.subarray(at, end), follows: at > 0 };
      at = end;
    }
  }
}

export function socketOf(socket: Socket | Gate): Socket {
  return socket instanceof Gate ? socket.socket : socket;
}

/** Node's HTTP server. It never listens: connections are given to it, each behind a gate. */
export function createHttpServer(handler: RequestListener): Server {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, maxHeaderSize: 16 * 1024 });
  server.timeout = IDLE_SOCKET_MS;
  // Their total size is limited. Dropping some of many would let a client push out what a proxy adds.
  server.maxHeadersCount = 0;
  server.on('request', (request, response) => {
    const gate: unknown = request.socket;
    if (!(gate instanceof Gate)) return;
    gate.began(request);
    response.once('close', () => gate.answered(request));
  });
  server.on('request', handler);
  return server;
}
