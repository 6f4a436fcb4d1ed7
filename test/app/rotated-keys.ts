import { writeFileSync } from 'node:fs';
import type { FileReader } from '../../src/base/files.ts';
import { apiError, EMPTY_STATS, json, startServer } from '../client/test-server.ts';
import { RunningApp } from './running-app.ts';

export const OLD = {
  api: `sk-ant-api03-${'a'.repeat(40)}`,
  a: `sk-ant-oat01-${'a'.repeat(40)}`,
  b: `sk-ant-oat01-${'b'.repeat(40)}`,
};
export const NEW = {
  api: `sk-ant-api03-${'c'.repeat(40)}`,
  a: `sk-ant-oat01-${'d'.repeat(40)}`,
  b: `sk-ant-oat01-${'e'.repeat(40)}`,
};
type Keys = typeof OLD;

/** An API with two environments that takes one set of keys at a time, and notes every key that it was sent. */
export async function apiWithKeys() {
  let taken: Keys = OLD;
  const seen = new Set<string>();
  const server = await startServer(({ url = '', headers }, response) => {
    const key = `${headers['x-api-key'] ?? headers.authorization?.replace('Bearer ', '')}`;
    seen.add(key);
    const own = url.includes('/env_a/') ? taken.a : taken.b;
    const good = url.endsWith('/stats') ? [taken.api] : [own];
    if (!good.includes(key)) return json(response, 401, apiError('authentication_error', 'Invalid bearer token'));
    return json(response, 200, url.endsWith('/stats') ? EMPTY_STATS : { data: [], next_page: null });
  });
  const take = (keys: Keys) => {
    taken = keys;
  };
  return Object.assign(server, { seen, take, [Symbol.asyncDispose]: () => server.close() });
}

export function configurationIn(running: RunningApp, url: string) {
  return {
    api: { base_url: url, api_key_file: running.path('api') },
    environments: [
      { id: 'env_a', environment_key_file: running.path('a') },
      { id: 'env_b', environment_key_file: running.path('b') },
    ],
    poll: { stats_interval: '5s', list_interval: '10s' },
  };
}

export function writeKeys(running: RunningApp, keys: Partial<Keys>): void {
  for (const [name, key] of Object.entries(keys)) writeFileSync(running.path(name), `${key}\n`);
}

/** An exporter with every key in a file of its own. */
export async function withKeysInFiles(url: string, files: FileReader | null = null): Promise<RunningApp> {
  const running = new RunningApp(files);
  writeKeys(running, OLD);
  running.configure(configurationIn(running, url));
  await running.serve();
  await running.waitUntil(() => running.readSince('env_a', 'list') && running.readSince('env_b', 'list'));
  return running;
}

/** Resolves when everything is read with the keys that the API takes now. */
export async function readAgain(running: RunningApp): Promise<void> {
  const since = running.clock.now() + 20_000;
  await running.waitUntil(() =>
    ['env_a', 'env_b'].every((id) => running.readSince(id, 'stats', since) && running.readSince(id, 'list', since)),
  );
}
