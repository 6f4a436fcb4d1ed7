import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorSchema } from '../support/environment-schema.ts';
import { startServer } from '../support/http-server.ts';
import { rawAnswer } from '../support/raw-http.ts';
import { ask, TWO } from './ask.ts';

describe('bad requests', () => {
  it.each([
    ['/nothing', 404, 'There is no such page.'],
    ['/%zz', 400, 'The request cannot be understood.'],
  ])('%s is a %d in plain text', async (path, status, message) => {
    await using server = await startServer(TWO);
    const answer = await rawAnswer(server.port, `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(answer).toContain(`HTTP/1.1 ${status} `);
    expect(answer).toContain('content-type: text/plain; charset=utf-8');
    expect(answer).toContain('x-content-type-options: nosniff');
    expect(answer).toContain(message);
  });

  it.each(['PROPFIND', 'SEARCH', 'PURGE'])('%s nowhere', async (method) => {
    await using server = await startServer(TWO);
    for (const path of ['/metrics', '/-/reload', '/no-such-page']) {
      const answer = await rawAnswer(
        server.port,
        `${method} ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 501 /);
      expect(answer).toContain(path === '/-/reload' ? 'unknown_method' : 'No route has this method.');
    }
  });

  it.each([
    ['/', 'GET, HEAD'],
    ['/environments/e', 'GET, HEAD'],
    ['/runbooks/AnthropicWorkNoWorkers', 'GET, HEAD'],
    ['/metrics', 'GET, HEAD'],
    ['/-/healthy', 'GET, HEAD'],
    ['/-/ready', 'GET, HEAD'],
    ['/-/reload', 'POST'],
    ['/-/drill', 'GET, HEAD, POST, DELETE'],
    ['/api/v1/environments', 'GET, HEAD'],
    ['/api/v1/environments/e', 'GET, HEAD'],
    ['/api/v1/environments/e/scaling', 'GET, HEAD'],
    ['/api/v1/sd', 'GET, HEAD'],
    ['/probe', 'GET, HEAD'],
  ])('a method other than those of %s gets 405 with %s', async (path, allow) => {
    await using server = await startServer(TWO);
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const) {
      const { status, headers } = await ask(`${server.url}${path}`, { method });
      if (allow.split(', ').includes(method)) expect(status, method).not.toBe(405);
      else expect({ status, allow: headers.allow }, method).toEqual({ status: 405, allow });
    }
  });

  it.each([
    ['two Host headers', 'GET', '/metrics HTTP/1.1', 'host: x\r\nhost: x\r\n', 400],
    ['two Host headers that differ', 'GET', '/-/healthy HTTP/1.1', 'host: x\r\nHOST: y\r\n', 400],
    ['two Host headers in HTTP/1.0', 'GET', '/metrics HTTP/1.0', 'host: x\r\nhost: x\r\n', 400],
    ['a list of hosts', 'GET', '/metrics HTTP/1.1', 'host: x, y\r\n', 400],
    ['a host with a space', 'GET', '/metrics HTTP/1.1', 'host: x y\r\n', 400],
    ['a host with a path', 'GET', '/metrics HTTP/1.1', 'host: x/y\r\n', 400],
    ['a host with a user', 'GET', '/metrics HTTP/1.1', 'host: u@x\r\n', 400],
    ['a host with a port in words', 'GET', '/metrics HTTP/1.1', 'host: x:http\r\n', 400],
    ['a path of *', 'GET', '* HTTP/1.1', 'host: x\r\n', 400],
    ['chunks in HTTP/1.0', 'GET', '/metrics HTTP/1.0', 'transfer-encoding: chunked\r\n', 400],
    [
      'a body in a coding of its own',
      'GET',
      '/metrics HTTP/1.1',
      'host: x\r\ntransfer-encoding: gzip, chunked\r\n',
      501,
    ],
    ['HTTP/2.0', 'GET', '/metrics HTTP/2.0', 'host: x\r\n', 505],
    ['HTTP/0.9', 'GET', '/metrics', '', 505],
  ])('a request with %s is rejected, and its connection ends', async (_, method, target, headers, status) => {
    await using server = await startServer(TWO);
    // What follows may be a request of somebody else: it is not answered.
    const next = 'GET /-/ready HTTP/1.1\r\nhost: x\r\n\r\n';
    const answer = await rawAnswer(server.port, `${method} ${target}\r\n${headers}\r\n${next}`);
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual([`HTTP/1.1 ${status}`]);
    expect(answer).toContain('x-content-type-options: nosniff');
  });

  it.each([
    ['a name without dots', 'host: exporter_1:9877\r\n\r\n', 200],
    ['an address with a port', 'host: [::1]:9877\r\n\r\n', 200],
    ['a name that is none of its own', 'host: a~b%2D.example\r\n\r\n', 421],
    ['an empty host', 'host:\r\n\r\n', 421],
    ['chunks', 'host: x\r\ntransfer-encoding: Chunked\r\n\r\n0\r\n\r\n', 200],
  ])('a request with %s is understood', async (_, rest, status) => {
    await using server = await startServer(TWO);
    const bytes = `GET /-/healthy HTTP/1.1\r\nconnection: close\r\n${rest}`;
    expect(await rawAnswer(server.port, bytes)).toMatch(`HTTP/1.1 ${status} `);
  });

  it('a large body is refused', async () => {
    await using server = await startServer(TWO);
    const answer = await ask(`${server.url}/-/reload`, { method: 'POST', body: 'x'.repeat(17 * 1024) });
    expect(answer.status).toBe(413);
    expect(errorSchema.parse(JSON.parse(answer.text)).error.code).toBe('body_too_large');
  });

  it.each([
    ['garbage\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
    ['GET /metrics HTTP/1.2\r\nhost: x\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
    ['GET /metrics HTTP/3.0\r\nhost: x\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
    ['FOO /metrics HTTP/1.1\r\nhost: x\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
    ['GET /metrics HTTP/1.1\r\nconnection: close\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
    ['GET /metrics HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
    [
      'GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\nexpect: more\r\n\r\n',
      'HTTP/1.1 417 Expectation Failed',
    ],
    [
      `GET / HTTP/1.1\r\nhost: x\r\nlong: ${'x'.repeat(17 * 1024)}\r\n\r\n`,
      'HTTP/1.1 431 Request Header Fields Too Large',
    ],
  ])('what is not HTTP is answered shortly and cut, as the reference says: %j', async (bytes, expected) => {
    await using server = await startServer(TWO);
    const [head, body] = (await rawAnswer(server.port, bytes)).split('\r\n\r\n');
    expect(head).toContain(expected);
    expect(body).toMatch(/^0?$/m);
    const status = expected.split(' ')[1];
    expect(readFileSync('docs/reference.md', 'utf8')).toContain(`\n| ${status} | no body |`);
    expect((await ask(`${server.url}/-/healthy`)).status).toBe(200);
  });
});
