import { request } from 'undici';
import { expect, it } from 'vitest';
import { errorSchema } from '../../support/environment-schema.ts';
import { serverDeps, startServer } from '../../support/http-server.ts';
import { rawAnswer } from '../../support/raw-http.ts';

/** A server that says whether it was reloaded. */
async function reloadable() {
  let reloads = 0;
  const reload = async () => {
    reloads++;
    return { ok: true, added: [], removed: [], changed: [], unchanged: 0, atNextStart: [] } as const;
  };
  return { server: await startServer(serverDeps([], { reload })), reloads: () => reloads };
}

it.each([
  ['x-forwarded-for', '10.0.0.7'],
  ['x-forwarded-proto', 'https'],
  ['x-forwarded-host', 'exporter.example.com'],
  ['x-forwarded-anything-new', '1'],
  ['forwarded', 'for=10.0.0.7'],
  ['x-real-ip', '10.0.0.7'],
  ['via', '1.1 squid'],
  ['x-envoy-external-address', '10.0.0.7'],
  ['x-envoy-expected-rq-timeout-ms', '15000'],
  ['cf-connecting-ip', '10.0.0.7'],
  ['true-client-ip', '10.0.0.7'],
  ['x-client-ip', ''],
  ['X-Original-Forwarded-For', '10.0.0.7'],
  ['x-amzn-trace-id', 'Root=1'],
  ['l5d-client-id', 'x'],
  ['x_forwarded_for', '10.0.0.7'],
  ['X-Forward-For', '10.0.0.7'],
  ['X-Azure-ClientIP', '10.0.0.7'],
  ['X-AppEngine-User-IP', '10.0.0.7'],
  ['X-ARR-LOG-ID', '1'],
  ['X-NginX-Proxy', 'true'],
  ['CloudFront-Viewer-Address', '10.0.0.7:1'],
  ['Fly-Client-IP', '10.0.0.7'],
  ['X-Varnish', '32770'],
  ['X-Cloud-Trace-Context', '1/2;o=1'],
  ['Front-End-Https', 'on'],
  ['Surrogate-Capability', 'x="ESI/1.0"'],
  ['x-request-id', '0af7651916cd43dd'],
  ['x-b3-traceid', '0af7651916cd43dd'],
  ['host', 'exporter'],
])('loopback: a request with %s: %s comes through a proxy and changes nothing', async (name, value) => {
  const { server, reloads } = await reloadable();
  await using _ = server;
  for (const [method, path] of [
    ['POST', '/-/reload'],
    ['POST', '/-/drill'],
    ['DELETE', '/-/drill'],
  ] as const) {
    const answer = await request(`${server.url}${path}`, { method, headers: { [name]: value } });
    expect(answer.statusCode).toBe(403);
    expect(errorSchema.parse(await answer.body.json()).error.code).toBe('not_loopback');
  }
  expect(reloads()).toBe(0);
});

it.each([
  ['as nginx passes it on, in HTTP/1.0', 'POST /-/reload HTTP/1.0\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n'],
  [
    'an absolute target, as proxies are asked',
    'POST http://127.0.0.1/-/reload HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n',
  ],
  ['two names', 'POST /-/reload HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\nconnection: close\r\n\r\n'],
])('loopback: %s: changes nothing', async (_name, bytes) => {
  const { server, reloads } = await reloadable();
  await using _ = server;
  expect(await rawAnswer(server.port, bytes)).toMatch(/^HTTP\/1\.1 40[03] /);
  expect(reloads()).toBe(0);
});

it('loopback: what curl sends from this machine reloads', async () => {
  const { server, reloads } = await reloadable();
  await using _ = server;
  const headers = { accept: '*/*', 'user-agent': 'curl/8.5.0', 'content-type': 'application/x-www-form-urlencoded' };
  expect((await request(`${server.url}/-/reload`, { method: 'POST', headers })).statusCode).toBe(200);
  expect(reloads()).toBe(1);
});
