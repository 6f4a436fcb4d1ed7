import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { startPair } from './start-pair.ts';
import { failureOf } from './test-client.ts';
import { EMPTY_STATS, type Handler, json } from './test-server.ts';

describe('a bad answer', () => {
  const long = Buffer.alloc(10_000_000, ' ');
  it.each<[string, Handler, RegExp]>([
    ['204', (_, response) => response.writeHead(204).end(), /with 204$/],
    ['an empty body', (_, response) => response.writeHead(200).end(), /200 and an empty body$/],
    ['HTML', (_, response) => response.end('<!DOCTYPE html><p>sign in'), /200 and an HTML page instead of JSON$/],
    ['text', (_, response) => response.end('OK'), /200 and 2 bytes that are not JSON$/],
    ['one byte', (_, response) => response.end('x'), /200 and 1 byte that is not JSON$/],
    ['null', (_, response) => response.end('null'), /an unexpected body: the body should be an object and is null$/],
    ['half a JSON', (_, response) => response.end('{"depth":1,"pend'), /200 and 16 bytes that are not JSON$/],
    [
      'a wrong number',
      (_, response) => json(response, 200, { ...EMPTY_STATS, depth: -1 }),
      /depth should be a whole number/,
    ],
    ['10 MB, announced', (_, response) => response.end(long), /more than the 65536 bytes that are allowed$/],
    [
      '10 MB in chunks',
      (_, response) => {
        response.write('[');
        response.end(long);
      },
      /more than the 65536 bytes/,
    ],
    [
      'a gzip bomb',
      (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(long)),
      /more than the 65536 bytes/,
    ],
    [
      'damaged gzip',
      (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip'),
      /a compressed body that is damaged$/,
    ],
    [
      'an unknown compression',
      (_, response) => response.writeHead(200, { 'content-encoding': 'zz' }).end('x'),
      /a compression that was not requested$/,
    ],
    [
      'a compression with the name of a property of every object',
      (_, response) => response.writeHead(200, { 'content-encoding': 'constructor' }).end('{}'),
      /a compression that was not requested$/,
    ],
  ])('with %s is bad_response, and not tried again', async (_, handler, message) => {
    const { api, server, observer } = await startPair(handler);
    const { failure } = await failureOf(api.stats('env_1'));
    expect(failure.reason).toBe('bad_response');
    expect(failure.message).toMatch(message);
    expect(failure.remedy).toContain('base_url');
    expect(server.requests).toHaveLength(1);
    expect(observer.judged).toEqual([]);
  });

  it('of 10 MB is not read to its end', async () => {
    let written = 0;
    let ended: () => void = () => {};
    const closed = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const { api } = await startPair((_, response) => {
      response.on('close', ended);
      const more = () => {
        while (!response.destroyed && written < 1e9) {
          written += 65_536;
          if (!response.write(Buffer.alloc(65_536))) return;
        }
      };
      response.on('drain', more);
      more();
    });
    await failureOf(api.stats('env_1'));
    await closed;
    expect(written).toBeLessThan(50_000_000);
  });

  it('to an error is cut off and keeps its status', async () => {
    const { api } = await startPair((_, response) => response.writeHead(404).end(long));
    expect((await failureOf(api.stats('env_1'))).failure).toMatchObject({ reason: 'not_found', httpStatus: 404 });
  });
});
