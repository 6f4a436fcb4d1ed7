import { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { errorText } from '../base/errors.ts';
import { address, ListenError } from './http/listen-error.ts';
import type { ServerDeps } from './http/server-deps.ts';
import { createRoutes } from './routes.ts';
import { tlsOptions } from './web/tls-options.ts';

/** How long requests in flight may continue after `close`: less than the 4.5 s in which the process ends. */
const DRAIN_MS = 3000;

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
  let stopping = false;
  let closed: Promise<void> | null = null;
  let reloads = 0;
  /** How many reloads there had been when a connection with TLS began: the last of them decided about its certificate. */
  const reloadsAtBeginning = new WeakMap<Socket, number>();
  const isOutdated = (socket: Socket) => (reloadsAtBeginning.get(socket) ?? reloads) < reloads;
  const app = createRoutes(deps, () => stopping, isOutdated);
  app.server.on('secureConnection', (socket) => void reloadsAtBeginning.set(socket, reloads));

  return {
    async listen() {
      const { host, port } = deps.config;
      try {
        await app.listen({ host, port });
      } catch (error) {
        throw new ListenError(host, port, error);
      }
      const bound = app.server.address();
      const boundPort = typeof bound === 'object' && bound !== null ? bound.port : port;
      const scheme = deps.config.web.tls === null ? 'http' : 'https';
      return { host, port: boundPort, url: `${scheme}://${address(connectableHost(host), boundPort)}` };
    },

    applyTlsSettings() {
      const { tls } = deps.config.web;
      if (tls === null || !(app.server instanceof TlsServer)) return;
      const { requestCert, ...context } = tlsOptions(tls);
      app.server.setSecureContext(context);
      // Read at each handshake, and not part of the context.
      Object.assign(app.server, { requestCert });
      reloads++;
      // A client with an idle connection will open a new one.
      app.server.closeIdleConnections();
    },

    close() {
      stopping = true;
      closed ??= drain();
      return closed;
    },
  };

  async function drain(): Promise<void> {
    const cancel = deps.clock.setTimer(DRAIN_MS, () => app.server.closeAllConnections());
    try {
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
