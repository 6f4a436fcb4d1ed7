import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { exitFor } from '../../../src/cli/command/exit-for.ts';
import { drillCommand } from '../../../src/cli/drill/drill.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { SILENT_IO } from '../../support/silent-io.ts';
import { waitUntil } from '../../support/wait-until.ts';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const BEGUN: Answer = {
  status: 200,
  body: {
    condition: 'no_workers',
    severity: 'critical',
    environment_id: 'env_drill_no_workers',
    environment_name: 'DRILL no_workers',
  },
};

/** An exporter that answers every request as told and remembers them. */
async function exporter(
  answer: (request: IncomingMessage) => Answer,
  drops: (request: IncomingMessage) => boolean = () => false,
) {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    asked.push(`${request.method} ${request.url} ${await text(request)}`.trim());
    if (drops(request)) return void request.socket.destroy();
    const { status, body } = answer(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return { asked, close, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** The address of a server that listens until the end of the test. */
async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function run(...args: string[]) {
  const clock = new ManualClock();
  const stops: Array<() => Promise<void>> = [];
  const out: string[] = [];
  const command = drillCommand({
    ...SILENT_IO,
    stdout: (line) => void out.push(line),
    clock,
    onStop: (stop) => void stops.push(stop),
  })
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  const done = command.parseAsync(args, { from: 'user' }).then(
    () => ({ code: 0, message: '' }),
    (error: unknown) => exitFor(error),
  );
  let ended = false;
  void done.then(() => {
    ended = true;
  });
  return { clock, out, done, ended: () => ended, stop: () => Promise.all(stops.map((stop) => stop())) };
}

/** Real sockets need real time to answer. */
async function begun(command: ReturnType<typeof run>): Promise<void> {
  await waitUntil(() => command.out.length > 0);
}

describe('drill', () => {
  it('begins, tells what should arrive and when, and is over by itself', async () => {
    const server = await exporter(() => BEGUN);
    const command = run('no_workers', '--exporter', server.url.replace('//', '//user:pass-word@'));
    await begun(command);
    expect(server.asked[0]).toBe('POST /-/drill?condition=no_workers&minutes=10');
    expect(command.out[0]).toContain('AnthropicWorkNoWorkers (critical) within');
    expect(command.out[0]).toContain(`\n    ${server.url}/runbooks/AnthropicWorkNoWorkers?environment=env_`);
    expect(command.out.join('')).not.toContain('pass-word');
    expect(command.out[0]).toContain('Your real environments are not involved');
    await pass(command, 180);
    await waitUntil(() => command.out.length > 1, { meanwhile: () => pass(command, 10) });
    expect(command.out[1]).toContain('AnthropicWorkNoWorkers should have arrived');
    await pass(command, 420);
    expect(await command.done).toMatchObject({ code: 0 });
    expect(command.out.at(-1)).toMatch(/^Time is up/);
  });

  it('gives up where something takes the request and never answers', async () => {
    const asked: string[] = [];
    const server = createServer(({ method }) => asked.push(method!));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => server.closeAllConnections());
    onTestFinished(() => void server.close());
    const command = run('--exporter', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await waitUntil(() => asked.length > 0);
    await command.clock.advance(29_000);
    expect(command.ended()).toBe(false);
    await command.clock.advance(1000);
    expect(await command.done).toMatchObject({ code: 1, message: expect.stringContaining('no answer within 30 s') });
  });

  it('the command ends the drill on Ctrl-C', async () => {
    const server = await exporter(() => BEGUN);
    const command = run('--exporter', server.url);
    await begun(command);
    await command.stop();
    expect(server.asked[1]).toBe('DELETE /-/drill');
    expect(await command.done).toMatchObject({ code: 0 });
  });

  /** Lets so much time pass, a look at a time. A look is over when the next one has its timer. */
  async function pass(command: ReturnType<typeof run>, seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds && !command.ended(); passed += 10) {
      const { timers } = command.clock;
      await command.clock.advance(10_000);
      await waitUntil(() => command.ended() || command.clock.timers >= timers);
    }
  }

  it('ends the drill on a Ctrl-C that comes while the exporter begins it', async () => {
    const { promise: stopped, resolve: goOn } = Promise.withResolvers<void>();
    const asked: string[] = [];
    const server = createServer(async ({ method }, response) => {
      asked.push(method!);
      if (method === 'POST') await stopped;
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(BEGUN.body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const command = run('--exporter', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await waitUntil(() => asked.length > 0);
    const stopping = command.stop();
    goOn();
    await stopping;
    expect(asked).toEqual(['POST', 'DELETE']);
    expect(command.out.at(-1)).toContain('The drill has ended');
    expect(await command.done).toEqual({ code: 0, message: '' });
  });

  it('has nothing to end on a Ctrl-C where the exporter refused to begin', async () => {
    const server = await exporter(() => ({ status: 403, body: { error: { code: 'no', message: 'Not here.' } } }));
    const command = run('--exporter', server.url);
    await command.stop();
    expect(await command.done).toMatchObject({ code: 1, message: 'Not here.' });
    expect(server.asked.filter((request) => request.startsWith('DELETE'))).toEqual([]);
  });

  it('fails when the exporter stops in the middle, and not sooner than that is certain', async () => {
    const server = await exporter(() => BEGUN);
    const command = run('--exporter', server.url);
    await begun(command);
    await pass(command, 60);
    expect(server.asked.slice(1)).toContain('GET /-/drill');
    await server.close();
    await pass(command, 20);
    expect(command.ended()).toBe(false);
    await waitUntil(command.ended, { meanwhile: () => pass(command, 10) });
    const ending = await command.done;
    expect(ending.code).toBe(1);
    expect(ending.message).toContain(`No exporter answers at ${server.url}/-/drill`);
  });

  it('fails when the exporter no longer knows the drill', async () => {
    let known = true;
    const server = await exporter(({ method }) => (method === 'GET' && !known ? { status: 404, body: {} } : BEGUN));
    const command = run('--exporter', server.url);
    await begun(command);
    await pass(command, 20);
    expect(command.ended()).toBe(false);
    known = false;
    await waitUntil(command.ended, { meanwhile: () => pass(command, 10) });
    expect(await command.done).toMatchObject({ code: 1, message: expect.stringContaining('ended early') });
  });

  it('is patient with an exporter that misses a look or two', async () => {
    let looks = 0;
    const server = await exporter(
      () => BEGUN,
      ({ method }) => method === 'GET' && ++looks % 3 !== 0,
    );
    const command = run('--exporter', server.url);
    await begun(command);
    await waitUntil(() => looks > 6, { meanwhile: () => pass(command, 10) });
    expect(command.ended()).toBe(false);
    await command.stop();
    expect(await command.done).toMatchObject({ code: 0 });
  });

  it('passes on why the exporter refuses, with what to do', async () => {
    const error = { code: 'not_loopback', message: 'Only this machine may.', remedy: 'Send it from the same host.' };
    const server = await exporter(() => ({ status: 403, body: { error } }));
    expect(await run('--exporter', server.url).done).toEqual({
      code: 1,
      message: 'Only this machine may. Send it from the same host.',
    });
  });

  it('says that something else answers, and where', async () => {
    const server = await exporter(() => ({ status: 404, body: { type: 'error', error: { message: 'Not found' } } }));
    expect(await run('--exporter', server.url).done).toEqual({
      code: 1,
      message: `${server.url}/-/drill was answered with 404, and not by an exporter that knows drills; check --exporter.`,
    });
  });

  it('says that something answers that is no exporter, not even in JSON', async () => {
    const server = createServer((_, response) => void response.writeHead(404).end('404 page not found'));
    const url = await listening(server);
    expect((await run('--exporter', url).done).message).toBe(
      `${url}/-/drill was answered with 404, and not by an exporter that knows drills; check --exporter.`,
    );
  });

  it('says how to give a login', async () => {
    const error = { code: 'login_required', message: 'A login is required.', remedy: 'Send a user and password.' };
    const server = await exporter(() => ({ status: 401, body: { error } }));
    expect((await run('--exporter', server.url).done).message).toBe(
      'A login is required. Send a user and password. Write it as --exporter http://USER:PASSWORD@HOST:PORT.',
    );
  });

  it('says in one line that the scheme is the wrong one', async () => {
    const plain = await listening(createServer());
    const { message } = await run('--exporter', plain.replace('http:', 'https:')).done;
    expect(message).toMatch(
      /^No exporter answers at https:.*: no TLS .* \(\w+\); if it has no TLS, write http:\/\/\.$/,
    );
    const deaf = await listening(createTcpServer((socket) => void socket.destroy()));
    expect((await run('--exporter', deaf).done).message).toMatch(
      /: the connection was closed .*; if it has TLS, write https/,
    );
  });

  it('the command says that no exporter answers', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const ending = await run('--exporter', `http://127.0.0.1:${port}`).done;
    expect(ending.code).toBe(1);
    expect(ending.message).toContain('No exporter answers');
  });

  it.each([
    ['an unknown condition', ['burning'], 2],
    ['a condition of a connection, which nobody could tell from a real one', ['api_unreachable'], 2],
    ['an address that is none', ['--exporter', 'exporter'], 2],
  ])('refuses %s', async (_, args, code) => {
    expect((await run(...args).done).code).toBe(code);
  });
});
