import { describe, expect, it } from 'vitest';
import { configurationOf, QUICK, simulatedApi } from '../support/simulated-api.ts';
import { RunningApp } from './running-app.ts';

const DRILL = 'env_drill_no-workers';

async function drill(running: RunningApp, method: 'POST' | 'DELETE', body?: unknown) {
  const answer = await fetch(`${running.url}/-/drill`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

async function running() {
  const api = await simulatedApi({ environments: 1 });
  const exporter = await RunningApp.start(configurationOf(api, { poll: QUICK }));
  return {
    exporter,
    async [Symbol.asyncDispose]() {
      await exporter[Symbol.asyncDispose]();
      await api.stop();
    },
  };
}

describe('a drill', () => {
  it('adds one environment that is read like any other, with the thresholds of the user', async () => {
    await using on = await running();
    const { exporter } = on;
    const answer = await drill(exporter, 'POST', { scenario: 'no-workers', minutes: 10 });
    expect(answer).toMatchObject({
      status: 200,
      body: { scenario: 'no-workers', environment_id: DRILL, environment_name: 'DRILL no-workers' },
    });
    // Not in prod: that is the name of a real one.
    expect(answer.body).toMatchObject({ happens: 'Work arrives in DRILL no-workers and no worker polls.' });
    const { started_at, ends_at } = answer.body;
    expect(Date.parse(String(ends_at)) - Date.parse(String(started_at))).toBe(600_000);
    await exporter.waitUntil(() => exporter.readSince(DRILL, 'stats') && exporter.readSince(DRILL, 'list'));
    expect(await exporter.value('queue_depth', { environment_id: DRILL })).toBeGreaterThan(0);
    expect(await exporter.value('workers_polling', { environment_id: DRILL })).toBe(0);
    expect(await exporter.value('environment_info', { environment_id: DRILL, source: 'drill' })).toBe(1);
    expect(await exporter.value('threshold_queue_age_seconds', { environment_id: DRILL, severity: 'critical' })).toBe(
      900,
    );
    expect(await exporter.value('exporter_environments', { status: 'watched' })).toBe(2);
  });

  it.each([
    ['that cannot be reached', 'http://127.0.0.1:1'],
    ['whose variable names none', 'ftp://proxy'],
  ])('is read past a proxy %s: it is in this process', async (_, HTTP_PROXY) => {
    await using api = await simulatedApi({ environments: 1 });
    const env = { HTTP_PROXY, NO_PROXY: new URL(api.url).host };
    await using exporter = await RunningApp.start(configurationOf(api, { poll: QUICK }), env);
    expect(await drill(exporter, 'POST', { scenario: 'no-workers' })).toMatchObject({ status: 200 });
    await exporter.waitUntil(() => exporter.readSince(DRILL, 'stats') && exporter.readSince(DRILL, 'list'));
    for (const operation of ['stats', 'list'])
      expect(await exporter.value('up', { environment_id: DRILL, operation })).toBe(1);
  });

  it('leaves nothing behind when it is ended, and nothing else is touched', async () => {
    await using on = await running();
    const { exporter } = on;
    await exporter.waitUntil(() => exporter.readSince('env_sim_prod', 'list'));
    const before = exporter.state('env_sim_prod');
    await drill(exporter, 'POST', { scenario: 'no-workers' });
    await exporter.waitUntil(() => exporter.readSince(DRILL, 'list'));
    expect(await drill(exporter, 'DELETE')).toEqual({ status: 200, body: { ended: true } });
    expect(await exporter.exposition()).not.toMatch(/drill/i);
    expect(exporter.state('env_sim_prod').watchedSince).toBe(before.watchedSince);
    expect(exporter.state('env_sim_prod').operations.list.requests).toBeGreaterThanOrEqual(
      before.operations.list.requests,
    );
    expect(await drill(exporter, 'DELETE')).toMatchObject({ status: 404, body: { error: { code: 'no_drill' } } });
  });

  it('does not speak of environments that it does not have', async () => {
    await using on = await running();
    const { body } = await drill(on.exporter, 'POST', { scenario: 'stale-heartbeats' });
    expect(body).toMatchObject({
      happens: 'Workers in DRILL stale-heartbeats hang after their first heartbeat.',
      expect: 'Active items have had no heartbeat for over two minutes: AnthropicWorkStaleHeartbeats.',
    });
  });

  it('a drill ends by itself when its minutes are over', async () => {
    await using on = await running();
    const { exporter } = on;
    await drill(exporter, 'POST', { scenario: 'api-down', minutes: 1 });
    const from = exporter.clock.monotonic();
    await exporter.waitUntil(() => exporter.app.states.get('env_drill_api-down') === undefined);
    expect(exporter.clock.monotonic() - from).toBeGreaterThanOrEqual(60_000);
    expect(exporter.events('environment.removed')).toMatchObject([{ environment_id: 'env_drill_api-down' }]);
  });

  it('outlives a reload, and its configuration is not that of the file', async () => {
    await using on = await running();
    const { exporter } = on;
    const hash = await exporter.value('exporter_config_hash');
    await drill(exporter, 'POST', { scenario: 'no-workers' });
    await exporter.waitUntil(() => exporter.readSince(DRILL, 'stats'));
    const requests = exporter.state(DRILL).operations.stats.requests;
    expect((await exporter.reload()).body).toMatchObject({ added: [], removed: [] });
    expect(exporter.state(DRILL).operations.stats.requests).toBeGreaterThanOrEqual(requests);
    expect(await exporter.value('exporter_config_hash')).toBe(hash);
  });

  it('a second drill is rejected while one runs', async () => {
    await using on = await running();
    await drill(on.exporter, 'POST', { scenario: 'no-workers' });
    expect(await drill(on.exporter, 'POST', { scenario: 'saturated' })).toMatchObject({
      status: 409,
      body: { error: { code: 'drill_running', remedy: 'End it first: DELETE /-/drill.' } },
    });
  });

  it.each([
    ['no body', undefined],
    ['no scenario', { minutes: 5 }],
    ['too long', { scenario: 'no-workers', minutes: 100_000 }],
    ['no number', { scenario: 'no-workers', minutes: 'long' }],
  ])('needs a body that says what: %s', async (_, body) => {
    await using on = await running();
    expect(await drill(on.exporter, 'POST', body)).toMatchObject({
      status: 400,
      body: { error: { code: 'drill_invalid' } },
    });
  });

  it('names the scenarios when it does not know one', async () => {
    await using on = await running();
    const answer = await drill(on.exporter, 'POST', { scenario: 'fire' });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain('no-workers');
    expect(await drill(on.exporter, 'DELETE')).toMatchObject({ status: 404 });
  });

  it('needs the right to change the process', async () => {
    const api = await simulatedApi({ environments: 1 });
    await using exporter = await RunningApp.start(configurationOf(api, { server: { lifecycle: 'off' } }));
    const refused = { status: 403, body: { error: { code: 'lifecycle_off' } } };
    expect(await drill(exporter, 'POST', { scenario: 'no-workers' })).toMatchObject(refused);
    expect(await drill(exporter, 'DELETE')).toMatchObject(refused);
    await api.stop();
  });
});
