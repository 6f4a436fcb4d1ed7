import { createServer } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { request } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { dispatcherMaker } from '../../../src/client/http/dispatcher.ts';
import { NameLookups, nameLookups } from '../../../src/client/http/name-lookups.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const OPTIONS = { all: true } as const;
const FOUND = [{ address: '127.0.0.1', family: 4 }];

/** Lookups that last until they are answered. */
function rig() {
  const clock = new ManualClock();
  const asked: string[] = [];
  const answers = new Map<string, Parameters<LookupFunction>[2]>();
  const lookups = new NameLookups((hostname, _, callback) => {
    asked.push(hostname);
    answers.set(hostname, callback);
  }, clock);
  const told: string[] = [];
  return {
    asked,
    told,
    look: (hostname: string, options = {}) =>
      lookups.lookup(hostname, { ...OPTIONS, ...options }, (error) => told.push(`${hostname} ${error?.code ?? 'ok'}`)),
    async answer(hostname: string, afterMs: number, error: NodeJS.ErrnoException | null = null) {
      await clock.advance(afterMs);
      answers.get(hostname)!(error, FOUND);
    },
    /** Its lookup hangs, and fails. */
    async hang(hostname: string) {
      this.look(hostname);
      await this.answer(hostname, 10_000, FAILED);
      asked.length = told.length = 0;
    },
  };
}

const FAILED = Object.assign(new Error('no answer'), { code: 'EAI_AGAIN' });

describe('names are looked up', () => {
  it('once for all who ask meanwhile, and again for who asks later', async () => {
    const { look, answer, asked, told } = rig();
    for (let n = 0; n < 3; n++) look('api.test');
    expect(asked).toEqual(['api.test']);
    await answer('api.test', 5);
    expect(told).toEqual(['api.test ok', 'api.test ok', 'api.test ok']);
    look('api.test');
    expect(asked).toEqual(['api.test', 'api.test']);
  });

  it('once for each way to ask', () => {
    const { look, asked } = rig();
    look('api.test');
    look('api.test', { family: 6 });
    expect(asked).toHaveLength(2);
  });

  it('with the error for all', async () => {
    const { look, answer, told } = rig();
    look('api.test');
    look('api.test');
    await answer('api.test', 5, FAILED);
    expect(told).toEqual(['api.test EAI_AGAIN', 'api.test EAI_AGAIN']);
  });

  it('one after the other if they hung last time, so that any number of them leaves a thread to the others', async () => {
    const dns = rig();
    const hung = ['a.test', 'b.test', 'c.test'];
    for (const name of hung) await dns.hang(name);
    for (const name of [...hung, ...hung, 'good.test']) dns.look(name);
    expect(dns.asked).toEqual(['a.test', 'good.test']);
    await dns.answer('good.test', 5);
    await dns.answer('a.test', 10_000, FAILED);
    await dns.answer('b.test', 10_000, FAILED);
    expect(dns.asked).toEqual(['a.test', 'good.test', 'b.test', 'c.test']);
    await dns.answer('c.test', 10_000, FAILED);
    expect(dns.told).toEqual(['good.test ok', ...hung.flatMap((name) => [`${name} EAI_AGAIN`, `${name} EAI_AGAIN`])]);
    // Nothing waits for a turn any more.
    dns.look('b.test');
    expect(dns.asked.at(-1)).toBe('b.test');
  });

  it('two at once, so that what waits behind names that hang is not taken for one of them', async () => {
    const dns = rig();
    const mute = ['a.test', 'b.test', 'c.test'];
    for (const name of [...mute, 'good.test']) dns.look(name);
    expect(dns.asked).toEqual(['a.test', 'b.test']);
    await dns.answer('a.test', 10_000, FAILED);
    await dns.answer('b.test', 0, FAILED);
    expect(dns.asked).toEqual(['a.test', 'b.test', 'c.test', 'good.test']);
    await dns.answer('good.test', 5);
    await dns.answer('c.test', 9995, FAILED);
    dns.asked.length = 0;
    for (const name of [...mute, 'good.test', 'new.test']) dns.look(name);
    expect(dns.asked).toEqual(['a.test', 'good.test']);
    await dns.answer('good.test', 5);
    expect(dns.asked).toEqual(['a.test', 'good.test', 'new.test']);
  });

  it('one that hung begins when no other is under way', async () => {
    const dns = rig();
    await dns.hang('a.test');
    for (const name of ['new.test', 'a.test']) dns.look(name);
    expect(dns.asked).toEqual(['new.test']);
    dns.look('other.test');
    await dns.answer('new.test', 5);
    expect(dns.asked).toEqual(['new.test', 'other.test']);
    await dns.answer('other.test', 5);
    expect(dns.asked).toEqual(['new.test', 'other.test', 'a.test']);
  });

  it('one that hung also where others never leave both threads to it, once it has waited for ten seconds, and alone of its kind', async () => {
    const dns = rig();
    for (const name of ['a.test', 'b.test']) await dns.hang(name);
    dns.look('0.test');
    for (const name of ['a.test', 'b.test']) dns.look(name);
    // The next comes before the last one is answered.
    const busyUntil = async (ms: number, first: number) => {
      for (let n = 0; n * 500 < ms; n++) {
        dns.look(`${first + n + 1}.test`);
        await dns.answer(`${first + n}.test`, 500);
      }
    };
    await busyUntil(9500, 0);
    expect(dns.asked).not.toContain('a.test');
    await busyUntil(2000, 19);
    expect(dns.asked).toContain('a.test');
    expect(dns.asked).not.toContain('b.test');
    await busyUntil(9000, 23);
    expect(dns.asked).not.toContain('b.test');
    await dns.answer('a.test', 0);
    expect(dns.asked).toContain('b.test');
    expect(dns.told).toContain('a.test ok');
  });

  it.each([
    { what: 'answered soon again', afterMs: 999, error: null, takesTurns: false },
    { what: 'failed soon', afterMs: 10, error: FAILED, takesTurns: false },
    { what: 'answered late', afterMs: 1000, error: null, takesTurns: true },
  ])('at once: $takesTurns is the other, after a lookup that $what', async ({ afterMs, error, takesTurns }) => {
    const dns = rig();
    await dns.hang('a.test');
    await dns.hang('b.test');
    dns.look('b.test');
    await dns.answer('b.test', afterMs, error);
    dns.asked.length = 0;
    dns.look('a.test');
    dns.look('b.test');
    expect(dns.asked).toEqual(takesTurns ? ['a.test'] : ['a.test', 'b.test']);
  });
});

describe('every way to the API looks names up in turns', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each([
    { way: 'directly', env: () => ({}), origin: (port: number) => `http://localhost:${port}` },
    {
      way: 'through a proxy',
      env: (port: number) => ({ http_proxy: `http://localhost:${port}` }),
      origin: () => 'http://api.test',
    },
  ])('$way', async ({ env, origin }) => {
    const server = createServer((_, response) => response.end('{}'));
    server.on('connect', (_, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const lookup = vi.spyOn(nameLookups, 'lookup');
    const dispatcher = dispatcherMaker({
      origin: new URL(origin(port)),
      maxConcurrentRequests: 1,
      timeoutMs: 5000,
      maxResponseBytes: 4_194_304,
      ca: null,
      env: env(port),
    })();
    await request(origin(port), { dispatcher }).then(
      ({ body }) => body.dump(),
      () => {},
    );
    await dispatcher.destroy();
    server.close();
    expect(lookup.mock.calls.map(([hostname]) => hostname)).toContain('localhost');
  });
});
