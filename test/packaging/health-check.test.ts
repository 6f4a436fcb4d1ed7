import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { hashSync } from 'bcrypt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningApp } from '../app/running-app.ts';
import { Pki } from '../support/pki.ts';
import { ROOT } from '../support/processes.ts';
import { configurationOf, simulatedApi, type TestSimulator } from '../support/simulated-api.ts';

let pki: Pki;
let api: TestSimulator;
beforeAll(async () => {
  pki = new Pki();
  pki.server();
  api = await simulatedApi();
});
afterAll(async () => {
  pki[Symbol.dispose]();
  await api.stop();
});

/** The words of the image's health check. */
function healthCheck(): readonly string[] {
  const text = readFileSync(resolve(ROOT, 'Dockerfile'), 'utf8');
  const [, words] = /^HEALTHCHECK (?:[^\n]*\\\n)* *CMD (\[.*\])$/m.exec(text)!;
  return JSON.parse(words!) as string[];
}

/** The exit code of the health check, at another port than in the image. */
async function checked(port: string | number): Promise<number> {
  const [program, ...words] = healthCheck().map((word) => word.replace('9877', String(port)));
  expect(program).toBe('node');
  const child = spawn(process.execPath, words, { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number];
  return code;
}

const TLS = 'cert_file: server.crt, key_file: server.key';
const WEB: Readonly<Record<string, string | null>> = {
  'plain HTTP': null,
  'a login': `basic_auth_users: {prometheus: ${hashSync('password', 4)}}\n`,
  TLS: `tls_server_config: {${TLS}}\n`,
  'TLS 1.3 alone': `tls_server_config: {${TLS}, min_version: TLS13}\n`,
  'TLS and a login': `tls_server_config: {${TLS}}\nbasic_auth_users: {prometheus: ${hashSync('password', 4)}}\n`,
  'client certificates': `tls_server_config: {${TLS}, client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.crt}\n`,
};

describe("the image's health check", () => {
  it.each(Object.entries(WEB))('finds an exporter with %s healthy', async (_, text) => {
    const web = text === null ? {} : { server: { web_config_file: pki.write('web.yml', text) } };
    await using running = await RunningApp.start(configurationOf(api, web));
    expect(new URL(running.url).protocol).toBe(text?.includes('tls') ? 'https:' : 'http:');
    expect(await checked(new URL(running.url).port)).toBe(0);
  });

  it('finds no exporter, and one that answers with an error, not healthy', async () => {
    const server = createServer((_, response) => response.writeHead(503).end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await checked(port)).toBe(1);
    server.close();
    await once(server, 'close');
    expect(await checked(port)).toBe(1);
  });
});
