import fc from 'fast-check';
import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { isAllowedHost } from '../../../src/server/access/allowed-hosts.ts';
import { serverDeps, startServer } from '../../support/http-server.ts';
import { rawAnswer } from '../../support/raw-http.ts';
import { buildState } from '../../support/states.ts';

const ROUTES = [
  '/',
  '/metrics',
  '/-/healthy',
  '/-/ready',
  '/-/reload',
  '/-/drill',
  '/api/v1/environments',
  '/api/v1/environments/env_1',
  '/api/v1/sd',
  '/probe?environment_id=env_1',
  '/no-such-page',
];

describe('which names are answered', () => {
  it.each([
    // Nothing tells a name: any.
    ['0.0.0.0', [], 'evil.example', true],
    ['::', [], 'evil.example', true],
    ['10.0.0.7', [], 'evil.example', true],
    // A page of the same machine's browser can only come by rebinding.
    ['127.0.0.1', [], 'evil.example:9877', false],
    ['127.0.0.2', [], 'evil.example:9877', false],
    ['::1', [], 'evil.example', false],
    ['localhost', [], 'evil.example', false],
    ['127.0.0.1', [], 'localhost:9877', true],
    ['127.0.0.1', [], '127.0.0.1:9877', true],
    ['127.0.0.1', [], 'exporter', true],
    ['127.0.0.1', ['exporter.example.com'], 'exporter.example.com', true],
    // A name to listen on is a name to ask for.
    ['exporter.internal', [], 'EXPORTER.internal.:9877', true],
    ['exporter.internal', [], 'evil.example', false],
    ['0.0.0.0', ['Exporter.example.com'], 'exporter.example.com:443', true],
    ['0.0.0.0', ['exporter.example.com'], 'a.exporter.example.com', false],
    ['0.0.0.0', ['exporter.example.com'], 'exporter.example.com.evil.example', false],
    ['0.0.0.0', ['exporter.example.com'], 'evil.example', false],
    ['0.0.0.0', ['exporter.example.com'], '', false],
    ['0.0.0.0', ['exporter.example.com'], 'exporter.example.com, evil.example', false],
    // Kubelets and Prometheus ask by address.
    ['0.0.0.0', ['exporter.example.com'], '10.0.0.7:9877', true],
    ['0.0.0.0', ['exporter.example.com'], '[2001:db8::1]:9877', true],
    ['0.0.0.0', ['exporter.example.com'], undefined, true],
  ] as const)('listening on %s, allowed %o: Host %s: %s', (host, hosts, header, expected) => {
    expect(isAllowedHost(header, { host, hosts })).toBe(expected);
  });

  it('no other name than those configured passes', () => {
    const settings = { host: '0.0.0.0', hosts: ['exporter.example.com'] };
    fc.assert(
      fc.property(fc.oneof(fc.domain(), fc.string()), (name) => {
        fc.pre(!/^(?:exporter\.example\.com|[\w-]+|\[.*\]|[\d.]+)\.?(?::\d*)?$/i.test(name));
        expect(isAllowedHost(name, settings)).toBe(false);
      }),
    );
  });
});

const deps = serverDeps([buildState('env_1')], { config: { hosts: ['exporter.example.com'] } });

it.each(ROUTES)('a page that has pointed its own name here reads nothing of %s', async (path) => {
  await using server = await startServer(deps);
  for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS']) {
    for (const [target, host] of [
      [path, 'evil.example'],
      // The name in the target is the one that counts.
      [`http://evil.example${path}`, 'exporter.example.com'],
    ]) {
      const answer = await rawAnswer(
        server.port,
        `${method} ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 421 /);
      expect(answer).not.toMatch(/env_1|a_metric|healthy\n|"ready"/);
    }
  }
});

it('the refusal names the option, and the right names are answered', async () => {
  await using server = await startServer(deps);
  const other = await request(`${server.url}/api/v1/environments`, { headers: { host: 'evil.example' } });
  expect(await other.body.json()).toMatchObject({
    error: { code: 'other_host', remedy: expect.stringContaining('server.allowed_hosts') },
  });
  for (const host of ['exporter.example.com', 'localhost', '127.0.0.1:9877']) {
    const answer = await request(`${server.url}/metrics`, { headers: { host } });
    expect(answer.statusCode).toBe(200);
    await answer.body.dump();
  }
});
