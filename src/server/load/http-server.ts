import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { TlsOptions } from 'node:tls';
import { oneRequestAtATime } from './one-request-at-a-time.ts';
import { limitSockets } from './socket-limit.ts';

/** A client that neither reads nor writes for this long is gone. */
const IDLE_SOCKET_MS = 30_000;
/** Headers and body must arrive within this time. */
const REQUEST_MS = 10_000;
/** Longer than usual scrape intervals, so that Prometheus keeps its connection. */
const KEEP_ALIVE_MS = 120_000;
/**
 * How often sockets are checked against that time: it wakes a process that has nothing else to do. A client that sends
 * little by little holds its socket no longer than one that sends nothing.
 */
const CHECK_MS = IDLE_SOCKET_MS - REQUEST_MS;

const OPTIONS: ServerOptions = {
  headersTimeout: REQUEST_MS,
  requestTimeout: REQUEST_MS,
  keepAliveTimeout: KEEP_ALIVE_MS,
  connectionsCheckingInterval: CHECK_MS,
  maxHeaderSize: 16 * 1024,
};

/** A server that many, slow or hostile clients cannot exhaust, with or without TLS; it does not listen yet. */
export function createHttpServer(handler: RequestListener, tls: TlsOptions | null): Server {
  const server =
    tls === null ? createServer(OPTIONS) : createTlsServer({ ...OPTIONS, ...tls, handshakeTimeout: REQUEST_MS });
  server.timeout = IDLE_SOCKET_MS;
  // Their total size is limited. Dropping some of many would let a client push out what a proxy adds.
  server.maxHeadersCount = 0;
  limitSockets(server);
  oneRequestAtATime(server, tls === null ? 'connection' : 'secureConnection');
  server.on('request', handler);
  return server;
}
