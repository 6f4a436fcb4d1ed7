import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { QUICK } from '../support/simulated-api.ts';
import { environmentsApi } from './environments-api.ts';
import { RunningApp } from './running-app.ts';

const ID = 'env_a';
const API_KEY = `sk-ant-api03-${'a'.repeat(40)}`;
const NEW_API_KEY = `sk-ant-api03-${'c'.repeat(40)}`;
const KEY = `sk-ant-oat01-${'b'.repeat(40)}`;
const NEW_KEY = `sk-ant-oat01-${'d'.repeat(40)}`;

interface Files {
  /** The key of the discovered environment, and that of the API. */
  readonly key: string;
  readonly apiKey: string;
}

/** `later`: over the next look at the files, and the next discovery. */
type Change = (files: Files, later: () => Promise<void>) => void | Promise<void>;

/** What happens to files while the configuration is rejected, and which key the next connection gets. */
const SITUATIONS: Readonly<Record<string, readonly [change: Change, elsewhere: string | null]>> = {
  'nothing happens': [() => {}, KEY],
  'another key is replaced': [({ apiKey }) => writeFileSync(apiKey, NEW_API_KEY), KEY],
  'its file is spoiled': [({ key }) => writeFileSync(key, 'no key'), null],
  'its file is spoiled, and another key is replaced': [
    ({ key, apiKey }) => {
      writeFileSync(key, 'no key');
      writeFileSync(apiKey, NEW_API_KEY);
    },
    null,
  ],
  'its file is spoiled, and another key is replaced later': [
    async ({ key, apiKey }, later) => {
      writeFileSync(key, 'no key');
      await later();
      writeFileSync(apiKey, NEW_API_KEY);
    },
    null,
  ],
  'its file is spoiled, and replaced later': [
    async ({ key }, later) => {
      writeFileSync(key, 'no key');
      await later();
      writeFileSync(key, NEW_KEY);
    },
    NEW_KEY,
  ],
  'its file is removed': [({ key }) => rmSync(key), null],
  'it is replaced': [({ key }) => writeFileSync(key, NEW_KEY), NEW_KEY],
};

/** An environment that is found through two connections to different addresses, and its key in a file. */
async function foundTwice() {
  const [api, other] = [await environmentsApi([{ id: ID }]), await environmentsApi([{ id: ID }])];
  const running = new RunningApp();
  const directory = running.path('keys');
  mkdirSync(directory);
  const files = { key: `${directory}/${ID}`, apiKey: running.path('api-key') };
  writeFileSync(files.key, KEY);
  writeFileSync(files.apiKey, API_KEY);
  const place = { workspace_id: 'wrkspc_one', api_key_file: files.apiKey };
  const right = {
    connections: { first: { ...place, base_url: api.url }, other: { ...place, base_url: other.url } },
    discovery: { enabled: true, interval: '1m', environment_keys_dir: directory },
    poll: QUICK,
  };
  running.configure(right);
  await running.serve();
  const through = () => running.app.states.get(ID)?.environment.connection;
  const stay = (ms: number, since = running.clock.now()) => running.waitUntil(() => running.clock.now() - since > ms);
  await running.waitUntil(() => through() === 'first' && running.readSince(ID, 'list'));
  /** Environment keys that the other API has been sent. */
  const sent = () =>
    new Set(other.requests.flatMap(({ headers }) => headers.authorization?.replace('Bearer ', '') ?? []));
  const end = async () => {
    await running[Symbol.asyncDispose]();
    await Promise.all([api.close(), other.close()]);
  };
  return { running, right, files, through, stay, sent, api, [Symbol.asyncDispose]: end };
}

it.each(Object.entries(SITUATIONS))(
  'while the configuration is rejected and its environment goes to another connection, the last key: %s',
  async (_, [change, elsewhere]) => {
    await using found = await foundTwice();
    const { running, right, files, through, stay, sent, api } = found;
    running.configure({ ...right, intervals: {} });
    await running.waitUntil(() => running.events('config.rejected').length > 0);
    const before = sent();
    const sentSince = () => [...sent()].filter((key) => !before.has(key));
    const later = () => stay(90_000);
    await change(files, later);
    await later();
    const seen = api.requests.length;
    await running.waitUntil(() => api.requests.slice(seen).some(({ headers }) => headers.authorization !== undefined));
    api.state.environments = [];
    await running.waitUntil(() => through() === 'other');
    await stay(90_000);
    expect(sentSince()).toEqual(elsewhere === null ? [] : [elsewhere]);
    expect(running.state(ID).operations.list.attempted).toBe(elsewhere !== null);
    // The configuration is mended, the file is not.
    running.configure(right);
    await running.waitUntil(() => running.events('config.loaded').length > 0);
    await stay(90_000);
    expect(sentSince()).toEqual(elsewhere === null ? [] : [elsewhere]);
    if (elsewhere !== null) return;
    writeFileSync(files.key, NEW_KEY);
    const since = running.clock.now();
    await running.waitUntil(() => running.readSince(ID, 'list', since));
    expect([...sentSince(), through()]).toEqual([NEW_KEY, 'other']);
  },
);

it('a new key in place of a spoiled one is not used where the rejected configuration sends it elsewhere', async () => {
  await using found = await foundTwice();
  const { running, right, files, stay, api } = found;
  writeFileSync(files.key, 'no key');
  await running.waitUntil(() => running.events('config.rejected').length > 0);
  running.configure({ ...right, discovery: { enabled: false }, intervals: {} });
  await stay(20_000);
  writeFileSync(files.key, NEW_KEY);
  // Over a discovery, which reads the directory by itself.
  await stay(90_000);
  const sentTo = (one: typeof api, key: string) =>
    one.requests.filter(({ headers }) => headers.authorization === `Bearer ${key}`).length;
  const before = sentTo(api, KEY);
  await running.waitUntil(() => sentTo(api, KEY) > before);
  expect(sentTo(api, NEW_KEY)).toBe(0);
  running.configure(right);
  await running.waitUntil(() => sentTo(api, NEW_KEY) > 0);
});
