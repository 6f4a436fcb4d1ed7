import { describe, expect, it } from 'vitest';
import { configOf, problemsOf } from './support.ts';

const KEY_FILE = '/run/secrets/key';

describe('inline keys', () => {
  it.each([
    [
      'api: {api_key: sk-ant-oat01-a}\nenvironments: [{id: e}]',
      '1:16: api.api_key: the API key looks like an environment key',
    ],
    [
      'environments: [{id: e, environment_key: sk-ant-api03-a}]',
      '1:41: environments[0].environment_key: the environment key looks like an API key',
    ],
    [
      'environments: [{id: e, environment_key: sk-ant-admin01-a}]',
      '1:41: environments[0].environment_key: the environment key is an Admin API key, which reads no environment; create an environment key (Console → Environments → your environment → Environment keys)',
    ],
    [
      'api: {api_key: /run/secrets/key}\nenvironments: [{id: e}]',
      '1:16: api.api_key: the API key is a path; put the key itself there, or name its file in api_key_file of',
    ],
    [
      'environments: [{id: env_0123456789abcdef, environment_key: env_0123456789abcdef}]',
      '1:21: environments[0].id: is also one of the configured keys; if it is the key, remove it here; if it is an id, give the real key there',
    ],
    ['api: {api_key: "a b"}\nenvironments: [{id: e}]', '1:16: api.api_key: the API key contains white space'],
    ['api: {api_key: "é"}\nenvironments: [{id: e}]', '1:16: api.api_key: the API key has control or non-ASCII'],
    ['api: {api_key: ""}\nenvironments: [{id: e}]', '1:16: api.api_key: the API key is empty'],
    ['api: {api_key: 12345}\nenvironments: [{id: e}]', '1:16: api.api_key: must be a key as text'],
    [
      `api: {api_key: a, api_key_file: ${KEY_FILE}}\nenvironments: [{id: e}]`,
      '1:33: api.api_key_file: api_key and api_key_file are both set',
    ],
    [
      'environments: [{id: e, environment_key: a, environment_key_file: b}]',
      '1:66: environments[0].environment_key_file: environment_key and environment_key_file are both set',
    ],
    [
      'api: {expires: 2027-05-01}\nenvironments: [{id: e, environment_key: e}]',
      '1:7: api.expires: there is no API key that could expire',
    ],
    [
      'api: {api_key: k}\nenvironments: [{id: e, expires: 2027-05-01}]',
      '2:24: environments[0].expires: there is no environment key that could expire',
    ],
    [
      'api: {api_key: k, expires: soon}\nenvironments: [{id: e}]',
      '1:28: api.expires: must be a date or an RFC 3339 time',
    ],
    [
      'api: {api_key: k, expires: 2027-13-01}\nenvironments: [{id: e}]',
      '1:28: api.expires: must be a date or an RFC 3339 time',
    ],
    [
      'api: {api_key: k, expires: 2027-02-29}\nenvironments: [{id: e}]',
      '1:28: api.expires: must be a date or an RFC 3339 time',
    ],
  ])('an inline key that no key can be is a problem: %#', async (yaml, problem) => {
    const problems = await problemsOf(yaml);
    expect(problems).toEqual([expect.stringContaining(problem)]);
  });

  it('know when they expire and where they come from', async () => {
    const config = await configOf(
      `api: {api_key: "\${API}", expires: 2027-05-01}\nenvironments: [{id: e, environment_key: k, expires: "2027-05-01T02:00:00+02:00"}]`,
      { env: { API: 'a' } },
    );
    expect(config.connections[0]).toMatchObject({ apiKeyExpires: Date.UTC(2027, 4, 1) });
    expect(config.environments[0]).toMatchObject({ environmentKeyExpires: Date.UTC(2027, 4, 1) });
    expect(config.connections[0]!.apiKey!.source).toBe('environment variable API');
    expect(config.environments[0]!.environmentKey!.source).toBe('environment_key in file /etc/exporter/config.yaml');
  });
});

it.each([
  (key: string) => `\${${key}}`,
  (key: string) => `$${key}`,
  (key: string) => `$(${key})`,
  (key: string) => `%${key}%`,
  (key: string) => `{{${key}}}`,
  (key: string) => `<${key}>`,
  (key: string) => `'${key}'`,
  (key: string) => `\`${key}\``,
  (key: string) => `[${key}]`,
  (key: string) => `${key},`,
  (key: string) => `x-api-key:${key}`,
  (key: string) => `Bearer%20${key}`,
  (key: string) => `KEY=${key}`,
])('a key with something around it is refused without showing it: %s', async (wrap) => {
  const yaml = (key: string) => JSON.stringify({ api: { api_key: wrap(key) }, environments: [{ id: 'e' }] });
  const problems = await problemsOf(yaml('sk-ant-api03-REALLYSECRET'));
  expect(problems).toEqual([expect.stringContaining('api.api_key: the API key has something around it')]);
  expect(problems.join()).not.toContain('REALLYSECRET');
});

it.each([
  ...Array.from('$%"\'`<([{', (mark) => `${mark}another-service-REALLYSECRET`),
  ...Array.from('}%"\'`>)],;', (mark) => `another-service-REALLYSECRET${mark}`),
])('a key of any kind with one mark too many is refused without showing it: %s', async (written) => {
  const yaml = JSON.stringify({ api: { api_key: written }, environments: [{ id: 'e' }] });
  const problems = await problemsOf(yaml);
  expect(problems).toEqual([expect.stringContaining('api.api_key: the API key has something around it')]);
  expect(problems.join()).not.toContain('REALLYSECRET');
});

it.each(['api_key', 'api_key_file', 'base_url'])(
  'a key as the name of a variable of %s is not shown',
  async (option) => {
    const token = 'pat_REALLYSECRETabcdefghijklmnop';
    const yaml = JSON.stringify({
      api: { [option]: `\${${token}}` },
      environments: [{ id: 'e', environment_key: 'k' }],
    });
    const problems = await problemsOf(yaml);
    expect(problems).toEqual([expect.stringContaining(`has a key where \${NAME} names an environment variable`)]);
    expect(problems.join()).not.toContain('REALLYSECRET');
  },
);
