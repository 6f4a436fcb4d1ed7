import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net, { connect, getDefaultAutoSelectFamilyAttemptTimeout, type LookupFunction, type Socket } from 'node:net';
import { request } from 'undici';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { dispatcherMaker } from '../../../src/client/http/dispatcher.ts';
import { nameLookups } from '../../../src/client/http/name-lookups.ts';

/** As of a machine without a way to IPv6, to which it connects last, or of a host of which only that address is dead. */
const ADDRESSES = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];
/** More than wait to be accepted. */
const MANY = 4;
const SERVER = `
  const server = require('node:http').createServer((_, response) => response.end('{}'));
  server.on('connect', (_, socket) => socket.end('HTTP/1.1 403 no\\r\\n\\r\\n'));
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));
`;

/** A host that takes no more connections: the packets that ask for one are lost until it `goesOn`. */
async function busyHost() {
  const host = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
  const waiting: Socket[] = [];
  onTestFinished(async () => {
    for (const socket of waiting) socket.destroy();
    host.kill('SIGKILL');
    await once(host, 'exit');
  });
  const [line] = await once(host.stdout, 'data');
  const port = Number(line);
  host.kill('SIGSTOP');
  for (let n = 0; n < MANY; n++) waiting.push(connect(port, '127.0.0.1').on('error', () => {}));
  await once(waiting[0]!, 'connect');
  return { port, goesOn: () => host.kill('SIGCONT') };
}

afterEach(() => {
  vi.restoreAllMocks();
});

it.each([
  { way: 'directly', env: () => ({}), origin: (port: number) => `http://api.test:${port}` },
  {
    way: 'through a proxy',
    env: (port: number) => ({ http_proxy: `http://proxy.test:${port}` }),
    origin: () => 'http://api.test',
  },
])('a packet that is lost on the way to the first address costs no connection, $way', async ({ env, origin }) => {
  const { port, goesOn } = await busyHost();
  vi.spyOn(nameLookups, 'lookup').mockImplementation(((_hostname, _options, callback) => {
    callback(null, ADDRESSES);
    // By then the packet is lost; it is sent again after a second.
    setImmediate(goesOn);
  }) as LookupFunction);
  const dispatcher = dispatcherMaker({
    origin: new URL(origin(port)),
    maxConcurrentRequests: 1,
    timeoutMs: 30_000,
    maxResponseBytes: 4_194_304,
    ca: null,
    env: env(port),
  })();
  onTestFinished(() => dispatcher.destroy());
  const { statusCode, body } = await request(origin(port), { dispatcher });
  await body.dump();
  expect(statusCode).toBe(200);
});

it.each([
  { timeoutMs: 60_000, forOneMs: 2000 },
  { timeoutMs: 5000, forOneMs: 1000 },
  { timeoutMs: 1500, forOneMs: getDefaultAutoSelectFamilyAttemptTimeout() },
  { timeoutMs: 300, forOneMs: 150 },
])('of $timeoutMs ms for a read, each address but the last has $forOneMs', async ({ timeoutMs, forOneMs }) => {
  const connected = vi.spyOn(net, 'connect').mockImplementation(() => {
    throw new Error('seen enough');
  });
  const origin = 'http://api.test';
  const limits = { maxConcurrentRequests: 1, maxResponseBytes: 4_194_304, ca: null, env: {} };
  const dispatcher = dispatcherMaker({ origin: new URL(origin), timeoutMs, ...limits })();
  onTestFinished(() => dispatcher.destroy());
  await expect(request(origin, { dispatcher })).rejects.toThrow('seen enough');
  expect(connected).toHaveBeenCalledWith(expect.objectContaining({ autoSelectFamilyAttemptTimeout: forOneMs }));
});
