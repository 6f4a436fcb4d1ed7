import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import type { CancelTimer, Clock } from '../base/clock.ts';
import { answerBroken } from './errors.ts';
import { Gate } from './gate.ts';
import type { ServerTlsOptions } from './tls.ts';

/** A client that neither reads nor writes for this long is gone. */
const IDLE_SOCKET_MS = 30_000;
/** A handshake must end within this time. */
const HANDSHAKE_MS = 10_000;
/** A request that still arrives after a whole one of these is too late. Looks wake a process that has nothing else to do. */
const LOOK_MS = 10_000;
/** Longer than usual scrape intervals, so that Prometheus keeps its connection. */
const KEEP_ALIVE_MS = 120_000;
/** Far more connections than scrapers and people need, far fewer than the files that a process may open. */
export const MOST_SOCKETS = 600;

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

interface Connection {
  readonly socket: Socket;
  /** Null during the handshake. */
  gate: Gate | null;
}

/** Listens for an HTTP server, with or without TLS, and holds no more connections than the process can bear. */
export class Front {
  readonly #http: Server;
  readonly #clock: Pick<Clock, 'setTimer'>;
  readonly #lookMs: number;
  readonly #listener = createNetServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  /** By the address of the client: of a TLS socket nobody tells the socket below, but it has the same. */
  readonly #connections = new Map<string, Connection>();
  #tls: TlsServer | null = null;
  #cancelLook: CancelTimer = () => {};

  constructor(http: Server, tls: ServerTlsOptions | null, clock: Pick<Clock, 'setTimer'>, lookMs = LOOK_MS) {
    this.#http = http;
    this.#clock = clock;
    this.#lookMs = lookMs;
    if (tls !== null) this.useTls(tls);
  }

  /** For connections from now on; the others end, after the request that is under way. */
  useTls(options: ServerTlsOptions): void {
    this.#tls = createTlsServer({
      ...options,
      allowHalfOpen: true,
      handshakeTimeout: HANDSHAKE_MS,
      ALPNProtocols: ['http/1.1'],
    });
    this.#tls.on('secureConnection', (socket) => this.#open(socket));
    for (const { gate } of this.#connections.values()) gate?.retire();
  }

  async listen(host: string, port: number): Promise<AddressInfo> {
    this.#listener.listen(port, host);
    await once(this.#listener, 'listening');
    this.#look();
    return this.#listener.address() as AddressInfo;
  }

  /** Accepts no new connection; resolves when each has ended, after the request that is under way. */
  async close(): Promise<void> {
    this.#cancelLook();
    const closed = new Promise((resolve) => this.#listener.close(resolve));
    for (const { socket, gate } of this.#connections.values()) {
      if (gate === null) socket.destroy();
      else gate.retire();
    }
    await closed;
  }

  cutOff(): void {
    for (const { socket } of this.#connections.values()) socket.destroy();
  }

  #accept(socket: Socket): void {
    if (this.#connections.size >= MOST_SOCKETS && !this.#makeRoom()) {
      socket.destroy();
      return;
    }
    const peer = peerOf(socket);
    const connection = { socket, gate: null };
    this.#connections.set(peer, connection);
    socket.once('close', () => {
      if (this.#connections.get(peer) === connection) this.#connections.delete(peer);
    });
    if (this.#tls === null) this.#open(socket);
    else this.#tls.emit('connection', socket);
  }

  /** Closes the oldest connection without a request; false: there is none. */
  #makeRoom(): boolean {
    const idle = [...this.#connections].find(([, { gate }]) => gate?.isBusy !== true);
    if (idle === undefined) return false;
    this.#connections.delete(idle[0]);
    idle[1].socket.destroy();
    return true;
  }

  #open(socket: Socket): void {
    const gate = new Gate(socket);
    const connection = this.#connections.get(peerOf(socket));
    if (connection !== undefined) connection.gate = gate;
    this.#http.emit('connection', gate);
  }

  #look(): void {
    this.#cancelLook = this.#clock.setTimer(this.#lookMs, () => this.#look());
    for (const { gate } of this.#connections.values()) {
      if (gate?.isLate()) answerBroken(gate, '408 Request Timeout');
    }
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
