import { expect, it } from 'vitest';
import { Secret } from '../../../src/base/secret.ts';
import { costNotices, sessionNotices } from '../../../src/cli/check/notices.ts';
import { configOf } from '../../config/support.ts';

const environments = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, index) => ({ id: `env_${index}`, name: `name-${index}`, ...more }));
const noticesOf = async (config: object) =>
  costNotices(await configOf(JSON.stringify({ api: { api_key: 'k' }, ...config })));

it.each<[string, object, readonly RegExp[]]>([
  ['what fits', { environments: environments(54) }, []],
  [
    // 55 × 4 = 220 a minute, and 216 may be scheduled.
    'what just does not fit',
    { environments: environments(55) },
    [/220 requests .* and 216 of 240 .* name-0 stats every 15\.3 s instead of 15 s while .* to 245 to read/],
  ],
  [
    'both reads',
    { environments: environments(72, { environment_key: 'k' }) },
    [/432 requests .* name-0 stats every 30 s instead of 15 s and name-0 list every 60 s instead of 30 s/],
  ],
  [
    'no further than the configuration allows',
    { environments: environments(60), poll: { max_stats_interval: '17s' } },
    [/240 requests .* stats every 16\.7 s instead of 15 s/],
  ],
])('says of %s how far its reads are stretched', async (_, config, expected) => {
  expect(await noticesOf(config)).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
});

it.each<[string, object, RegExp]>([
  // 216 − 0.2 of discovery: 35 × 6; stretched, 179 × 1.2.
  [
    'with keys apart',
    {},
    /costs 4 requests a minute, or 6 with an environment key; if all of them have keys, the budget allows 35 more .* or 179 at/,
  ],
  [
    'with one key for all',
    { api: { api_key: 'k', provider: 'aws', base_url: 'https://aws.example.com', workspace_id: 'wrkspc_1' } },
    /costs 6 requests a minute; the budget allows 35 more/,
  ],
  ['as many as are allowed', { discovery: { enabled: true, max_environments: 20 } }, /allows 20 more .* or 20 at/],
  ['beside those configured', { environments: environments(50) }, /allows 2 more .* or 138 at/],
])('says what discovered environments will cost: %s', async (_, config, expected) => {
  expect(await noticesOf({ discovery: { enabled: true }, ...config })).toEqual([expect.stringMatching(expected)]);
});

const key = (value: string | null) => (value === null ? null : new Secret(value, 'the test'));

async function sessionNoticesOf(
  provider: string,
  keys: { api: string | null; environment: string | null },
  enabled = 'auto',
) {
  const config = await configOf(
    JSON.stringify({
      api: {
        provider,
        base_url: 'https://api.example.com',
        api_key: 'a',
        ...(provider === 'aws' ? { workspace_id: 'wrkspc_1' } : {}),
      },
      environments: [1, 2].map((id) => ({
        id: `env_${id}`,
        ...(provider === 'opensdlc' ? { environment_key: 'e' } : {}),
      })),
      sessions: { enabled },
    }),
  );
  return sessionNotices({
    connections: config.connections.map((connection) => ({ ...connection, apiKey: key(keys.api) })),
    environments: config.environments.map((one) => ({ ...one, environmentKey: key(keys.environment) })),
  });
}

it.each<[string, string | null, string | null, RegExp | null]>([
  ['anthropic', 'a', null, null],
  ['anthropic', null, 'e', null],
  ['anthropic', null, null, /in 2 of its environments, because there is no key for them/],
  ['aws', 'a', null, null],
  ['aws', null, 'e', /because there is no key/],
  ['opensdlc', null, 'e', null],
  ['qoder', 'a', 'e', /nothing is known of sessions on qoder/],
])('%s with the API key %s and the environment key %s', async (provider, api, environment, expected) => {
  const notices = await sessionNoticesOf(provider, { api, environment });
  if (expected === null) expect(notices).toEqual([]);
  else expect(notices).toEqual([expect.stringMatching(expected)]);
});

it('says nothing where they are switched off', async () => {
  expect(await sessionNoticesOf('qoder', { api: 'a', environment: null }, 'off')).toEqual([]);
});

it('speaks of one request a minute in the singular', async () => {
  const discovery = { enabled: true };
  const poll = { stats_interval: '60s', list_interval: '60s' };
  expect(await noticesOf({ discovery, poll })).toEqual([expect.stringContaining('costs 1 request a minute, or ')]);
});
