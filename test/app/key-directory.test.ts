import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { QUICK } from '../support/simulated-api.ts';
import { environmentsApi } from './environments-api.ts';
import { RunningApp } from './running-app.ts';

const API_KEY = `sk-ant-api03-${'a'.repeat(40)}`;
const KEY = `sk-ant-oat01-${'b'.repeat(40)}`;

/** An app that discovers, with these files in its key directory. */
async function withKeys(url: string, keys: Readonly<Record<string, string>> = {}): Promise<RunningApp> {
  const running = new RunningApp();
  mkdirSync(running.path('keys'));
  for (const [name, key] of Object.entries(keys)) writeFileSync(running.path(`keys/${name}`), key);
  running.configure({
    api:
      keys['api-key'] === undefined
        ? { base_url: url, api_key: API_KEY }
        : { base_url: url, api_key_file: 'keys/api-key' },
    discovery: { enabled: true, interval: '1m', environment_keys_dir: running.path('keys') },
    poll: QUICK,
  });
  await running.serve();
  return running;
}

/** In one step, so that no look finds a file that is still empty. */
function put(running: RunningApp, name: string, key: string): void {
  writeFileSync(running.path('keys/.new'), key);
  renameSync(running.path('keys/.new'), running.path(`keys/${name}`));
}

it('reads the list of an environment once its key lies ready, and stops when it is taken away', async () => {
  await using api = await environmentsApi([{ id: 'env_a' }, { id: 'env_b' }]);
  await using running = await withKeys(api.url);
  await running.waitUntil(() => running.readSince('env_a', 'stats'));
  expect(running.state('env_a').operations.list.attempted).toBe(false);
  put(running, 'env_a', `${KEY}\n`);
  await running.waitUntil(() => running.readSince('env_a', 'list'));
  expect(running.state('env_b').operations.list.attempted).toBe(false);
  const listed = api.requests.filter(({ url }) => url.startsWith('/v1/environments/env_a/work?'));
  expect(listed[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  expect(await running.value('credential_rejected', { credential: 'env_a' })).toBe(0);

  rmSync(running.path('keys/env_a'));
  await running.waitUntil(() => !running.state('env_a').operations.list.attempted);
  expect(running.events('secret.reloaded').map(({ msg }) => msg)).toEqual(['a key was replaced', 'a key is gone']);
  expect(await running.value('credential_rejected', { credential: 'env_a' })).toBeUndefined();
  expect(JSON.stringify(running.log)).not.toContain(KEY);
});

it('keeps the configuration, and with it the key, while a key file that is in use is spoiled', async () => {
  await using api = await environmentsApi([{ id: 'env_a' }]);
  await using running = await withKeys(api.url, { env_a: KEY });
  await running.waitUntil(() => running.readSince('env_a', 'list'));
  for (const [spoiled, what] of [
    ['', 'is empty'],
    [`${KEY} ${KEY}`, 'has white space'],
  ] as const) {
    const since = running.clock.now();
    const before = running.events('config.rejected').length;
    put(running, 'env_a', spoiled);
    await running.waitUntil(() => running.events('config.rejected').length > before);
    expect(running.events('config.rejected').at(-1)!.problems).toEqual([
      expect.stringMatching(`^discovery\\.environment_keys_dir: the environment key ${what}.*keys/env_a\\); put `),
    ]);
    await running.waitUntil(() => running.readSince('env_a', 'list', since));
  }
  expect(await running.value('exporter_config_last_reload_successful')).toBe(0);
  put(running, 'env_a', KEY);
  await running.waitUntil(() => running.events('config.loaded').length > 0);
  expect(running.events('secret.reloaded')).toEqual([]);
  expect(JSON.stringify(running.log)).not.toContain(KEY);
});

it.each([
  ['an API key', `sk-ant-api03-${'c'.repeat(40)}`, /looks like an API key/],
  ['far too much', 'x'.repeat(20_000), /longer than 16 KiB/],
])(
  'starts without a key file that holds %s, says so, and takes it over when it is mended',
  async (_, content, problem) => {
    await using api = await environmentsApi([{ id: 'env_a' }, { id: 'env_b' }]);
    await using running = await withKeys(api.url, { env_a: content, env_b: KEY });
    await running.waitUntil(() => running.readSince('env_a', 'stats') && running.readSince('env_b', 'list'));
    expect(running.state('env_a').operations.list.attempted).toBe(false);
    expect(running.events('exporter.listening')[0]!.notices).toEqual([expect.stringMatching(problem)]);
    expect(JSON.stringify(running.log)).not.toContain(content.trim() || KEY);
    put(running, 'env_a', KEY);
    await running.waitUntil(() => running.readSince('env_a', 'list'));
  },
);

it('keeps the configuration when the directory cannot be read at a reload', async () => {
  await using api = await environmentsApi([{ id: 'env_a' }]);
  await using running = await withKeys(api.url);
  await running.waitUntil(() => running.readSince('env_a', 'stats'));
  rmSync(running.path('keys'), { recursive: true });
  const { status, body } = await running.reload();
  expect(status).toBe(400);
  expect(JSON.stringify(body)).toContain('environment_keys_dir');
  expect(running.app.states.all()).toHaveLength(1);
});

it('has the key of an environment that is found later, whichever comes first', async () => {
  await using api = await environmentsApi([{ id: 'env_a' }]);
  await using running = await withKeys(api.url, { env_a: KEY, env_b: KEY });
  await running.waitUntil(() => running.readSince('env_a', 'list'));
  put(running, 'env_c', KEY);
  api.state.environments = [{ id: 'env_a' }, { id: 'env_b' }, { id: 'env_c' }];
  await running.waitUntil(() => running.readSince('env_b', 'list') && running.readSince('env_c', 'list'));
});

it('key files for no environment are logged once, and again when they are others', async () => {
  await using api = await environmentsApi([{ id: 'env_a' }, { id: 'env_b' }]);
  const named = `sk-other-${'c'.repeat(40)}`;
  await using running = await withKeys(api.url, { 'api-key': API_KEY, env_a: KEY, env_b: KEY, env_typo: KEY });
  const unused = () => running.events('discovery.unused_keys');
  await running.waitUntil(() => unused().length > 0);
  expect(unused()).toEqual([
    {
      ...{ level: 'warn', msg: 'key files are for no environment that was found', event: 'discovery.unused_keys' },
      ...{ directory: running.path('keys'), files: ['"env_typo"'], count: 1 },
      remedy: expect.stringContaining('after the id of its environment'),
    },
  ]);
  api.state.environments = [{ id: 'env_a' }, { id: 'env_b' }, { id: 'env_c' }];
  await running.waitUntil(() => running.events('environment.added').length > 2);
  expect(unused()).toHaveLength(1);
  // Somebody has named one after its key, and Kubernetes keeps a link beside them.
  for (const name of [named, '..data']) put(running, name, KEY);
  api.state.environments = [{ id: 'env_a' }, { id: 'env_c' }];
  await running.waitUntil(() => unused().length > 1);
  await running.waitUntil(() => unused().at(-1)!.count === 3);
  expect(unused().at(-1)!.files).toEqual(expect.arrayContaining(['"env_b"', '"env_typo"']));
  expect(JSON.stringify(running.log)).not.toMatch(/sk-ant-|c{40}/);
});
