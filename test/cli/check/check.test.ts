import { expect, it } from 'vitest';
import { z } from 'zod';
import { environmentsApi } from '../../app/environments-api.ts';
import { TestFolder } from '../files.ts';
import { runCli } from '../run-cli.ts';

const KEY = `sk-ant-api03-${'a'.repeat(40)}`;

it('says what a good configuration costs, and asks nothing', async () => {
  await using api = await environmentsApi([]);
  using folder = new TestFolder();
  const config = folder.write('config.yaml', {
    api: { base_url: api.url, api_key: KEY },
    environments: [{ id: 'env_a' }],
  });
  const { code, stdout, stderr } = await runCli(['check', '--config', config]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/valid/);
  expect(stdout).toContain('Connection default needs about 4 requests a minute; its budget is 240.');
  expect(api.requests).toEqual([]);
});

const BROKEN: readonly (readonly [string, string, readonly RegExp[]])[] = [
  ['syntax', 'environments: [\n', [/:\d+:\d+: /]],
  [
    'an unknown option',
    `api: {api_keey: x, api_key: ${KEY}}\nenvironments: [{id: env_a}]\n`,
    [/:1:7: api\.api_keey: .*api_key/],
  ],
  ['a wrong type', `api: {api_key: ${KEY}}\nenvironments: {}\n`, [/:2:\d+: environments: /]],
  [
    'two ids alike',
    `api: {api_key: ${KEY}}\nenvironments:\n  - id: env_a\n  - id: env_a\n`,
    [/:4:\d+: environments\[1\]\.id: /],
  ],
  [
    'a variable that is not set',
    `api:\n  api_key: $\{NOT_THERE}\nenvironments: [{id: env_a}]\n`,
    [/:2:\d+: api\.api_key: .*NOT_THERE/],
  ],
  [
    'a secret that cannot be read',
    'api:\n  api_key_file: /nowhere/key\nenvironments: [{id: env_a}]\n',
    [/:2:\d+: api\.api_key_file: .*\/nowhere\/key does not exist/],
  ],
  [
    'several at once',
    `api: {api_key: ${KEY}, timeout: soon}\npoll: {stats_interval: 1s}\nenvironments: [{id: env_a}]\nfoo: 1\n`,
    [/:1:\d+: api\.timeout: /, /:2:\d+: poll\.stats_interval: /, /:4:1: foo: /],
  ],
];

it.each(BROKEN)('tells the place of %s and what to do', async (_, text, expected) => {
  using folder = new TestFolder();
  const config = folder.write('config.yaml', text);
  const { code, stdout } = await runCli(['check', '--config', config]);
  expect(code).toBe(2);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(expected.length);
  for (const pattern of expected) {
    const line = lines.find((candidate) => pattern.test(candidate));
    expect(line, stdout).toBeDefined();
    // `FILE:LINE:COL: OPTION: what; what to do`
    expect(line!.startsWith(`${config}:`)).toBe(true);
    expect(line).toMatch(/; \S/);
  }
  expect(stdout).not.toContain(KEY);
});

it('check --json prints the problems as JSON', async () => {
  using folder = new TestFolder();
  const config = folder.write('config.yaml', 'foo: 1\n');
  const { code, stdout } = await runCli(['check', '--config', config, '--json']);
  expect(code).toBe(2);
  const shape = z.strictObject({
    schema: z.literal(1),
    ok: z.literal(false),
    exit_code: z.literal(2),
    problems: z.array(z.string()).min(1),
    notices: z.tuple([]),
    shard: z.null(),
    watched: z.tuple([]),
    configured_elsewhere: z.literal(0),
    live: z.tuple([]),
    cost: z.tuple([]),
    clock_skew_seconds: z.null(),
  });
  expect(shape.parse(JSON.parse(stdout)).problems[0]).toContain('foo');
});

it('names a file that is not there', async () => {
  const { code, stdout } = await runCli(['check', '--config', '/nowhere/config.yaml']);
  expect(code).toBe(2);
  expect(stdout).toContain('/nowhere/config.yaml: the configuration file does not exist');
});

it('says once for many environments that their sessions are not read, and the configuration is good all the same', async () => {
  using folder = new TestFolder();
  const config = folder.write('config.yaml', {
    api: { provider: 'qoder', base_url: 'https://api.example.com', api_key: KEY },
    environments: ['env_a', 'env_b', 'env_c'].map((id) => ({ id })),
  });
  const { code, stdout, stderr } = await runCli(['check', '--config', config]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.match(/sessions of long runs are not read in 3 of its environments/g)).toHaveLength(1);
});

it('names a look-alike host of base_url as DNS knows it', async () => {
  using folder = new TestFolder();
  const api = { base_url: 'https://\u0430pi.anthropic.com', api_key: KEY };
  const config = folder.write('config.yaml', { api, environments: [{ id: 'env_a' }] });
  const { code, stdout } = await runCli(['check', '--config', config]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Note: .*api\.base_url: the host is xn--pi-6kc\.anthropic\.com/m);
});

const HASH = '.'.repeat(53);

it.each([
  ['with a colon in its name', { 'a:b': `$2b$10$${HASH}` }],
  ['whose hash takes days to check', { a: `$2b$31$${HASH}` }],
])('rejects a user that could never log in: one %s', async (_, users) => {
  using folder = new TestFolder();
  const web = folder.write('web.yml', { basic_auth_users: users });
  const server = { web_config_file: web };
  const config = folder.write('config.yaml', { api: { api_key: KEY }, environments: [{ id: 'env_a' }], server });
  const { code, stdout } = await runCli(['check', '--config', config]);
  expect(code).toBe(2);
  expect(stdout).toContain('web.yml:1:');
});

it.each([
  ['without a file', false],
  ['beside a file', true],
])('warns of an API key among the variables of a worker, %s', async (_, hasFile) => {
  using folder = new TestFolder();
  const config = folder.write('config.yaml', { api: { api_key: KEY }, environments: [{ id: 'env_a' }] });
  const args = hasFile ? ['check', '--config', config] : ['check'];
  const worker = { ANTHROPIC_ENVIRONMENT_ID: 'env_a', ANTHROPIC_ENVIRONMENT_KEY: `sk-ant-oat01-${'b'.repeat(40)}` };
  const warning = /^Note: ANTHROPIC_API_KEY: is set beside ANTHROPIC_ENVIRONMENT_KEY: .* tool calls/m;
  const both = await runCli(args, { ...worker, ANTHROPIC_API_KEY: KEY });
  expect(both.code).toBe(0);
  expect(both.stdout).toMatch(warning);
  expect((await runCli(args, worker)).stdout).not.toMatch(warning);
});
