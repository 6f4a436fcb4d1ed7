import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { environmentsApi } from './environments-api.ts';
import { RunningApp } from './running-app.ts';

const API_KEY = `sk-ant-api03-${'a'.repeat(40)}`;
const KEY = `sk-ant-oat01-${'b'.repeat(40)}`;

/** An app that discovers every ten seconds, with a directory of environment keys; its log from after the first line. */
async function discovering(url: string, keys: Readonly<Record<string, string>> = {}) {
  const running = new RunningApp();
  mkdirSync(running.path('keys'));
  for (const [name, key] of Object.entries(keys)) writeFileSync(running.path(`keys/${name}`), key);
  running.configure({
    api: { base_url: url, api_key: API_KEY },
    discovery: { enabled: true, interval: '10s', environment_keys_dir: running.path('keys') },
  });
  await running.serve();
  await running.waitUntil(() => running.app.discovery.pending().length === 0);
  return Object.assign(running, { lines: () => running.log.slice(1) });
}

/** Waits for two more discoveries: what the first of them found is watched once the second has asked. */
async function discovered(running: RunningApp, requests: readonly { readonly url: string }[]): Promise<void> {
  const asked = () => requests.filter(({ url }) => !url.includes('/work')).length;
  const before = asked();
  await running.waitUntil(() => asked() >= before + 2);
}

it('an environment that comes and one that goes have one line each, with id and name; nothing else is said', async () => {
  await using api = await environmentsApi([{ id: 'env_a', name: 'alpha' }]);
  await using running = await discovering(api.url);
  const [added, removed] = [
    { level: 'info', msg: 'environment is watched now', event: 'environment.added' },
    { level: 'info', msg: 'environment is no longer watched', event: 'environment.removed' },
  ];
  const alpha = { environment_id: 'env_a', environment_name: 'alpha' };
  const beta = { environment_id: 'env_b', environment_name: 'beta' };
  expect(running.lines()).toEqual([{ ...added, ...alpha }]);
  await discovered(running, api.requests);
  api.state.environments = [{ id: 'env_b', name: 'beta' }];
  await discovered(running, api.requests);
  await discovered(running, api.requests);
  expect(running.lines().slice(1)).toEqual([
    { ...added, ...beta },
    { ...removed, ...alpha },
  ]);
  await running.app.stop();
  expect(running.log.at(-1)).toEqual({ level: 'info', msg: 'exporter is stopping', event: 'exporter.stopping' });
  expect(running.events('exporter.stopping')).toHaveLength(1);
});

it('a key file that cannot be used has one line, one more for another fault, and one more when it comes again', async () => {
  await using api = await environmentsApi([{ id: 'env_a' }]);
  await using running = await discovering(api.url);
  const file = running.path('keys/env_a');
  const line = (what: string) => ({
    level: 'warn',
    msg: 'the environment key of a discovered environment cannot be used',
    event: 'config.rejected',
    environment_id: 'env_a',
    detail: `${what} (file ${file})`,
    remedy: expect.stringMatching(/^[a-z].*\w$/),
  });
  const told = () => running.events('config.rejected').filter(({ environment_id }) => environment_id === 'env_a');
  const holds = async (content: string | null) => {
    if (content === null) rmSync(file);
    else {
      // In one step: a discovery that reads meanwhile sees no file that is still empty.
      writeFileSync(running.path('keys/.new'), content);
      renameSync(running.path('keys/.new'), file);
    }
    await discovered(running, api.requests);
  };
  await holds(`${KEY} ${KEY}`);
  await discovered(running, api.requests);
  expect(told()).toEqual([line('the environment key has white space, or characters that are not ASCII')]);
  await holds('');
  expect(told().slice(1)).toEqual([line('the environment key is empty')]);
  await holds(null);
  await holds('');
  expect(told()).toHaveLength(3);
  expect(JSON.stringify(running.log)).not.toContain(KEY);
});

it('a discovery that finds nothing to watch, and key files for nothing, have one line each that says what to do', async () => {
  await using api = await environmentsApi([{ id: 'env_cloud', type: 'cloud' }]);
  await using running = await discovering(api.url, { env_typo: KEY });
  await discovered(running, api.requests);
  await discovered(running, api.requests);
  expect(running.lines()).toEqual([
    {
      level: 'warn',
      msg: 'discovery finds nothing to watch',
      event: 'discovery.fruitless',
      connection: 'default',
      found: 1,
      remedy: expect.stringContaining('create one, or check discovery.include'),
    },
    {
      level: 'warn',
      msg: 'key files are for no environment that was found',
      event: 'discovery.unused_keys',
      directory: running.path('keys'),
      files: ['"env_typo"'],
      count: 1,
      remedy: expect.stringContaining('after the id of its environment'),
    },
  ]);
  expect(JSON.stringify(running.log)).not.toMatch(/sk-ant-/);
});

it('found environments that cannot be taken over have a line, and the next discovery tries again', async () => {
  await using api = await environmentsApi([{ id: 'env_a' }]);
  await using running = await discovering(api.url);
  const { states } = running.app;
  const replaceAll = Reflect.get(states, 'replaceAll') as (...states: unknown[]) => void;
  Object.assign(states, {
    replaceAll: () => {
      throw new TypeError('a bug');
    },
  });
  await discovered(running, api.requests);
  const failed = running.events('discovery.failing');
  expect(failed[0]).toEqual({
    level: 'error',
    msg: 'discovered environments cannot be watched',
    event: 'discovery.failing',
    connection: 'default',
    detail: 'a bug',
  });
  Object.assign(states, { replaceAll });
  api.state.environments = [{ id: 'env_a' }, { id: 'env_b' }];
  await running.waitUntil(() => running.app.states.get('env_b') !== undefined);
});
