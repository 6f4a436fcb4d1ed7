import { createServer } from 'node:net';
import { ListenError } from '../../server/http/listen-error.ts';

/** So many ports are tried before a machine is called full. */
const TRIES = 50;

/** The first port from `port` on that nobody listens on. @throws ListenError */
export async function freePort(host: string, port: number): Promise<number> {
  let last: unknown = null;
  for (let candidate = port; candidate < Math.min(port + TRIES, 65_536); candidate++) {
    try {
      return await tryPort(host, candidate);
    } catch (error) {
      last = error;
    }
  }
  throw new ListenError(host, port, last);
}

function tryPort(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, host, () => server.close(() => resolve(port)));
  });
}
