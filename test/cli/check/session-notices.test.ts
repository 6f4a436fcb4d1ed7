import { expect, it } from 'vitest';
import { Secret } from '../../../src/base/secret.ts';
import { sessionNotices } from '../../../src/cli/check/session-notices.ts';
import { configOf } from '../../config/support.ts';

const key = (value: string | null) => (value === null ? null : new Secret(value, 'the test'));

async function noticesOf(provider: string, keys: { api: string | null; environment: string | null }, enabled = 'auto') {
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
  const notices = await noticesOf(provider, { api, environment });
  if (expected === null) expect(notices).toEqual([]);
  else expect(notices).toEqual([expect.stringMatching(expected)]);
});

it('says nothing where they are switched off', async () => {
  expect(await noticesOf('qoder', { api: 'a', environment: null }, 'off')).toEqual([]);
});
