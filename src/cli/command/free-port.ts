import { createServer } from 'node:net';
import { ListenError } from '../../server/http/listen-error.ts';

/** This many ports are tried before giving up. */
const TRIES = 50;

/** The first free port, counting up from `port`. @throws ListenError */
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
