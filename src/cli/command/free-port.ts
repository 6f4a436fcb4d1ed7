import { createServer } from 'node:net';
import { systemErrorCode } from '../../base/errors.ts';
import { ListenError } from '../../server/http/listen-error.ts';

/** This many ports are tried before giving up. */
const TRIES = 50;

/**
 * Calls `listen` with the first free port, counting up from `port`, and with the next one if another program has taken
 * that port in the meantime.
 *
 * @throws ListenError
 */
export async function onFreePort<T>(host: string, port: number, listen: (free: number) => Promise<T>): Promise<T> {
  let last: unknown = null;
  for (let candidate = port; candidate < Math.min(port + TRIES, 65_536); candidate++) {
    try {
      await tryPort(host, candidate);
    } catch (error) {
      last = error;
      continue;
    }
    try {
      return await listen(candidate);
    } catch (error) {
      last = error instanceof ListenError ? error.cause : error;
      if (systemErrorCode(last) !== 'EADDRINUSE') throw error;
    }
  }
  throw new ListenError(host, port, last);
}

function tryPort(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, host, () => server.close(() => resolve()));
  });
}
