/** prom-client with the same samples, behind `node:http`, as its documentation shows; gzip at the exporter's level. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { benchFleet } from './fleet.ts';
import { promClientRegistry } from './prom-client-registry.ts';

const registry = promClientRegistry(benchFleet(Number(process.argv[2])));
const pack = promisify(gzip);

const server = createServer(async (request, response) => {
  const text = Buffer.from(await registry.metrics());
  const isPacked = request.headers['accept-encoding'] === 'gzip';
  const body = isPacked ? await pack(text, { level: 1 }) : text;
  response.writeHead(200, {
    'content-type': registry.contentType,
    'content-length': body.length,
    ...(isPacked && { 'content-encoding': 'gzip' }),
  });
  response.end(body);
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
// Its samples are in place: it renders all of them at each scrape, whatever was read.
process.on('message', () => process.send?.({}));
process.on('disconnect', () => process.exit());
