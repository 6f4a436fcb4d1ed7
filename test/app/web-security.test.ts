import { once } from 'node:events';
import { connect } from 'node:tls';
import { hashSync } from 'bcrypt';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Pair, Pki } from '../support/pki.ts';
import { configurationOf, keysOf, PROD, simulatedApi, type TestSimulator } from '../support/simulated-api.ts';
import { RunningApp } from './running-app.ts';

const PASSWORD = 'canary-password-7c1f';
const HASH = hashSync(PASSWORD, 4);
const LOGIN = { authorization: `Basic ${Buffer.from(`prometheus:${PASSWORD}`).toString('base64')}` };

let pki: Pki;
let server: Pair;
beforeAll(() => {
  pki = new Pki();
});
beforeEach(() => {
  server = pki.server();
});
afterAll(() => pki[Symbol.dispose]());

const TLS = 'tls_server_config: {cert_file: server.crt, key_file: server.key}\n';
const USERS = `basic_auth_users: {prometheus: ${HASH}}\n`;

async function secured(api: TestSimulator, text = TLS + USERS): Promise<RunningApp> {
  const path = pki.write('web.yml', text);
  return RunningApp.start(configurationOf(api, { server: { web_config_file: path } }));
}

async function ask(
  url: string,
  { method = 'GET', headers = LOGIN }: { method?: string; headers?: Record<string, string> } = {},
) {
  const dispatcher = new Agent({ connect: { ca: pki.ca.cert } });
  try {
    const {
      statusCode,
      headers: answered,
      body,
    } = await request(url, { method: method as 'GET', headers, dispatcher });
    return { status: statusCode, text: `${JSON.stringify(answered)}${await body.text()}` };
  } finally {
    await dispatcher.destroy();
  }
}

/** The certificate that a new connection is shown. */
async function shownCertificate(url: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  return raw.toString('base64');
}

const derOf = ({ cert }: Pair) => cert.replaceAll(/-----[^-]+-----|\s/g, '');

it('takes up a renewed certificate by itself, and keeps the old one when the new one is broken', async () => {
  await using api = await simulatedApi();
  await using running = await secured(api);
  expect(running.url).toMatch(/^https:/);
  const first = derOf(server);
  expect(await shownCertificate(running.url)).toBe(first);

  const renewed = pki.server();
  await running.waitUntil(async () => (await shownCertificate(running.url)) !== first);
  expect(await shownCertificate(running.url)).toBe(derOf(renewed));

  pki.write('server.key', 'broken');
  await running.waitUntil(() => running.events('config.rejected').length > 0);
  expect(running.events('config.rejected')[0]!.problems).toEqual([
    expect.stringMatching(/web\.yml:1:\d+: tls_server_config\.key_file: contains no unencrypted PEM private key/),
  ]);
  expect(await shownCertificate(running.url)).toBe(derOf(renewed));
  expect((await ask(`${running.url}/metrics`)).status).toBe(200);

  pki.server();
  await running.waitUntil(async () => (await shownCertificate(running.url)) !== derOf(renewed));
});

it('takes up another user with a reload, and refuses to switch TLS off', async () => {
  await using api = await simulatedApi();
  await using running = await secured(api);
  expect((await ask(`${running.url}/metrics`)).status).toBe(200);

  pki.write('web.yml', `${TLS}basic_auth_users: {prometheus: ${hashSync('another', 4)}}\n`);
  expect((await ask(`${running.url}/-/reload`, { method: 'POST' })).status).toBe(200);
  expect((await ask(`${running.url}/metrics`)).status).toBe(401);

  pki.write('web.yml', '');
  await running.waitUntil(() => running.events('config.rejected').length > 0);
  expect(running.events('config.rejected')[0]!.problems).toEqual([expect.stringContaining('restart the exporter')]);
  expect((await ask(`${running.url}/metrics`)).status).toBe(401);
});

it('no key, password or hash is in any answer, on any route, or in the log', async () => {
  await using api = await simulatedApi();
  await using running = await secured(api);
  await running.waitUntil(() => running.readSince(PROD, 'stats') && running.readSince(PROD, 'list'));
  const [apiKey] = keysOf(api);
  const logins = [LOGIN, {}, { authorization: `Basic ${Buffer.from(`x:${apiKey}`).toString('base64')}` }];
  const paths = [
    ...['/', '/metrics', '/-/healthy', '/-/ready', '/api/v1/environments', `/api/v1/environments/${PROD}`],
    ...['/api/v1/sd', `/probe?environment_id=${PROD}`, '/nothing', '/%zz', '/-/reload', '/-/drill'],
  ];
  const answers: string[] = [];
  for (const path of paths)
    for (const method of ['GET', 'POST', 'DELETE'])
      for (const headers of logins) answers.push((await ask(`${running.url}${path}`, { method, headers })).text);
  const all = `${answers.join('\n')}\n${JSON.stringify(running.log)}`;
  expect(all).toContain('anthropic_work_queue_depth');
  for (const secret of [...keysOf(api), PASSWORD, HASH, server.key.split('\n')[2]!])
    for (const form of [
      secret,
      encodeURIComponent(secret),
      btoa(secret).slice(0, -4),
      Buffer.from(secret).toString('hex'),
    ])
      expect(all.includes(form)).toBe(false);
});
