import { expect, it } from 'vitest';
import type { ServerDeps } from '../../src/server/server-deps.ts';
import { serverDeps, startServer, TEXT_TYPE } from '../support/http-server.ts';
import { ManualClock, settle } from '../support/manual-clock.ts';
import { buildState, NOW } from '../support/states.ts';
import { ask } from './ask.ts';

interface ProbedOptions {
  readonly read?: ServerDeps['probe'];
  readonly metrics?: Partial<ServerDeps['metrics']>;
}

async function probed({ read = async () => 'ok', metrics = {} }: ProbedOptions = {}) {
  const clock = new ManualClock(NOW);
  const asked: string[] = [];
  const deps = serverDeps([buildState('env_1')], { clock });
  const probe = async (id: string) => {
    asked.push(id);
    return read(id);
  };
  const server = await startServer({ ...deps, probe, metrics: { ...deps.metrics, ...metrics } });
  const probed = (query: string, options = {}) => ask(`${server.url}/probe${query}`, options);
  return { clock, asked, ask: probed, [Symbol.asyncDispose]: () => server.close() };
}

it.each(['', '?environment_id=', '?environment_id=a&environment_id=b'])(
  '%s is a 400 with the way to ask, and nothing is read',
  async (query) => {
    await using server = await probed();
    const answer = await server.ask(query);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('/probe?environment_id=ID');
    expect(server.asked).toEqual([]);
  },
);

it.each(['env_2', 'x'.repeat(300), '__proto__', 'env_1%00', '..%2fenv_1', 'ENV_1'])(
  '%s is a 404, and nothing is read',
  async (id) => {
    await using server = await probed();
    expect((await server.ask(`?environment_id=${id}`)).status).toBe(404);
    expect(server.asked).toEqual([]);
  },
);

it.each([
  ['ok', 'probe_success 1'],
  ['failed', 'probe_success 0'],
] as const)('a read that is %s answers with the series and %s', async (read, line) => {
  await using server = await probed({ read: async () => read });
  const answer = await server.ask('?environment_id=env_1');
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({ 'content-type': TEXT_TYPE, vary: 'Accept' });
  expect(answer.text).toBe(`a_metric{environment_id="env_1"} 1\n${line}\n`);
});

it('over the budget is a 503 that says when to come back', async () => {
  await using server = await probed({ read: async () => 'over_budget' });
  const answer = await server.ask('?environment_id=env_1');
  expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  expect(answer.text).toContain('budget');
});

it.each([
  ['10', 9500],
  ['0.6', 300],
  ['nonsense', 9500],
  [undefined, 9500],
])(
  'a read that takes longer than a scrape with a timeout of %s s is a failed probe after %d ms',
  async (header, ms) => {
    const began = Promise.withResolvers<void>();
    await using server = await probed({
      read: () => {
        began.resolve();
        return new Promise(() => {});
      },
    });
    const headers = header === undefined ? {} : { 'x-prometheus-scrape-timeout-seconds': header };
    let answered = false;
    const answer = server.ask('?environment_id=env_1', { headers }).finally(() => {
      answered = true;
    });
    await began.promise;
    await server.clock.advance(ms - 1);
    await settle();
    expect(answered).toBe(false);
    await server.clock.advance(1);
    expect(await answer).toMatchObject({ status: 200, text: expect.stringContaining('probe_success 0') });
  },
);

it('an environment that leaves while it is read is a 404', async () => {
  await using server = await probed({ metrics: { renderProbe: () => null } });
  expect((await server.ask('?environment_id=env_1')).status).toBe(404);
});
