import { createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { createTestClient, type TestClientOptions } from './test-client.ts';
import { EMPTY_STATS, listen } from './test-server.ts';

/** A server that answers below HTTP: `onRequest` is called with the socket once a request has come. It ends with the test. */
export async function startOverSockets(
  onRequest: (socket: Socket, count: number) => void,
  options: TestClientOptions = {},
) {
  const sockets = new Set<Socket>();
  let count = 0;
  const server: Server = createServer((socket) => {
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
  return { ...client, requests: () => count, refuseNewOnes: () => server.close() };
}

export const body = JSON.stringify(EMPTY_STATS);
export const good = `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
