import { createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import { Budget } from '../../src/client/budget.ts';
import { type ConnectionOptions, HttpWorkApi } from '../../src/client/client.ts';
import { ApiError } from '../../src/client/failures.ts';
import type { ConnectionKeys } from '../../src/client/keys.ts';
import type { SentRequest } from '../../src/client/work-api.ts';
import { Drift } from '../../src/wire/read.ts';
import { EMPTY_STATS, type Handler, json, listen, startServer } from './test-server.ts';

export const API_KEY = 'sk-ant-api03-TESTTESTTESTTEST';
export const ENVIRONMENT_KEY = 'sk-ant-oat01-TESTTESTTESTTEST';

/** Short waits, the pauses before a retry, are over at once; long ones, the deadlines, are real. */
export const impatientClock: Clock = {
  ...systemClock,
  setTimer: (delayMs, run) => systemClock.setTimer(delayMs < 1000 ? 0 : delayMs, run),
};

export interface TestClientOptions {
  readonly connection?: Partial<ConnectionOptions>;
  readonly apiKey?: string | null;
  readonly environmentKey?: string | null;
  readonly clock?: Clock;
  readonly env?: Record<string, string>;
  readonly requestsPerMinute?: number;
}

/** Keys for which no file has to be there; the environment key is that of the environments env_0 to env_11. */
export function useKeys(keys: ConnectionKeys, apiKey: string | null, environmentKey: string | null): void {
  const secret = (value: string, file: string) => new Secret(value, `file /run/secrets/${file}`);
  const own = environmentKey === null ? null : secret(environmentKey, 'env-key');
  const ids = Array.from({ length: 12 }, (_, n) => `env_${n}`);
  const ofEnvironments = new Map(own === null ? [] : ids.map((id) => [id, own]));
  keys.use(apiKey === null ? null : secret(apiKey, 'api-key'), ofEnvironments);
}

/** A client, and what it told. */
export function createTestClient(baseUrl: string, options: TestClientOptions = {}) {
  const { clock = impatientClock, env = {}, apiKey = API_KEY, environmentKey = ENVIRONMENT_KEY } = options;
  const random = () => 0.5;
  const budget = new Budget(options.requestsPerMinute ?? 60_000, { clock, random });
  const connection: ConnectionOptions = {
    name: 'default',
    provider: 'anthropic',
    baseUrl,
    workspaceId: null,
    maxConcurrentRequests: 8,
    timeoutMs: 10_000,
    maxResponseBytes: 1_000_000,
    ca: null,
    ...options.connection,
  };
  const sent: SentRequest[] = [];
  const unknown: string[] = [];
  /** Whether each key is refused, as told last, by its name. */
  const verdicts: Record<string, boolean | null> = {};
  const api = new HttpWorkApi(connection, {
    ...{ budget, clock, random, env, build: { version: '1.2.3' } },
    drift: new Drift((kind) => unknown.push(kind)),
    ended: (request) => void sent.push(request),
    told: (name, { isRefused }) => Object.assign(verdicts, { [name]: isRefused }),
  });
  const { keys, apiClock } = api.place;
  useKeys(keys, apiKey, environmentKey);
  return { api, budget, keys, apiClock, sent, unknown, verdicts };
}

/** A server with this handler and a client of it; both end with the test. */
export async function startPair(handler: Handler, options: TestClientOptions & { basePath?: string } = {}) {
  const server = await startServer(handler);
  onTestFinished(() => server.close());
  const client = createTestClient(server.url + (options.basePath ?? ''), options);
  onTestFinished(() => client.api.close());
  return { ...client, server };
}

export const answerStats: Handler = (_, response) => json(response, 200, EMPTY_STATS);

/** A server that answers below HTTP: `onRequest` is called with the socket once a request has come. It ends with the test. */
export async function startOverSockets(
  onRequest: (socket: Socket, count: number) => void,
  options: TestClientOptions = {},
) {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('data', () => onRequest(socket, ++count));
  });
  const port = await listen(server);
  const client = createTestClient(`http://127.0.0.1:${port}`, options);
  onTestFinished(async () => {
    await client.api.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { ...client, requests: () => count };
}

const body = JSON.stringify(EMPTY_STATS);
export const good = `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

/** The `ApiError` that a call fails with; fails when it does not. */
export async function failureOf(call: Promise<unknown>): Promise<ApiError> {
  const error = await call.then(
    () => new Error('the call succeeded'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ApiError) return error;
  throw error;
}
