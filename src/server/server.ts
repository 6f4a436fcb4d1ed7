import { once } from 'node:events';
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net';
import {
  createServer as createTlsServer,
  DEFAULT_CIPHERS,
  getCACertificates,
  type TlsOptions,
  type Server as TlsServer,
} from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { errorText } from '../base/errors.ts';
import type { TlsSettings } from '../domain/server-settings.ts';
import { VERIFIES } from './access.ts';
import { address, ListenError } from './answers.ts';
import { Gate } from './gate.ts';
import { createRoutes } from './routes.ts';
import type { ServerDeps } from './server-deps.ts';

/** How long requests in flight may continue after `close`: less than the 4.5 s in which the process ends. */
const DRAIN_MS = 3000;
const HANDSHAKE_MS = 10_000;
/** Far more connections than scrapers and people need, far fewer than the files that a process may open. */
export const MOST_SOCKETS = 600;

interface Connection {
  readonly socket: Socket;
  /** Null while it shakes hands. */
  gate: Gate | null;
}

/** The exporter's HTTP side, with or without TLS; it holds no more connections than the process can bear. */
export class Server {
  readonly #deps: ServerDeps;
  readonly #app: FastifyInstance;
  readonly #listener = createNetServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  /** By the address of the client, the oldest first: of a TLS socket nobody tells the socket below, but it has the same. */
  readonly #connections = new Map<string, Connection>();
  /** Whether there is TLS is decided once. */
  #tls: TlsServer | null = null;
  #closed: Promise<void> | null = null;

  constructor(deps: ServerDeps) {
    this.#deps = deps;
    this.#app = createRoutes(deps, () => this.#closed !== null);
    const { tls } = deps.settings().web;
    if (tls !== null) this.#tls = this.#tlsServer(tls);
  }

  /** Listens on the configured address. Fails with a `ListenError`. */
  async listen(): Promise<{ readonly host: string; readonly port: number; readonly url: string }> {
    const { host, port } = this.#deps.settings();
    await this.#app.ready();
    try {
      this.#listener.listen(port, host);
      await once(this.#listener, 'listening');
    } catch (error) {
      throw new ListenError(host, port, error);
    }
    const { port: taken } = this.#listener.address() as AddressInfo;
    // Nobody can connect to a wildcard.
    const linked = ['0.0.0.0', '::', ''].includes(host) ? 'localhost' : host;
    return { host, port: taken, url: `${this.#tls === null ? 'http' : 'https'}://${address(linked, taken)}` };
  }

  /** Applies the TLS settings of a reload to new connections; the others end, after the request that is under way. */
  applyTlsSettings(): void {
    const { tls } = this.#deps.settings().web;
    if (this.#tls === null || tls === null) return;
    this.#tls = this.#tlsServer(tls);
    for (const { gate } of this.#connections.values()) gate?.retire();
  }

  /** Accepts no new connection, lets requests in flight end, and cuts off the rest after a few seconds. */
  close(): Promise<void> {
    this.#closed ??= this.#drain();
    return this.#closed;
  }

  async #drain(): Promise<void> {
    const { clock, logger } = this.#deps;
    const cancel = clock.setTimer(DRAIN_MS, () => {
      for (const { socket } of this.#connections.values()) socket.destroy();
    });
    try {
      const closed = new Promise((resolve) => this.#listener.close(resolve));
      for (const { socket, gate } of this.#connections.values()) {
        if (gate === null) socket.destroy();
        else gate.retire();
      }
      await closed;
      await this.#app.close();
    } catch (error) {
      logger.warn({ event: 'exporter.stopping', error: errorText(error) }, 'the server did not close cleanly');
    } finally {
      cancel();
    }
  }

  #accept(socket: Socket): void {
    const peer = peerOf(socket);
    if (this.#connections.size >= MOST_SOCKETS) {
      const idle = [...this.#connections].find(([, { gate }]) => gate?.isBusy !== true);
      (idle?.[1].socket ?? socket).destroy();
      if (idle === undefined) return;
      this.#connections.delete(idle[0]);
    }
    const connection = { socket, gate: null };
    this.#connections.set(peer, connection);
    socket.once('close', () => {
      if (this.#connections.get(peer) === connection) this.#connections.delete(peer);
    });
    if (this.#tls === null) this.#open(socket);
    else this.#tls.emit('connection', socket);
  }

  #open(socket: Socket): void {
    const gate = new Gate(socket, this.#deps.clock);
    const connection = this.#connections.get(peerOf(socket));
    if (connection !== undefined) connection.gate = gate;
    this.#app.server.emit('connection', gate);
  }

  #tlsServer(tls: TlsSettings): TlsServer {
    const settings = { allowHalfOpen: true, handshakeTimeout: HANDSHAKE_MS, ALPNProtocols: ['http/1.1'] };
    return createTlsServer({ ...tlsOptions(tls), ...settings }, (socket) => this.#open(socket));
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** Always on, as in Go, where the list of cipher suites affects only the older versions. */
const TLS_13_SUITES = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

/** A client without a valid certificate gets an error answer; the handshake succeeds, so that health checks stay open. */
function tlsOptions({ cert, key, minVersion, maxVersion, curves, clientAuth, ...tls }: TlsSettings): TlsOptions {
  const ciphers = tls.ciphers.length > 0 ? [...TLS_13_SUITES, ...tls.ciphers].join(':') : DEFAULT_CIPHERS;
  // OpenSSL's default security level allows no TLS below 1.2, whatever is configured.
  const isOld = minVersion === 'TLSv1' || minVersion === 'TLSv1.1';
  return {
    cert,
    key: key.reveal(),
    minVersion,
    maxVersion,
    honorCipherOrder: tls.preferServerCiphers,
    ciphers: isOld ? `${ciphers}:@SECLEVEL=0` : ciphers,
    requestCert: clientAuth !== 'NoClientCert',
    rejectUnauthorized: false,
    ...(VERIFIES.has(clientAuth) ? { ca: tls.clientCa ?? getCACertificates('system') } : {}),
    ...(curves.length > 0 ? { ecdhCurve: curves.join(':') } : {}),
  };
}
