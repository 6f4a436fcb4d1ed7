import { errorText } from '../base/errors.ts';
import { address, ListenError } from './errors.ts';
import { Front } from './front.ts';
import { createRoutes } from './routes.ts';
import type { ServerDeps } from './server-deps.ts';
import { tlsOptions } from './tls.ts';

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
