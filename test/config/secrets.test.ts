import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { ConfigError, formatProblem } from '../../src/config/problem.ts';
import { redactConfig } from '../../src/config/redact.ts';
import { configOf, loadEnv, loadYaml, MINIMAL, problemsOf, systemError } from './support.ts';

const KEY_FILE = '/run/secrets/key';
const withFile = (content: string | Error) =>
  problemsOf(`api: {api_key_file: ${KEY_FILE}}\nenvironments: [{id: env_1}]`, { files: { [KEY_FILE]: content } });

describe('secret files', () => {
  it.each(['sk-key', 'sk-key\n', 'sk-key\r\n'])('hold a key and at most one newline: %j', async (content) => {
    const yaml = `api: {api_key_file: ${KEY_FILE}}\nenvironments: [{id: env_1}]`;
    const config = await configOf(yaml, { files: { [KEY_FILE]: content } });
    expect(config.connections[0]!.apiKey!.reveal()).toBe('sk-key');
    expect(config.connections[0]!.apiKey!.source).toBe(`file ${KEY_FILE}`);
    expect(config.files).toEqual(['/etc/exporter/config.yaml', KEY_FILE]);
  });

  it('are found from the place of the configuration file', async () => {
    const yaml = 'api: {api_key_file: keys/a}\nenvironments: [{id: env_1}]';
    const config = await configOf(yaml, { files: { '/etc/exporter/keys/a': 'k' } });
    expect(config.connections[0]!.apiKey!.reveal()).toBe('k');
  });

  it.each([
    ['', 'the API key is empty'],
    ['\n', 'the API key is empty'],
    ['a b', 'the API key contains white space'],
    ['a\n\n', 'the API key contains white space'],
    ['a\nb\n', 'the API key contains white space'],
    ['a\u0000b', 'the API key has control or non-ASCII characters'],
    ['clé', 'the API key has control or non-ASCII characters'],
    ['sk-ant-oat01-abc', 'the API key looks like an environment key'],
    ['\ufeffsk-ant-api03-abc', 'the API key has control or non-ASCII characters'],
    ['s\u0000k\u0000-\u0000', 'the API key has control or non-ASCII characters'],
    ['sk-ant\u200b-api03-abc', 'the API key has control or non-ASCII characters'],
    ['sk-ant-api03 -abc', 'the API key contains white space'],
    ['ANTHROPIC_API_KEY=sk-ant-api03-abc', 'the API key has something around it'],
    ['"sk-ant-api03-abc"', 'the API key has something around it'],
    ['k'.repeat(16 * 1024 + 1), `file ${KEY_FILE} is longer than 16 KiB`],
    [systemError('EACCES'), `file ${KEY_FILE} may not be read by this user`],
    [systemError('EISDIR'), `file ${KEY_FILE} is a directory`],
  ])('unfit %#', async (content, problem) => {
    expect(await withFile(content)).toEqual([expect.stringContaining(`1:21: api.api_key_file: ${problem}`)]);
  });

  it('of 16 KiB are still read', async () => expect(await withFile('k'.repeat(16 * 1024))).toEqual([]));
});

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
  ])('unfit %#', async (yaml, problem) => {
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

describe('keys in output', () => {
  const API = 'sk-ant-api03-REALLYSECRET';
  const ENV = 'sk-ant-oat01-REALLYSECRET';

  it('are masked in every form of a configuration', async () => {
    const yaml = `api: {api_key: ${API}}\nenvironments: [{id: e, environment_key: "\${E}"}]`;
    const result = await loadYaml(yaml, { env: { E: ENV } });
    if (!result.ok) throw new ConfigError(result.problems);
    const { config } = result;
    expect(config.connections[0]!.apiKey!.reveal()).toBe(API);
    const forms = [
      JSON.stringify(result),
      inspect(result, { depth: 20, showHidden: true }),
      JSON.stringify(redactConfig(config)),
      `${config.connections[0]!.apiKey}`,
    ];
    for (const form of forms) {
      expect(form).not.toContain('REALLYSECRET');
      expect(form).toContain('<secret>');
    }
  });

  // Every way to get a key wrong, or to have it beside something that is wrong.
  it.each([
    `api: {api_key: ${ENV}}\nenvironments: [{id: e, environment_key: ${API}}]`,
    `api: {api_key: "${API} "}\nenvironments: [{id: e}]`,
    `api: {api_key: "${API}é"}\nenvironments: [{id: e}]`,
    `api: {api_key: [${API}]}\nenvironments: [{id: e}]`,
    `api: {api_key: {${API}: 1}}\nenvironments: [{id: e}]`,
    `api: {${API}: api_key}\nenvironments: [{id: e}]`,
    `api: ${API}\n`,
    `${API}`,
    `api: {api_key: "${API}`,
    `api: {api_key: ${API}\nenvironments: x`,
    `api: {api_key: ${API}}}`,
    `api:\n  api_key: ${API}: x\n`,
    `api:\n  api_key: *${API}\n`,
    `api:\n\tapi_key: ${API}\n`,
    `api:\n  api_key: !${API} x\n`,
    `${API}: 1\n${API}: 2\n`,
    `api: {api_key_file: ${API}}\nenvironments: [{id: e, connection: ${API}, name: ${API}}]`,
    `environments: [{id: "${API} "}]\nlog: {level: ${API}}\npoll: {stats_interval: ${API}}`,
    `api: {base_url: "https://user:${API}@host"}\nenvironments: [{id: e, environment_key: e}]`,
    `api: {base_url: "https://host?key=${API}"}\nenvironments: [{id: e, environment_key: e}]`,
    `environments: [{id: ${API}, environment_key: e}]`,
    `connections: {${API}: {}}`,
    `api: {api_key: "\${X}"}\nenvironments: [{id: e, labels: {"${API}": a}}]`,
  ])('are in no problem: %#', async (yaml) => {
    const result = await loadYaml(yaml, { env: { X: `${API} ` } });
    const problems = result.ok ? [] : result.problems;
    expect(problems.length).toBeGreaterThan(0);
    const shown = [
      problems.map(formatProblem).join('\n'),
      JSON.stringify(result),
      new ConfigError(problems).stack,
    ].join('\n');
    expect(shown).not.toContain('REALLYSECRET');
  });

  it('are in no problem of the variables', async () => {
    const env = {
      ANTHROPIC_API_KEY: `${ENV}`,
      ANTHROPIC_ENVIRONMENT_ID: `${API} x`,
      ANTHROPIC_ENVIRONMENT_KEY: API,
      ANTHROPIC_BASE_URL: API,
    };
    const result = await loadEnv(env);
    expect(result.ok ? [] : result.problems.map(({ option }) => option)).toEqual([
      'ANTHROPIC_BASE_URL',
      'ANTHROPIC_ENVIRONMENT_ID',
      'ANTHROPIC_API_KEY',
      'ANTHROPIC_ENVIRONMENT_KEY',
    ]);
    expect(JSON.stringify(result)).not.toContain('REALLYSECRET');
  });

  it('no stack of a reader that fails gets out', async () => {
    const files = {
      readFile: () => {
        throw new Error(API);
      },
      readdir: () => [],
    };
    const result = await loadConfig({ path: '/c', env: {}, files });
    expect(JSON.stringify(result)).not.toContain('REALLYSECRET');
    expect(result.ok).toBe(false);
  });

  it('a minimal file is fine', async () => expect(await problemsOf(MINIMAL)).toEqual([]));
});
