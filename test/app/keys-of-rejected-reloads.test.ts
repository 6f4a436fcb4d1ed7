import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { configurationOf, simulatedApi } from '../support/simulated-api.ts';
import { apiWithKeys, configurationIn, NEW, OLD, readAgain, withKeysInFiles, writeKeys } from './rotated-keys.ts';
import { RunningApp } from './running-app.ts';

type Right = ReturnType<typeof configurationIn>;

/** What is wrong when keys are replaced, and it has nothing to do with them. */
const WRONG: Readonly<Record<string, (running: RunningApp, right: Right) => void>> = {
  'an unknown option': (running, right) => running.configure({ ...right, intervals: {} }),
  'a value of another type': (running, right) => running.configure({ ...right, poll: { stats_interval: 'soon' } }),
  'no YAML': (running) => running.configure('environments: ['),
  'an empty file': (running) => running.configure(''),
  'the file is gone': (running) => rmSync(running.path('config.yaml')),
  'a misspelt list of environments': (running, { environments, ...rest }) =>
    running.configure({ ...rest, enviroments: environments }),
  'no list where environments are': (running, right) => running.configure({ ...right, environments: 'env_a' }),
  'everything below another name': (running, right) => running.configure({ config: right }),
  'a misspelt connection': (running, { api, ...rest }) => running.configure({ ...rest, ap: api }),
  'an address that is none': (running, right) =>
    running.configure({ ...right, api: { ...right.api, base_url: 'nowhere' } }),
  'a misspelt address': (running, { api: { base_url, ...api }, ...rest }) =>
    running.configure({ ...rest, api: { ...api, bse_url: base_url } }),
  'a misspelt key file': (running, { api: { api_key_file, ...api }, ...rest }) =>
    running.configure({ ...rest, api: { ...api, api_keyfile: api_key_file } }),
  'an environment twice': (running, right) =>
    running.configure({ ...right, environments: [...right.environments, { id: 'env_a' }] }),
  'certificates that are not there': (running, right) =>
    running.configure({ ...right, api: { ...right.api, ca_file: running.path('nowhere') } }),
  'another shard': (running, right) => running.configure({ ...right, shard: '0/2' }),
  'a new environment without its key': (running, right) => {
    const added = { id: 'env_c', environment_key_file: running.path('c') };
    running.configure({ ...right, environments: [...right.environments, added] });
  },
};

it.each(Object.entries(WRONG))('takes over replaced keys while the configuration is rejected: %s', async (_, spoil) => {
  await using server = await apiWithKeys();
  await using running = await withKeysInFiles(server.url);
  const right = configurationIn(running, server.url);
  const hash = await running.value('exporter_config_hash');
  spoil(running, right);
  await running.waitUntil(() => running.events('config.rejected').length > 0);
  server.take(NEW);
  writeKeys(running, NEW);
  await readAgain(running);
  expect(await running.value('exporter_config_last_reload_successful')).toBe(0);
  // Again with nothing new: a key is told once.
  expect(await running.reload()).toMatchObject({ status: 400, body: { problems: expect.any(Array) } });
  running.configure(right);
  await running.waitUntil(() => running.events('config.loaded').length > 0);
  expect(running.events('config.loaded')).toMatchObject([{ unchanged: 2 }]);
  const told = running.events('secret.reloaded').map((line) => line.environment_id ?? line.connection);
  expect(told.toSorted()).toEqual(['default', 'env_a', 'env_b']);
  expect(await running.value('exporter_config_hash')).toBe(hash);
  expect(JSON.stringify(running.log)).not.toMatch(/(.)\1{39}/);
});

/** What may be wrong with the key file of an environment. */
const UNUSABLE: Readonly<Record<string, (file: string) => void>> = {
  'is gone': (file) => rmSync(file),
  'is empty': (file) => writeFileSync(file, ''),
  'is a directory': (file) => {
    rmSync(file);
    mkdirSync(file);
  },
  'is too long': (file) => writeFileSync(file, NEW.a.repeat(1000)),
  'has two lines': (file) => writeFileSync(file, `${NEW.a}\n${NEW.a}\n`),
  'has a key of another kind': (file) => writeFileSync(file, NEW.api),
};

it.each(Object.entries(UNUSABLE))(
  'takes over the other keys when the key file of one environment %s',
  async (_, spoil) => {
    await using server = await apiWithKeys();
    await using running = await withKeysInFiles(server.url);
    spoil(running.path('a'));
    await running.waitUntil(() => running.events('config.rejected').length > 0);
    server.take({ ...NEW, a: OLD.a });
    writeKeys(running, { api: NEW.api, b: NEW.b });
    await readAgain(running);
    expect(await running.value('exporter_config_last_reload_successful')).toBe(0);
    expect(running.events('secret.reloaded')).toHaveLength(2);
  },
);

it('takes over keys that were replaced together with the configuration that is rejected', async () => {
  await using server = await apiWithKeys();
  await using running = await withKeysInFiles(server.url);
  running.configure({ ...configurationIn(running, server.url), intervals: {}, poll: { stats_interval: '1h' } });
  writeKeys(running, NEW);
  server.take(NEW);
  const [answer] = await Promise.all([running.reload(), running.reload()]);
  expect(answer).toMatchObject({ status: 400 });
  expect(running.events('secret.reloaded')).toHaveLength(3);
  // The interval is the old one.
  await readAgain(running);
});

it('takes over nothing once it stops', async () => {
  await using server = await apiWithKeys();
  let answer: (() => void) | null = null;
  let isStarted = false;
  const slowly = (path: string) =>
    new Promise<Uint8Array>((resolve) => {
      answer = () => resolve(readFileSync(path));
    });
  const running = await withKeysInFiles(server.url, {
    readFile: (path) => {
      const isRejected = isStarted && running.events('config.rejected').length > 0;
      return isRejected && path.endsWith('/b') ? slowly(path) : readFileSync(path);
    },
    readdir: (path) => readdirSync(path),
  });
  running.configure('environments: [');
  writeKeys(running, NEW);
  isStarted = true;
  const reloading = running.app.reload();
  await running.waitUntil(() => answer !== null);
  const stopping = running[Symbol.asyncDispose]();
  answer!();
  await stopping;
  expect(await reloading).toMatchObject({ ok: false });
  expect(running.events('secret.reloaded')).toEqual([]);
});

/** Discovery with a directory of keys; its environment has a key that is refused, before or after the start. */
it.each(['before', 'after'])('takes over the key of an environment that had one %s it was found', async (when) => {
  await using simulator = await simulatedApi({ environments: 1 });
  await using running = new RunningApp();
  const keys = running.path('keys');
  const { id, environmentKey } = simulator.environments[0]!;
  mkdirSync(keys);
  if (when === 'before') writeFileSync(join(keys, id), OLD.a);
  const discovery = { enabled: true, environment_keys_dir: keys, interval: '1m' };
  const right = configurationOf(simulator, { environments: [], discovery });
  running.configure(right);
  await running.serve();
  await running.waitUntil(() => running.readSince(id, 'stats'));
  running.configure({ ...right, intervals: {} });
  await running.waitUntil(() => running.events('config.rejected').length > 0);
  writeFileSync(join(keys, id), OLD.a);
  await running.waitUntil(() => running.events('credential.rejected').length > 0);
  const told = running.events('secret.reloaded').length;
  writeFileSync(join(keys, id), environmentKey);
  await running.waitUntil(() => running.readSince(id, 'list'));
  expect(running.events('secret.reloaded').slice(told)).toMatchObject([{ environment_id: id }]);
});
