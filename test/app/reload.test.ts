import { expect, it } from 'vitest';
import { EMPTY_STATS, json, startServer } from '../client/test-server.ts';
import { BATCH, configurationOf, PROD, QUICK, STAGING, simulatedApi } from '../support/simulated-api.ts';
import { waitUntil } from '../support/wait-until.ts';
import { RunningApp } from './running-app.ts';

const everyRead = (running: RunningApp) => () =>
  [PROD, STAGING, BATCH].every((id) => running.readSince(id, 'stats') && running.readSince(id, 'list'));

it('keeps the old configuration when the new one is wrong, and says so in answer, log and gauges', async () => {
  await using api = await simulatedApi();
  await using running = await RunningApp.start(configurationOf(api));
  await running.waitUntil(everyRead(running));
  const before = running.app.states.all();
  const hash = await running.value('exporter_config_hash');

  running.configure({ ...configurationOf(api), poll: { stats_interval: 'soon' }, unheard_of: 1 });
  const { status, body } = await running.reload();
  expect(status).toBe(400);
  const problems = [
    expect.stringMatching(/config\.yaml:1:\d+: .*stats_interval/),
    expect.stringContaining('unheard_of'),
  ];
  expect(body).toMatchObject({
    error: { code: 'config_rejected', message: expect.any(String), remedy: expect.any(String) },
    problems: expect.arrayContaining(problems),
  });
  expect(running.events('config.rejected')).toEqual([
    {
      level: 'error',
      msg: 'the new configuration is rejected; the old one stays in force',
      event: 'config.rejected',
      problems: expect.arrayContaining(problems),
    },
  ]);
  expect(JSON.stringify(running.log)).not.toContain(api.apiKey);
  expect(await running.value('exporter_config_last_reload_successful')).toBe(0);
  expect(await running.value('exporter_config_hash')).toBe(hash);
  expect(running.app.states.all()).toEqual(before);
  expect(await running.page()).toContain('The exporter runs an old configuration</h1>');

  running.configure(configurationOf(api));
  expect((await running.reload()).status).toBe(200);
  expect(await running.page()).not.toContain('old configuration');
  expect(await running.value('exporter_config_last_reload_successful')).toBe(1);
});

it('leaves what did not change alone, and no trace of what is gone', async () => {
  await using api = await simulatedApi();
  await using running = await RunningApp.start(configurationOf(api));
  await running.waitUntil(everyRead(running));
  const before = running.state(PROD);
  expect(await running.value('credential_rejected', { credential: BATCH })).toBe(0);

  const { environments, ...rest } = configurationOf(api);
  const [prod, staging] = environments;
  running.configure({ ...rest, environments: [prod, { ...staging, name: 'stage' }, { id: 'env_new', name: 'new' }] });
  expect(await running.reload()).toEqual({
    status: 200,
    body: { added: ['env_new'], removed: [BATCH], changed: [STAGING], unchanged: 1 },
  });

  const text = await running.exposition();
  expect(text).not.toContain(BATCH);
  expect(text).not.toContain('environment_name="staging"');
  expect(text).toContain('environment_name="stage"');
  const { requests, lastSuccessAt, nextAttemptAt } = running.state(PROD).operations.stats;
  expect(running.state(PROD).queue).toBe(before.queue);
  expect({ requests, lastSuccessAt, nextAttemptAt }).toMatchObject({
    requests: before.operations.stats.requests,
    lastSuccessAt: before.operations.stats.lastSuccessAt,
    nextAttemptAt: before.operations.stats.nextAttemptAt,
  });
  expect(running.events('environment.added')).toMatchObject([{ environment_id: 'env_new' }]);
  expect(running.events('environment.removed')).toMatchObject([{ environment_id: BATCH, environment_name: 'batch' }]);
  // A read of it that was under way brings nothing back.
  const now = running.clock.now();
  await running.waitUntil(() => running.readSince(PROD, 'stats', now));
  expect(await running.exposition()).not.toContain(BATCH);
});

it('history ends when the list can first be read: not at a later reload, and not where a key for it is still missing', async () => {
  await using api = await simulatedApi();
  api.setFaults([{ kind: 'hang' }]);
  const { environments, ...rest } = configurationOf(api);
  const [prod, staging] = environments;
  const { environment_key: _key, ...keyless } = staging as Record<string, unknown>;
  await using running = await RunningApp.start({ ...rest, environments: [prod, keyless] });
  const begun = running.state(PROD).listedSince;
  expect(running.state(STAGING).listedSince).toBeUndefined();
  await running.clock.advance(1000);
  running.configure({
    ...rest,
    environments: [
      { ...prod, name: 'one' },
      { ...keyless, name: 'two' },
    ],
  });
  expect((await running.reload()).body).toMatchObject({ changed: [PROD, STAGING] });
  expect(running.state(PROD).listedSince).toBe(begun);
  expect(running.state(STAGING).listedSince).toBeUndefined();
  await running.clock.advance(1000);
  running.configure({ ...rest, environments: [prod, staging] });
  expect((await running.reload()).body).toMatchObject({ changed: [PROD, STAGING] });
  expect(running.state(PROD).listedSince).toBe(begun);
  expect(running.state(STAGING).listedSince! - begun!).toBe(2000);
});

it('leaves no trace of a connection that is gone, and none of an environment where it was before', async () => {
  await using api = await simulatedApi();
  const { environments, api: connection, poll } = configurationOf(api);
  const [prod, staging] = environments;
  const [one, other] = [connection, { ...connection }];
  await using running = await RunningApp.start({
    connections: { one, other },
    environments: [
      { ...prod, connection: 'one' },
      { ...staging, connection: 'other' },
    ],
    poll,
  });
  await running.waitUntil(async () => (await running.value('credential_rejected', { credential: STAGING })) === 0);

  running.configure({
    connections: { one, other },
    environments: [
      { ...prod, connection: 'one' },
      { ...staging, connection: 'one' },
    ],
    poll,
  });
  expect((await running.reload()).body).toMatchObject({ changed: [STAGING], unchanged: 1 });
  const moved = (await running.samples('credential_rejected')).map(({ labels }) => labels);
  expect(moved).not.toContainEqual({ connection: 'other', credential: STAGING });

  running.configure({ connections: { one }, environments: [{ ...prod, connection: 'one' }], poll });
  expect((await running.reload()).status).toBe(200);
  expect(await running.exposition()).not.toContain('connection="other"');
});

it('uses another key at once, and forgets that an old one was refused when there is none any more', async () => {
  await using api = await simulatedApi();
  const { environments, ...rest } = configurationOf(api);
  const [prod] = environments;
  const wrong = `sk-ant-oat01-${'0'.repeat(40)}`;
  const withKey = (environment_key: string) => ({ ...rest, environments: [{ ...prod, environment_key }] });
  await using running = await RunningApp.start(withKey(wrong));
  await running.waitUntil(async () => (await running.value('credential_rejected', { credential: PROD })) === 1);

  const since = running.clock.now();
  running.configure(withKey(prod!.environment_key));
  expect((await running.reload()).body).toMatchObject({ changed: [PROD] });
  await running.waitUntil(() => running.readSince(PROD, 'list', since));
  // Not in its turn: the backoff of a refused key is longer.
  expect(running.clock.now() - since).toBeLessThan(5000);
  expect(await running.value('credential_rejected', { credential: PROD })).toBe(0);
  expect(running.events('secret.reloaded')).toMatchObject([{ environment_id: PROD }]);
  expect(JSON.stringify(running.log)).not.toContain(wrong);

  await running.waitUntil(async () => (await running.value('session_attempted')) === 1);
  running.configure({ ...rest, environments: [{ id: PROD, name: 'prod' }] });
  await running.reload();
  expect(await running.value('session_attempted')).toBe(0);
  expect(await running.value('credential_rejected', { credential: PROD })).toBeUndefined();
  expect(await running.value('up', { operation: 'list' })).toBeUndefined();
  expect(await running.value('list_attempted')).toBe(0);
});

it('counts a request that it called off, and none for a connection that is gone', async () => {
  await using server = await startServer((request, response) => {
    if (request.url?.includes('/work/stats')) json(response, 200, EMPTY_STATS);
  });
  const [connection, environment_key] = [
    { base_url: server.url, api_key: `sk-ant-api03-${'a'.repeat(40)}` },
    `sk-ant-oat01-${'b'.repeat(40)}`,
  ];
  const environments = [
    { id: PROD, connection: 'one', environment_key },
    { id: STAGING, connection: 'other', environment_key },
  ];
  await using running = await RunningApp.start({
    connections: { one: connection, other: connection },
    environments,
    poll: QUICK,
  });
  const reads = (operation: string) => running.value('api_requests_total', { environment_id: PROD, operation });
  await running.waitUntil(() => server.requests.length === 4 && running.readSince(PROD, 'stats'));
  expect([await reads('stats'), await reads('list')]).toEqual([1, 0]);

  // The list has nobody left to read it: its request, which nobody answers, is called off.
  running.configure({ connections: { one: connection }, environments: [{ id: PROD, connection: 'one' }], poll: QUICK });
  expect((await running.reload()).status).toBe(200);
  const budget = () => running.samples('api_budget_requests_total');
  await waitUntil(async () => (await budget())[0]?.value === 2);
  expect(await budget()).toMatchObject([{ labels: { connection: 'one' } }]);
  expect(running.state(PROD).operations.list).toMatchObject({ requests: 1, failure: null });
});

it('counts a request that it called off for an environment that goes to another connection', async () => {
  await using server = await startServer(() => {});
  const connection = { base_url: server.url, api_key: `sk-ant-api03-${'a'.repeat(40)}` };
  const through = (name: string) => ({
    connections: { [name]: connection },
    environments: [{ id: PROD, connection: name }],
    poll: QUICK,
  });
  await using running = await RunningApp.start(through('one'));
  await waitUntil(() => server.requests.length === 1);
  running.configure(through('other'));
  expect((await running.reload()).status).toBe(200);
  await waitUntil(() => running.state(PROD).operations.stats.requests === 1);
  expect(await running.exposition()).not.toContain('connection="one"');
});

it('says which options wait for the next start', async () => {
  await using api = await simulatedApi();
  await using running = await RunningApp.start(configurationOf(api));
  running.configure({ ...configurationOf(api), state_file: running.path('state.json'), log: { level: 'debug' } });
  expect(await running.reload()).toMatchObject({ status: 200, body: { at_next_start: ['state_file', 'log'] } });
  const warned = running.events('config.loaded').filter(({ level }) => level === 'warn');
  expect(warned).toMatchObject([{ options: ['state_file', 'log'], remedy: 'Restart the exporter.' }]);
  running.configure({ ...configurationOf(api), state_file: running.path('state.json'), log: { level: 'debug' } });
  // They still wait, though this reload changes none of them.
  expect(await running.reload()).toMatchObject({ body: { at_next_start: ['state_file', 'log'] } });
  expect(running.events('config.loaded').filter(({ level }) => level === 'warn')).toHaveLength(1);
  running.configure(configurationOf(api));
  expect((await running.reload()).body).not.toHaveProperty('at_next_start');
});

it('answers many requests to reload with few reloads', async () => {
  await using api = await simulatedApi();
  await using running = await RunningApp.start(configurationOf(api));
  const results = await Promise.all(Array.from({ length: 50 }, () => running.app.reload()));
  expect(results.every(({ ok }) => ok)).toBe(true);
  expect(running.events('config.loaded').length).toBeLessThanOrEqual(2);
  // The next one reads anew.
  running.configure('nonsense: [');
  expect(await running.app.reload()).toMatchObject({ ok: false });
});

it('a configuration that is equal changes nothing, and one that was rejected can be taken back', async () => {
  await using api = await simulatedApi();
  await using running = await RunningApp.start(configurationOf(api));
  await running.waitUntil(everyRead(running));
  const same = { status: 200, body: { added: [], removed: [], changed: [], unchanged: 3 } };
  expect(await running.reload()).toEqual(same);
  const loaded = await running.value('exporter_config_last_reload_success_timestamp_seconds');
  await running.clock.advance(5000);
  expect(await running.reload()).toEqual(same);
  expect(running.events('config.loaded')).toHaveLength(2);
  expect(await running.value('exporter_config_last_reload_success_timestamp_seconds')).toBe(loaded! + 5);

  // Whatever else is written into the file counts again, and so does a rejected one that is taken back.
  const renamed = configurationOf(api, { environments: [{ id: PROD, name: 'one' }] });
  running.configure(renamed);
  expect((await running.reload()).body).toMatchObject({ removed: [STAGING, BATCH], changed: [PROD] });
  running.configure('broken: [');
  expect((await running.reload()).status).toBe(400);
  running.configure(renamed);
  expect((await running.reload()).status).toBe(200);
  expect(await running.page()).not.toContain('old configuration');
});
