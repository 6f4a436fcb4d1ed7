import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { environmentsApi } from './environments-api.ts';
import { RunningApp } from './running-app.ts';

const API_KEY = `sk-ant-api03-${'a'.repeat(40)}`;
const KEY = `sk-ant-oat01-${'b'.repeat(40)}`;

/** An app that discovers, with a file for each of these names in its key directory, where its API key is, too. */
async function withKeyFiles(url: string, names: readonly string[]): Promise<RunningApp> {
  const running = new RunningApp();
  const directory = running.path('keys');
  mkdirSync(directory);
  for (const name of names) writeFileSync(running.path(`keys/${name}`), KEY);
  writeFileSync(running.path('keys/api-key'), API_KEY);
  running.configure({
    api: { base_url: url, api_key_file: running.path('keys/api-key') },
    discovery: { enabled: true, interval: '1m', environment_keys_dir: directory },
  });
  await running.serve();
  return running;
}

it('key files for no environment are logged once, and again when they are others', async () => {
  await using api = await environmentsApi([{ id: 'env_a' }, { id: 'env_b' }]);
  await using running = await withKeyFiles(api.url, ['env_a', 'env_b', 'env_typo']);
  const unused = () => running.events('discovery.unused_keys');
  /** Another discovery, of these environments. */
  const discover = async (...ids: string[]) => {
    const asked = api.requests.filter(({ url }) => !url.includes('/work')).length;
    api.state.environments = ids.map((id) => ({ id }));
    await running.waitUntil(() => api.requests.filter(({ url }) => !url.includes('/work')).length > asked);
  };
  await running.waitUntil(() => unused().length > 0);
  expect(unused()).toMatchObject([
    {
      level: 'warn',
      directory: running.path('keys'),
      files: ['"env_typo"'],
      count: 1,
      remedy: expect.stringContaining('after the id of its environment'),
    },
  ]);
  await discover('env_a', 'env_b', 'env_c');
  await running.waitUntil(() => running.events('environment.added').length > 2);
  expect(unused()).toHaveLength(1);
  await discover('env_a', 'env_c');
  await running.waitUntil(() => unused().length > 1);
  expect(unused()[1]).toMatchObject({ files: ['"env_b"', '"env_typo"'], count: 2 });
  expect(JSON.stringify(running.log)).not.toContain(KEY);
});

it('a key file that comes later is told as well, and what Kubernetes puts beside it is not', async () => {
  await using api = await environmentsApi([{ id: 'env_a' }]);
  await using running = await withKeyFiles(api.url, ['env_a']);
  const unused = () => running.events('discovery.unused_keys');
  await running.waitUntil(() => running.readSince('env_a', 'list'));
  for (const name of ['env_b', 'env_c.txt', '..data']) writeFileSync(running.path(`keys/${name}`), KEY);
  await running.waitUntil(() => unused().length > 0);
  expect(unused()).toMatchObject([{ files: ['"env_b"', '"env_c.txt"'], count: 2 }]);
  api.state.environments = [{ id: 'env_a' }, { id: 'env_b' }];
  await running.waitUntil(() => unused().length > 1);
  expect(unused()[1]).toMatchObject({ files: ['"env_c.txt"'], count: 1 });
});

it('shows no key after which somebody has named a file', async () => {
  const name = `sk-other-${'c'.repeat(40)}`;
  await using api = await environmentsApi([{ id: 'env_a' }]);
  await using running = await withKeyFiles(api.url, [name]);
  await running.waitUntil(() => running.events('discovery.unused_keys').length > 0);
  expect(JSON.stringify(running.log)).not.toContain('c'.repeat(40));
});
