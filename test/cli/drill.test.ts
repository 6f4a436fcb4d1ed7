import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../support/manual-clock.ts';
import { waitUntil } from '../support/wait-until.ts';
import { CliRun, runCli } from './run-cli.ts';

interface Answer {
  readonly status: number;
  /** Null: the connection is cut instead. */
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
const GONE: Answer = { status: 404, body: { error: { code: 'no_drill', message: 'none' } } };

/** An exporter that answers as told and remembers what it was asked. */
async function exporter(answer: (request: IncomingMessage) => Answer | Promise<Answer> | null) {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`.trim());
    const given = await answer(request);
    if (given === null) return void request.socket.destroy();
    response.writeHead(given.status).end(typeof given.body === 'string' ? given.body : JSON.stringify(given.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function drill(...args: string[]) {
  const clock = new ManualClock();
  const run = new CliRun(['drill', ...args], {}, clock);
  return { run, clock, begun: () => waitUntil(() => run.stdout !== '') };
}

it('begins, tells what should arrive and when, and is over by itself', async () => {
  const { asked, url } = await exporter(() => BEGUN);
  const { run, clock, begun } = drill('no_workers', '--exporter', `${url.replace('//', '//user:p%40ss@')}/below/`);
  await begun();
  expect(asked).toEqual([`POST /-/drill?condition=no_workers&minutes=10 Basic ${btoa('user:p@ss')}`]);
  expect(run.stdout).toContain('AnthropicWorkNoWorkers (critical) within 3 minutes');
  expect(run.stdout).toContain(`${url}/runbooks/AnthropicWorkNoWorkers?environment=env_drill_no_workers`);
  await clock.advance(600_000);
  const { code, stdout } = await run.returned;
  expect(code).toBe(0);
  expect(stdout).toMatch(/\nTime is up/);
  expect(stdout).not.toMatch(/p@ss|p%40ss/);
  expect(asked).toHaveLength(1);
});

it('ends the drill on Ctrl-C, also on one that comes while the exporter begins it', async () => {
  const { promise: stopped, resolve: goOn } = Promise.withResolvers<void>();
  const { asked, url } = await exporter(async ({ method }) => {
    if (method === 'POST') await stopped;
    return BEGUN;
  });
  const { run } = drill('--exporter', url);
  await waitUntil(() => asked.length > 0);
  const stopping = run.signal();
  goOn();
  expect(await stopping).toBe(0);
  expect(asked.map((one) => one.split(' ')[0])).toEqual(['POST', 'DELETE']);
  expect(await run.returned).toMatchObject({ code: 0 });
  expect(run.stdout).toContain('The drill has ended');
});

it('ends well on Ctrl-C also where the drill is over already', async () => {
  const { asked, url } = await exporter(({ method }) => (method === 'POST' ? BEGUN : GONE));
  const { run, begun } = drill('--exporter', url);
  await begun();
  expect(await run.signal()).toBe(0);
  expect(asked).toHaveLength(2);
});

const refusal = (code: string) => ({ error: { code, message: 'Not so.', remedy: 'Do this.' } });

it.each<[what: string, answer: Answer, said: string]>([
  ['why the exporter refuses, with what to do', { status: 403, body: refusal('not_loopback') }, 'Not so. Do this.'],
  [
    'how to give a login',
    { status: 401, body: refusal('login_required') },
    '--exporter http://USER:PASSWORD@HOST:PORT',
  ],
  [
    'that something else answers',
    { status: 404, body: { error: { message: 'x' } } },
    'answered with 404, and not by an',
  ],
  ['that something answers without JSON', { status: 404, body: '404' }, 'answered with 404, and not by an exporter'],
])('says %s', async (_, answer, said) => {
  const { asked, url } = await exporter(() => answer);
  const { code, stderr } = await runCli(['drill', '--exporter', url]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(said) });
  // There is nothing to end.
  expect(asked).toHaveLength(1);
});

it('says that the scheme may be the wrong one', async () => {
  const { url } = await exporter(() => null);
  for (const address of [url, url.replace('http:', 'https:')]) {
    const { code, stderr } = await runCli(['drill', '--exporter', address]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/No exporter answers at .*http:\/\/ or https:\/\//s),
    });
  }
});
