import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { CancelTimer, Clock } from '../base/clock.ts';
import { answerBroken } from './errors.ts';

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
/** Requests wait at most so long for clients that connect. */
const MOST_CONNECTING_MS = 100;
/** A head ends with one; a body may hold some. */
const BLANK_LINE = /\n\r?\n/;
/** As the first request of a connection, these wait for nobody: kubelets kill a process that does not answer soon. */
const URGENT = 'GET /-/';

/** Begins one request in a turn of the event loop, and none while clients connect, of which Node accepts one in a turn. */
export class Turns {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #waiting: (() => void)[] = [];
  #hasConnected = false;
  #lastAt = 0;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  connected(): void {
    this.#hasConnected = true;
  }

  wait(begin: () => void): void {
    if (this.#waiting.push(begin) === 1) setImmediate(() => this.#turn());
  }

  #turn(): void {
    const now = this.#clock.monotonic();
    if (!this.#hasConnected || now - this.#lastAt > MOST_CONNECTING_MS) {
      this.#lastAt = now;
      this.#waiting.shift()!();
    }
    this.#hasConnected = false;
    if (this.#waiting.length > 0) setImmediate(() => this.#turn());
  }
}

/**
 * A connection that has one request at a time.
 *
 * Node parses everything that has arrived at once: 1,700 pipelined requests in one go, with as many answers in memory for
 * a client that may read none of them. So its parser gets only the bytes up to the next blank line, where a head may end,
 * and nothing more until that request is answered; a client that sends more is not read further.
 */
export class Gate extends Duplex {
  readonly socket: Socket;
  /** As a `TLSSocket` has it: fastify tells the protocol by it. */
  readonly encrypted: boolean;
  readonly #turns: Turns;
  readonly #clock: Pick<Clock, 'setTimer'>;
  /** Without an answer: one, or two if the end of one body and the next head came in one piece. */
  readonly #open = new Set<IncomingMessage>();
  #held: Buffer | null = null;
  /** The last characters that the parser got, if they may begin a blank line. */
  #tail = '';
  #ended = false;
  #wanted = false;
  #planned = false;
  #isFirst = true;
  #isLast = false;
  #ignored = 0;
  /** Of the arrival of the present request; null: nothing of it has arrived. */
  #cancelDeadline: CancelTimer | null = null;

  constructor(socket: Socket, turns: Turns, clock: Pick<Clock, 'setTimer'>) {
    super({ readableHighWaterMark: 1 });
    this.socket = socket;
    this.encrypted = socket instanceof TLSSocket;
    this.#turns = turns;
    this.#clock = clock;
    socket.on('data', (bytes: Buffer) => this.#received(bytes));
    socket.on('end', () => {
      this.#ended = true;
      this.#plan();
    });
    socket.on('error', () => this.destroy());
    socket.on('close', () => this.destroy());
    socket.on('timeout', () => this.emit('timeout'));
  }

  get isBusy(): boolean {
    return this.#open.size > 0;
  }

  /** Whether the answer to the present request is the last. */
  get isLast(): boolean {
    return this.#isLast;
  }

  began(request: IncomingMessage): void {
    this.#open.add(request);
    this.#isFirst = false;
  }

  answered(request: IncomingMessage): void {
    this.#open.delete(request);
    this.#cancelDeadline?.();
    this.#cancelDeadline = null;
    if (this.#isLast && !this.isBusy) this.end();
    this.#plan();
  }

  /** Ends the connection after the request that is under way or still arrives, or now. */
  retire(): void {
    this.#isLast = true;
    if (!this.isBusy && this.#held === null && this.#cancelDeadline === null) this.end();
  }

  /** What Node calls, as it does on a socket. */
  setTimeout(ms: number): this {
    this.socket.setTimeout(ms);
    return this;
  }

  override _read(): void {
    this.#wanted = true;
    this.#plan();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.socket.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.socket.end(done);
    this.#plan();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#cancelDeadline?.();
    this.socket.destroy();
    done(error);
  }

  #received(bytes: Buffer): void {
    this.#held = bytes;
    this.socket.pause();
    this.#plan();
  }

  /** Not at once: until then the parser has seen what it was given, and a request has begun if that was its head. */
  #plan(): void {
    if (this.#planned || this.destroyed) return;
    this.#planned = true;
    setImmediate(() => this.#goOn());
  }

  #goOn(): void {
    const held = this.#held;
    const [first] = this.#open;
    const mayGoOn = this.#wanted && (first === undefined || (this.#open.size === 1 && !first.complete));
    const begins = mayGoOn && held !== null && first === undefined && !this.writableEnded;
    const isUrgent = this.#isFirst && held?.toString('latin1', 0, URGENT.length) === URGENT;
    if (begins && !isUrgent) {
      this.#turns.wait(() => this.#give());
      return;
    }
    this.#planned = false;
    if (this.writableEnded) this.#ignore();
    else if (held === null && !this.#ended) this.socket.resume();
    else if (held !== null && mayGoOn) this.#give();
    else if (mayGoOn) this.push(null);
  }

  /** To the parser: the bytes up to the end of the first blank line, even if that was split. */
  #give(): void {
    this.#planned = false;
    const held = this.#held;
    if (this.destroyed || this.writableEnded || held === null) {
      this.#plan();
      return;
    }
    this.#wanted = false;
    this.#cancelDeadline ??= this.#clock.setTimer(ARRIVAL_MS, () => this.#checkArrival());
    const text = this.#tail + held.toString('latin1', 0, MOST_BYTES);
    const blank = BLANK_LINE.exec(text);
    const length = (blank === null ? text.length : blank.index + blank[0].length) - this.#tail.length;
    this.#tail = blank === null ? text.slice(-2) : '';
    this.#held = length < held.length ? held.subarray(length) : null;
    this.push(held.subarray(0, length));
    this.#plan();
  }

  #checkArrival(): void {
    const [first] = this.#open;
    if (first?.complete !== true) answerBroken(this, '408 Request Timeout');
  }

  /** After the last answer: what still arrives is read and dropped, because otherwise the client might lose the answer. */
  #ignore(): void {
    this.#ignored += this.#held?.length ?? 0;
    this.#held = null;
    if (this.#ended || this.#ignored > MOST_IGNORED_BYTES) this.destroy();
    else this.socket.resume();
  }
}

/** The socket itself of a request, which is behind a gate. */
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
