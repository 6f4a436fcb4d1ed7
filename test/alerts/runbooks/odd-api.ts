import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { idOf } from './troubled-world.ts';

/** An API before the simulator that says things which the simulator never says. */
export interface OddApi extends AsyncDisposable {
  readonly url: string;
}

/** Statistics without a worker count, and an item in a state that no version knows. */
export async function startOddApi(upstream: () => string): Promise<OddApi> {
  const server = createServer(async (request, response) => {
    const { authorization, 'x-api-key': key } = request.headers;
    const answer = await fetch(`${upstream()}${request.url}`, {
      headers: {
        ...(authorization === undefined ? {} : { authorization }),
        ...(key === undefined ? {} : { 'x-api-key': String(key) }),
        'anthropic-version': String(request.headers['anthropic-version']),
        'anthropic-beta': String(request.headers['anthropic-beta']),
      },
    });
    const body = (await answer.json()) as { workers_polling?: number | null; data?: { state?: string }[] };
    if (request.url?.includes(`${idOf('no-count')}/work/stats`)) body.workers_polling = null;
    if (request.url?.includes(`${idOf('new-state')}/work?`) && body.data?.[0]?.state !== undefined) {
      body.data[0].state = 'paused';
    }
    response.writeHead(answer.status, { 'content-type': 'application/json', date: answer.headers.get('date') ?? '' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
