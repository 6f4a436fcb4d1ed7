import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { plainConfig } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { configOf, loadEnv, loadYaml } from './support.ts';

describe('keys in output', () => {
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
      JSON.stringify(plainConfig(config)),
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
    const shown = [...problems.map(formatProblem), JSON.stringify(result)].join('\n');
    expect(shown).not.toContain('REALLYSECRET');
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
