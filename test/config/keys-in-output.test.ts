import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { OPTIONS } from '../../src/config/options.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { configOf, loadEnv, loadYaml, problemsOf } from './support.ts';

describe('a key, or what looks like one,', () => {
  const API = 'sk-ant-api03-REALLYSECRET';
  const ENV = 'sk-ant-oat01-REALLYSECRET';

  it('are masked in every form of a configuration', async () => {
    const yaml = `api: {api_key: ${API}}\nenvironments: [{id: e, environment_key: "\${E}"}]`;
    const result = await loadYaml(yaml, { env: { E: ENV } });
    const config = await configOf(yaml, { env: { E: ENV } });
    expect(config.connections[0]!.apiKey!.reveal()).toBe(API);
    const forms = [
      JSON.stringify(result),
      inspect(result, { depth: 20, showHidden: true }),
      JSON.stringify(config),
      `${config.connections[0]!.apiKey}`,
    ];
    for (const form of forms) {
      expect(form).not.toContain('REALLYSECRET');
      expect(form).toContain('<secret>');
    }
  });

  it('are in no problem of the variables', async () => {
    const env = {
      ANTHROPIC_API_KEY: `${ENV}`,
      ANTHROPIC_ENVIRONMENT_ID: `${API}.x`,
      ANTHROPIC_ENVIRONMENT_KEY: API,
      ANTHROPIC_BASE_URL: API,
    };
    const result = await loadEnv(env);
    expect(result.ok ? [] : result.problems.map(({ option }) => option)).toEqual([
      'ANTHROPIC_BASE_URL',
      'ANTHROPIC_ENVIRONMENT_ID',
    ]);
    expect(JSON.stringify(result)).not.toContain('REALLYSECRET');
    const apart = await loadEnv({ ANTHROPIC_ENVIRONMENT_ID: `${API} x`, ANTHROPIC_ENVIRONMENT_KEY: `${API},` });
    expect(apart.ok).toBe(false);
    expect(JSON.stringify(apart)).not.toContain('REALLYSECRET');
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
});

describe('a key where none belongs', () => {
  const MIDDLE = 'MISPLACEDcanary';
  const KEYS = [`sk-ant-api03-${MIDDLE}-abcdef`, `ghp_${MIDDLE}0123456789`, `Zk3vQ9xT7b${MIDDLE}m2LpRf8YhNc5JsDgUa4Eq`];

  it('is refused at each option, with its place, and not shown', async () => {
    for (const { path, option } of OPTIONS) {
      if (option.secret) continue;
      for (const [key, form] of KEYS.flatMap(
        (each) =>
          [
            [each, each],
            [each, [each]],
            [each, { [each]: 'x' }],
          ] as const,
      )) {
        const tree = path.split('.').reduceRight<unknown>((below, step) => {
          if (step === '*') return { name: below };
          return step.endsWith('[]') ? { [step.slice(0, -2)]: [below] } : { [step]: below };
        }, form);
        const problems = await problemsOf(JSON.stringify(tree));
        expect(problems.length, `${path} ${key}`).toBeGreaterThan(0);
        expect(problems.join('\n'), path).not.toContain(MIDDLE);
        expect(problems[0], path).toMatch(/^1:\d+: /);
      }
    }
  }, 60_000);

  // Every way to get a key wrong, or to have it beside something that is wrong.
  it.each([
    ['apiKey: KEY', 'unknown option'],
    ['KEY: 1', 'is a name that looks like a key'],
    ['api: KEY', 'seems to contain a key'],
    ['connections: {KEY: {api_key: k}}', 'is a name that looks like a key'],
    [`poll: {stats_interval: "\${NAME}"}`, 'seems to contain a key'],
    ['a: "KEY', 'is no YAML here'],
    ['api: {api_key: KEY}}', 'is no YAML here'],
    ['? [KEY]\n: b', 'non string key'],
    ['a: *KEY', 'an anchor'],
    ['a: !KEY x', 'tag'],
    ['KEY: 1\nKEY: 2', 'is listed twice'],
    ['api: {api_key: [KEY]}', 'must be a key as text'],
    ['api: {api_key: {KEY: 1}}', 'is a name that looks like a key'],
    ['api: {api_key: "KEY "}\nenvironments: [{id: e}]', 'has white space'],
    ['api: {api_key_file: KEY}\nenvironments: [{id: e, connection: KEY}]', 'seems to contain a key'],
    ['environments: [{id: "KEY "}]\nlog: {level: KEY}', 'seems to contain a key'],
    ['api: {base_url: "https://user:KEY@host"}', 'seems to contain a key'],
    [`api: {api_key: "\${NAME}"}\nenvironments: [{id: e, labels: {"KEY": a}}]`, 'looks like a key'],
  ])('%s is told and not shown', async (yaml, words) => {
    for (const key of KEYS) {
      const result = await loadYaml(yaml.replaceAll('KEY', key), { env: { NAME: key } });
      expect(result.ok ? '' : result.problems.map(formatProblem).join('\n')).toContain(words);
      expect(JSON.stringify(result)).not.toContain(MIDDLE);
    }
  });

  it.each([
    [
      'environments[0].name',
      'environments: [{id: e, environment_key: k, name: "my PLAIN"}]\nconnections: {other: {api_key_file: /run/plain}}',
    ],
    [
      'environments[0].labels',
      'environments: [{id: e, environment_key: k, labels: {a: PLAIN}}]\nconnections: {other: {api_key_file: /run/plain}}',
    ],
    ['environments[0].id', 'environments: [{id: PLAIN, environment_key: PLAIN}]'],
    ['connections', 'environments: [{id: e, environment_key: k}]\nconnections: {PLAIN: {api_key: PLAIN}}'],
    [
      'server.web_config_file',
      'environments: [{id: e, environment_key: PLAIN}]\nserver: {web_config_file: /run/web.yml}',
    ],
  ])('a configured key in %s is refused whatever it looks like, and not shown', async (place, yaml) => {
    const plain = 'hunter2-hunter2';
    const files = {
      '/run/plain': plain,
      '/run/web.yml': `http_server_config: {headers: {Content-Security-Policy: "/${plain}"}}`,
    };
    const problems = await problemsOf(yaml.replaceAll('PLAIN', plain), { files });
    expect(problems.join('\n')).toContain(`: ${place}`);
    expect(problems.join('\n')).not.toContain(plain);
  });

  it('names and labels that only look long are taken', async () => {
    const labels = '{commit: "0123456789abcdef0123456789abcdef01234567", pod: 9b2f8d7e-3c41-4a5b-8c6d-1e2f3a4b5c6d}';
    expect(
      await problemsOf(`environments: [{id: env_011CSHoEeqs5C35K2UUqR7Fy, environment_key: k, labels: ${labels}}]`),
    ).toEqual([]);
  });
});
