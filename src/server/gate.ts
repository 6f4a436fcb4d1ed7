import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../base/clock.ts';

/** A client that neither reads nor writes for this long is gone. */
const IDLE_SOCKET_MS = 30_000;
/** Longer than usual scrape intervals, so that Prometheus keeps its connection. */
const KEEP_ALIVE_MS = 120_000;
/** What the parser gets at once at the most: usual heads are shorter. */
const MOST_BYTES = 4096;
/** After its last answer, a client may send this much more before it is cut off. */
const MOST_IGNORED_BYTES = 1024 * 1024;
/** A head ends with one; a body may hold some. */
const BLANK_LINE = /\n\r?\n/;

interface Arriving {
  readonly complete: boolean;
}

type Done = (error?: Error | null) => void;

/** Requests of one turn of the event loop: few enough that new connections, and answers under way, do not wait for long. */
const MOST_A_TURN = 4;
/** Requests wait at most so long for clients that connect. */
const MOST_CONNECTING_MS = 100;

/** When gates go on: not before all who connect are heard, and only some at a time, in the order in which they came. */
export class Turns {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #waiting: (() => boolean)[] = [];
  #planned = false;
  #hasConnected = false;
  #lastAt = 0;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Node accepts one connection in a turn. Others may wait behind it, of which one only asks for the health. */
  connected(): void {
    this.#hasConnected = true;
  }

  /** @param goOn called in a later turn; returns whether it has begun a request, or gone on with one */
  wait(goOn: () => boolean): void {
    this.#waiting.push(goOn);
    this.#plan();
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#planned = false;
    const now = this.#clock.monotonic();
    if (!this.#hasConnected || now - this.#lastAt > MOST_CONNECTING_MS) {
      this.#lastAt = now;
      const waiting = this.#waiting.splice(0);
      let begun = 0;
      while (waiting.length > 0 && begun < MOST_A_TURN) if (waiting.shift()!()) begun++;
      this.#waiting.unshift(...waiting);
    }
    this.#hasConnected = false;
    if (this.#waiting.length > 0) this.#plan();
  }
}

/**
 * A connection that has one request at a time, and begins at most one in a turn of the event loop.
 *
 * Node parses everything that has arrived at once: 1,700 pipelined requests in one go, with as many answers in memory for
 * a client that may read none of them. So its parser gets only the bytes up to the next blank line, where a head may end,
 * and nothing more until that request is answered; a client that sends more is not read further.
 */
export class Gate extends Duplex {
  readonly socket: Socket;
  readonly #turns: Turns;
  /** As a `TLSSocket` has it: fastify tells the protocol by it. */
  readonly encrypted: boolean;
  /** Without an answer: one, or two if the end of one body and the next head came in one piece. */
  readonly #open = new Set<IncomingMessage>();
  #held: Buffer | null = null;
  /** The last characters that the parser got, if they may begin a blank line. */
  #tail = '';
  #ended = false;
  #wanted = false;
  #planned = false;
  #isLast = false;
  #ignored = 0;
  /** What arrives: the head of a request, until it has one, then its body. */
  #arriving: Arriving | null = null;
  #arrivedAtLook: Arriving | null = null;

  constructor(socket: Socket, turns: Turns) {
    super({ readableHighWaterMark: 1 });
    this.socket = socket;
    this.#turns = turns;
    this.encrypted = socket instanceof TLSSocket;
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

  /** To be asked at regular times: whether the same request still arrives as the time before. */
  isLate(): boolean {
    const before = this.#arrivedAtLook;
    this.#arrivedAtLook = this.#arriving?.complete === false ? this.#arriving : null;
    return before !== null && before === this.#arrivedAtLook;
  }

  began(request: IncomingMessage): void {
    this.#open.add(request);
    this.#arriving = request;
  }

  answered(request: IncomingMessage): void {
    this.#open.delete(request);
    if (this.#isLast && !this.isBusy) this.end();
    this.#plan();
  }

  /** Ends the connection after the request that is under way or still arrives, or now. */
  retire(): void {
    this.#isLast = true;
    if (!this.isBusy && this.#held === null && this.#arriving?.complete !== false) this.end();
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

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.socket.write(chunk, done);
  }

  override _final(done: Done): void {
    this.socket.end(() => done());
    this.#plan();
  }

  override _destroy(error: Error | null, done: Done): void {
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
    this.#turns.wait(() => this.#next());
  }

  #next(): boolean {
    this.#planned = false;
    if (this.destroyed) return false;
    if (this.writableEnded) {
      this.#ignore();
      return false;
    }
    const [first] = this.#open;
    const mayGoOn = first === undefined || (this.#open.size === 1 && !first.complete);
    if (this.#held === null && !this.#ended) this.socket.resume();
    else if (mayGoOn && this.#wanted) {
      this.#wanted = false;
      if (this.#arriving?.complete !== false && this.#held !== null) this.#arriving = { complete: false };
      this.push(this.#held === null ? null : this.#take(this.#held));
      this.#plan();
      return true;
    }
    return false;
  }

  /** The bytes up to the end of the first blank line, even if that was split. */
  #take(held: Buffer): Buffer {
    const text = this.#tail + held.toString('latin1', 0, MOST_BYTES);
    const blank = BLANK_LINE.exec(text);
    const length = (blank === null ? text.length : blank.index + blank[0].length) - this.#tail.length;
    this.#tail = blank === null ? text.slice(-2) : '';
    this.#held = length < held.length ? held.subarray(length) : null;
    return held.subarray(0, length);
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
