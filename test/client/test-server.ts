import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Server as NetServer } from 'node:net';

/** Starts any server on a free port of loopback. */
export async function listen(server: NetServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly socket: IncomingMessage['socket'];
}

/** An HTTP server that remembers what it was asked: `await using`. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly requests: RecordedRequest[];
  close(): Promise<void>;
}

export type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

export async function startServer(handler: Handler, make: (listener: RequestListener) => Server = createServer) {
  const requests: RecordedRequest[] = [];
  const server = make((request, response) => {
    const { method = '', url = '', headers, socket } = request;
    requests.push({ method, url, headers, socket });
    handler(request, response, requests.length);
  });
  const port = await listen(server);
  const close = async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  const url = `http://127.0.0.1:${port}`;
  return { url, port, requests, close, [Symbol.asyncDispose]: close } satisfies TestServer;
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_test1', ...headers });
  response.end(JSON.stringify(body));
}

/** The error envelope: docs/design/work-api.md#errors. */
export function apiError(type: string, message: string, more: Record<string, unknown> = {}) {
  return { type: 'error', error: { type, message, ...more }, request_id: 'req_body1' };
}

export const EMPTY_STATS = {
  type: 'work_queue_stats',
  depth: 0,
  pending: 0,
  oldest_queued_at: null,
  workers_polling: 0,
};
