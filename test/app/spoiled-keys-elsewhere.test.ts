import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { QUICK } from '../support/simulated-api.ts';
import { environmentsApi } from './environments-api.ts';
import { RunningApp } from './running-app.ts';

const API_KEY = `sk-ant-api03-${'a'.repeat(40)}`;
const KEY = `sk-ant-oat01-${'b'.repeat(40)}`;
const ID = 'env_a';

type Right = ReturnType<typeof discovering>;
function discovering(base_url: string, directory: string) {
  const discovery = { enabled: true, interval: '1m', environment_keys_dir: directory };
  return { api: { base_url, api_key: API_KEY, workspace_id: 'wrkspc_one' }, discovery, poll: QUICK };
}

interface Places {
  /** Another API that has the same environment, and another directory, in which its key file is spoiled, too. */
  readonly url: string;
  readonly directory: string;
}

/** Configurations that are accepted at the moment at which a key file is spoiled, and whether the last key stays in force. */
const CHANGES: Readonly<Record<string, readonly [change: (right: Right, other: Places) => object, stays: boolean]>> = {
  'nothing else changes': [(right) => right, true],
  'something else changes': [(right) => ({ ...right, thresholds: { queue_depth: { warning: 5 } } }), true],
  'the API key is another one': [
    (right) => ({ ...right, api: { ...right.api, api_key: `sk-ant-api03-${'c'.repeat(40)}` } }),
    true,
  ],
  'there is one more connection, to another address': [
    ({ api, ...rest }, { url }) => ({ ...rest, connections: { default: api, other: { ...api, base_url: url } } }),
    true,
  ],
  'the keys are in another directory': [
    (right, { directory }) => ({ ...right, discovery: { ...right.discovery, environment_keys_dir: directory } }),
    false,
  ],
  'the connection has another address': [
    (right, { url }) => ({ ...right, api: { ...right.api, base_url: url } }),
    false,
  ],
  'the connection has another address, and the keys are in another directory': [
    (right, { url, directory }) => ({
      ...right,
      api: { ...right.api, base_url: url },
      discovery: { ...right.discovery, environment_keys_dir: directory },
    }),
    false,
  ],
  'the connection has another workspace': [
    (right) => ({ ...right, api: { ...right.api, workspace_id: 'wrkspc_other' } }),
    false,
  ],
  'the connection has another provider': [
    (right) => ({ ...right, api: { base_url: right.api.base_url, api_key: API_KEY, provider: 'opensdlc' } }),
    false,
  ],
  'another connection finds it': [
    ({ api, ...rest }, { url }) => ({ ...rest, connections: { other: { ...api, base_url: url } } }),
    false,
  ],
};

it.each(Object.entries(CHANGES))('the key of a file that is spoiled while %s', async (_, [change, stays]) => {
  await using api = await environmentsApi([{ id: ID }]);
  await using other = await environmentsApi([{ id: ID }]);
  await using running = new RunningApp();
  const [keys, directory] = [running.path('keys'), running.path('other-keys')];
  for (const one of [keys, directory]) mkdirSync(one);
  writeFileSync(`${keys}/${ID}`, KEY);
  const right = discovering(api.url, keys);
  running.configure(right);
  await running.serve();
  await running.waitUntil(() => running.readSince(ID, 'list'));
  for (const one of [keys, directory]) writeFileSync(`${one}/${ID}`, 'no key');
  const changed = change(right, { url: other.url, directory });
  running.configure(changed);
  const [begun, since] = [api.requests.length, running.clock.now()];
  expect((await running.reload()).status).toBe(200);
  // Over the next discovery, which reads the directory again.
  await running.waitUntil(() => running.clock.now() - since > 90_000);
  const sent = [...api.requests.slice(begun), ...other.requests].filter(
    ({ headers }) => headers.authorization === `Bearer ${KEY}`,
  );
  expect(sent.length > 0).toBe(stays);
  expect(running.state(ID).operations.list.attempted).toBe(stays);
  const told = running.events('secret.reloaded').filter(({ environment_id }) => environment_id === ID);
  // Where nobody finds it any more, at first, it goes with its key.
  const hasLeft = running.events('environment.removed').length > 0;
  expect(told.map(({ msg }) => msg)).toEqual(stays || hasLeft ? [] : ['a key is gone']);
  for (const one of [keys, directory]) writeFileSync(`${one}/${ID}`, KEY);
  const mendedAt = running.clock.now();
  await running.waitUntil(() => running.readSince(ID, 'list', mendedAt));
});

it('the key of a file that is spoiled does not follow its environment to the next connection that finds it', async () => {
  await using api = await environmentsApi([{ id: ID }]);
  await using other = await environmentsApi([{ id: ID }]);
  await using running = new RunningApp();
  const keys = running.path('keys');
  mkdirSync(keys);
  writeFileSync(`${keys}/${ID}`, KEY);
  const { api: first, ...rest } = discovering(api.url, keys);
  running.configure({ ...rest, connections: { first, other: { ...first, base_url: other.url } } });
  await running.serve();
  await running.waitUntil(() => running.readSince(ID, 'list'));
  const through = () => running.state(ID).environment.connection;
  const sent = (one: typeof api) => one.requests.filter(({ headers }) => headers.authorization === `Bearer ${KEY}`);
  await running.waitUntil(() => through() === 'first');
  const before = sent(other).length;
  writeFileSync(`${keys}/${ID}`, 'no key');
  api.state.environments = [];
  await running.waitUntil(() => through() === 'other');
  // Over discoveries of both, each of which reads the directory again.
  const movedAt = running.clock.now();
  await running.waitUntil(() => running.clock.now() - movedAt > 150_000);
  expect([sent(other).length, through()]).toEqual([before, 'other']);
  expect(running.state(ID).operations.list.attempted).toBe(false);
  writeFileSync(`${keys}/${ID}`, KEY);
  const mendedAt = running.clock.now();
  await running.waitUntil(() => running.readSince(ID, 'list', mendedAt));
  expect([sent(other).length > before, through()]).toEqual([true, 'other']);
});
