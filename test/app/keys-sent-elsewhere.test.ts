import { expect, it } from 'vitest';
import { apiWithKeys, configurationIn, NEW, OLD, withKeysInFiles, writeKeys } from './rotated-keys.ts';
import type { RunningApp } from './running-app.ts';

type Change = (right: ReturnType<typeof configurationIn>, running: RunningApp) => object;
const ELSEWHERE_URL = 'http://127.0.0.1:9';
const ALL = Object.values(NEW);

/** Rejected configurations that send keys elsewhere or name them no more, and those that the present address must not see. */
const ELSEWHERE: Readonly<Record<string, readonly [change: Change, kept: readonly string[]]>> = {
  'the connection has another address': [
    (right) => ({ ...right, api: { ...right.api, base_url: ELSEWHERE_URL } }),
    ALL,
  ],
  'the connection has another workspace': [
    (right) => ({ ...right, api: { ...right.api, workspace_id: 'wrkspc_other' } }),
    ALL,
  ],
  'the connection has another provider': [(right) => ({ ...right, api: { ...right.api, provider: 'opensdlc' } }), ALL],
  'the connection has another name': [({ api: { ...other }, ...rest }) => ({ ...rest, connections: { other } }), ALL],
  'there is no connection any more': [({ api: _, ...rest }) => rest, ALL],
  'an environment has another connection': [
    ({ api: here, environments: [a, b], ...rest }) => ({
      ...rest,
      connections: { default: here, other: { ...here, base_url: ELSEWHERE_URL } },
      environments: [{ ...a, connection: 'other' }, b],
    }),
    [NEW.a],
  ],
  'an environment is not named': [({ environments: [_, b], ...rest }) => ({ ...rest, environments: [b] }), [NEW.a]],
  'no environment is named': [
    ({ environments: _, ...rest }) => ({ ...rest, discovery: { enabled: true } }),
    [NEW.a, NEW.b],
  ],
  'two environments exchange their files': [
    ({ environments: [a, b], ...rest }) => ({
      ...rest,
      environments: [
        { ...a, environment_key_file: b!.environment_key_file },
        { ...b, environment_key_file: a!.environment_key_file },
      ],
    }),
    [NEW.a, NEW.b],
  ],
  'an environment has its key in the configuration': [
    ({ environments: [a, b], ...rest }) => ({ ...rest, environments: [{ id: a!.id, environment_key: OLD.a }, b] }),
    [NEW.a],
  ],
  'the API key is not named': [({ api: { base_url }, ...rest }) => ({ ...rest, api: { base_url } }), [NEW.api]],
};

it.each(Object.entries(ELSEWHERE))('sends no new key to the old address where %s', async (_, [change, kept]) => {
  await using server = await apiWithKeys();
  await using running = await withKeysInFiles(server.url);
  const right = configurationIn(running, server.url);
  writeKeys(running, NEW);
  running.configure({ ...change(right, running), intervals: {} });
  await running.waitUntil(() => running.events('config.rejected').length > 0);
  await running.clock.advance(60_000);
  const since = running.clock.now();
  // Keys that stay where they are were taken over: a key is refused by now either way.
  server.seen.clear();
  await running.waitUntil(() => running.clock.now() - since > 60_000 && server.seen.size > 0);
  await running.waitUntil(() => ALL.filter((key) => !kept.includes(key)).every((key) => server.seen.has(key)));
  expect(kept.filter((key) => server.seen.has(key))).toEqual([]);
  expect(running.events('secret.reloaded')).toHaveLength(ALL.length - kept.length);
});
