import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import { address, ListenError } from './errors.ts';
import { Gate, Turns } from './gate.ts';
import { createRoutes } from './routes.ts';
import type { ServerDeps } from './server-deps.ts';
import { type ServerTlsOptions, tlsOptions } from './tls.ts';

/** How long requests in flight may continue after `close`: less than the 4.5 s in which the process ends. */
const DRAIN_MS = 3000;

/** A handshake must end within this time. */
const HANDSHAKE_MS = 10_000;
/** Far more connections than scrapers and people need, far fewer than the files that a process may open. */
export const MOST_SOCKETS = 600;

export interface Server {
  /** Listens on the configured address. Fails with a `ListenError`. */
  listen(): Promise<{ readonly host: string; readonly port: number; readonly url: string }>;
  /** Applies the TLS settings of a reload to new connections; the others end, after the request that is under way. */
  applyTlsSettings(): void;
  /** Accepts no new connection, lets requests in flight end, and cuts off the rest after a few seconds. */
  close(): Promise<void>;
}

/** The exporter's HTTP side: it shows what the states say, and changes nothing except by `reload`. */
export function createServer<Format>(deps: ServerDeps<Format>): Server {
  const { config } = deps;
  let stopping = false;
  let closed: Promise<void> | null = null;
  const app = createRoutes(deps, () => stopping);
  // Whether there is TLS is decided once.
  const isSecure = config.web.tls !== null;
  const front = new Front(app.server, config.web.tls === null ? null : tlsOptions(config.web.tls), deps.clock);

  return {
    async listen() {
      const { host } = config;
      await app.ready();
      const { port } = await front.listen(host, config.port).catch((error: unknown) => {
        throw new ListenError(host, config.port, error);
      });
      return { host, port, url: `${isSecure ? 'https' : 'http'}://${address(connectableHost(host), port)}` };
    },

    applyTlsSettings() {
      if (isSecure && config.web.tls !== null) front.useTls(tlsOptions(config.web.tls));
    },

    close() {
      stopping = true;
      closed ??= drain();
      return closed;
    },
  };

  async function drain(): Promise<void> {
    const cancel = deps.clock.setTimer(DRAIN_MS, () => front.cutOff());
    try {
      await front.close();
      await app.close();
    } catch (error) {
      deps.logger.warn({ event: 'exporter.stopping', error: errorText(error) }, 'the server did not close cleanly');
    } finally {
      cancel();
    }
  }
}

/** A host that a link can use: nobody can connect to a wildcard. */
function connectableHost(host: string): string {
  return host === '0.0.0.0' || host === '::' || host === '' ? 'localhost' : host;
}

/** Listens for an HTTP server, with or without TLS, and holds no more connections than the process can bear. */
export class Front {
  readonly #http: HttpServer;
  readonly #clock: Pick<Clock, 'setTimer'>;
  readonly #turns: Turns;
  readonly #listener = createNetServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  /** By the address of the client, the oldest first: of a TLS socket nobody tells the socket below, but it has the same. */
  readonly #sockets = new Map<string, Socket>();
  /** Not of those that still shake hands. */
  readonly #gates = new Map<string, Gate>();
  #tls: TlsServer | null = null;

  constructor(http: HttpServer, tls: ServerTlsOptions | null, clock: Pick<Clock, 'setTimer' | 'monotonic'>) {
    this.#http = http;
    this.#clock = clock;
    this.#turns = new Turns(clock);
    if (tls !== null) this.useTls(tls);
  }

  /** For connections from now on; the others end, after the request that is under way. */
  useTls(options: ServerTlsOptions): void {
    const settings = { allowHalfOpen: true, handshakeTimeout: HANDSHAKE_MS, ALPNProtocols: ['http/1.1'] };
    this.#tls = createTlsServer({ ...options, ...settings }, (socket) => this.#open(socket));
    for (const gate of this.#gates.values()) gate.retire();
  }

  async listen(host: string, port: number): Promise<AddressInfo> {
    this.#listener.listen(port, host);
    await once(this.#listener, 'listening');
    return this.#listener.address() as AddressInfo;
  }

  /** Accepts no new connection; resolves when each has ended, after the request that is under way. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#listener.close(resolve));
    for (const [peer, socket] of this.#sockets) {
      const gate = this.#gates.get(peer);
      if (gate === undefined) socket.destroy();
      else gate.retire();
    }
    await closed;
  }

  cutOff(): void {
    for (const socket of this.#sockets.values()) socket.destroy();
  }

  #accept(socket: Socket): void {
    this.#turns.connected();
    if (this.#sockets.size >= MOST_SOCKETS) {
      const idle = [...this.#sockets].find(([peer]) => this.#gates.get(peer)?.isBusy !== true);
      (idle?.[1] ?? socket).destroy();
      if (idle === undefined) return;
      this.#forget(...idle);
    }
    const peer = peerOf(socket);
    this.#sockets.set(peer, socket);
    socket.once('close', () => this.#forget(peer, socket));
    if (this.#tls === null) this.#open(socket);
    else this.#tls.emit('connection', socket);
  }

  #forget(peer: string, socket: Socket): void {
    if (this.#sockets.get(peer) !== socket) return;
    this.#sockets.delete(peer);
    this.#gates.delete(peer);
  }

  #open(socket: Socket): void {
    const gate = new Gate(socket, this.#turns, this.#clock);
    if (this.#sockets.has(peerOf(socket))) this.#gates.set(peerOf(socket), gate);
    this.#http.emit('connection', gate);
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
