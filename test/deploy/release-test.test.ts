import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hashSync } from 'bcrypt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningApp } from '../app/running-app.ts';
import { Pki } from '../support/pki.ts';
import { configurationOf, simulatedApi, type TestSimulator } from '../support/simulated-api.ts';
import { waitForExpected } from '../support/wait-until.ts';
import { container, pods, sets, speaking } from './chart-objects.ts';
import { rendered } from './helm.ts';
import { onlyOf } from './kubernetes-object.ts';

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

interface Told {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the pod of `helm test` does, with the address of this exporter in the place of the Service. */
async function tested(url: string): Promise<Told> {
  const scheme = new URL(url).protocol === 'https:' ? 'HTTPS' : 'HTTP';
  const [program, option, script] = onlyOf(rendered(speaking(scheme)), 'Pod').spec.containers[0].command;
  expect([program, option]).toEqual(['node', '--eval']);
  const service = `${scheme.toLowerCase()}://work-anthropic-work-exporter:9877`;
  expect(script).toContain(service);
  const child = spawn(process.execPath, [option, script.replaceAll(service, url)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, code] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<number | null>((ended) => child.on('exit', ended)),
  ]);
  return { code, stdout, stderr };
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const part of stream) text += part;
  return text;
}

describe('helm test', () => {
  it.each([
    ['plain HTTP', null],
    ['TLS', 'tls_server_config: {cert_file: server.crt, key_file: server.key}\n'],
    ['a login', `basic_auth_users: {prometheus: ${hashSync('password', 4)}}\n`],
  ])('passes with %s, and prints what the exporter says of itself', async (_, text) => {
    const web = text === null ? {} : { server: { web_config_file: pki.write('web.yml', text) } };
    await using running = await RunningApp.start(configurationOf(api, web));
    await waitForExpected(async () => {
      // The first reads wait for permits.
      await running.clock.advance(1000);
      const { code, stdout, stderr } = await tested(new URL(running.url).origin);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(JSON.parse(stdout)).toMatchObject({ ready: true });
    });
  });

  it('fails with the reason where nobody is ready, or nobody listens', async () => {
    const server = createServer((_, response) => response.writeHead(503).end('{"waiting_for":["env_1"]}'));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await tested(url)).toEqual({ code: 1, stdout: '{"waiting_for":["env_1"]}', stderr: '' });
    await new Promise((closed) => server.close(closed));
    expect(await tested(url)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('ECONNREFUSED') });
  });
});

describe.each(sets)('the pod of helm test, with %s', (_, values) => {
  const objects = rendered(values);
  const pod = onlyOf(objects, 'Pod');

  it('is not taken for the exporter', () => {
    const selector = onlyOf(objects, 'Service').spec.selector;
    expect(pod.metadata.labels).not.toMatchObject(selector);
    expect(pods(objects).metadata.labels).toMatchObject(selector);
  });

  it('may do no more than the exporter', () => {
    const { serviceAccountName, automountServiceAccountToken, securityContext, imagePullSecrets } = pods(objects).spec;
    expect(pod.spec).toMatchObject({
      serviceAccountName,
      automountServiceAccountToken,
      securityContext,
      ...(imagePullSecrets === undefined ? {} : { imagePullSecrets }),
    });
    const { image, securityContext: ofContainer, resources } = container(objects);
    expect(pod.spec.containers).toEqual([expect.objectContaining({ image, securityContext: ofContainer, resources })]);
  });
});
