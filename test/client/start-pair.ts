import { onTestFinished } from 'vitest';
import { createTestClient, type TestClientOptions } from './test-client.ts';
import { EMPTY_STATS, type Handler, json, startServer } from './test-server.ts';

/** A server with this handler and a client of it; both end with the test. */
export async function startPair(handler: Handler, options: TestClientOptions & { basePath?: string } = {}) {
  const server = await startServer(handler);
  onTestFinished(() => server.close());
  const client = createTestClient(server.url + (options.basePath ?? ''), options);
  onTestFinished(() => client.api.close());
  return { ...client, server };
}

export const answerStats: Handler = (_, response) => json(response, 200, EMPTY_STATS);
