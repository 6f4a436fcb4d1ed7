import { describe, expect, it } from 'vitest';
import { configOf, noticesOf, problemsOf, systemError } from './support.ts';

describe('discovery', () => {
  it('takes its settings and the defaults of an environment', async () => {
    const yaml = `
api: {api_key: k}
discovery: {enabled: true, interval: 1m, include: ["prod-*"], exclude: ["*-old"], max_environments: 5, environment_keys_dir: keys, labels: {tier: prod}}
slo: {objective: 0.999}
`;
    const files = { '/etc/exporter/keys/env_1': 'e', '/etc/exporter/keys/..data': 'x' };
    const config = await configOf(yaml, { files });
    expect(config.discovery).toMatchObject({
      enabled: true,
      intervalMs: 60_000,
      include: ['prod-*'],
      exclude: ['*-old'],
      maxEnvironments: 5,
      environmentKeysDir: '/etc/exporter/keys',
      labels: { tier: 'prod' },
      defaultsByConnection: { default: { slo: { objectiveRatio: 0.999 } } },
    });
    expect([...config.discovery.environmentKeys].map(([id, key]) => [id, key.reveal()])).toEqual([['env_1', 'e']]);
    expect(config.files).toEqual(['/etc/exporter/config.yaml', '/etc/exporter/keys/env_1']);
    expect(await noticesOf(yaml, { files })).toEqual([]);
  });

  it.each(['environments: []', 'api: {provider: qoder, api_key: k}'])(
    'needs a connection that can list environments: %s',
    async (line) => {
      expect(await problemsOf(`${line}\ndiscovery: {enabled: true}`)).toEqual([
        expect.stringContaining('2:22: discovery.enabled: no connection can list environments'),
      ]);
    },
  );

  it.each([
    ['include: []', '2:37: discovery.include: must be a list of at least one glob'],
    ['include: [a, "[b"]', '2:41: discovery.include[1]: must be a glob'],
    ['exclude: ["{b,c"]', '2:38: discovery.exclude[0]: must be a glob'],
  ])('refuses what cannot be meant: %s', async (lines, problem) => {
    expect(await problemsOf(`api: {api_key: k}\ndiscovery: {enabled: true, ${lines}}`)).toEqual([
      expect.stringContaining(problem),
    ]);
  });

  it('refuses a pattern that is too long, however deep its brackets are', async () => {
    const problems = await problemsOf(`discovery: {include: ['${'{['.repeat(10_000)}']}`);
    expect(problems.at(-1)).toMatch(/discovery\.include.* must be a glob of at most 256 characters/);
  });

  it('a directory that cannot be read is a problem, a bad key in it a notice', async () => {
    const yaml = 'api: {api_key: k}\ndiscovery: {enabled: true, environment_keys_dir: /keys}';
    expect(await problemsOf(yaml)).toEqual([
      expect.stringContaining('2:50: discovery.environment_keys_dir: directory /keys does not exist'),
    ]);
    const files = { '/keys/env_1': 'a b', '/keys/env 2': 'e', '/keys/env_3': systemError('EACCES') };
    expect(await noticesOf(yaml, { files })).toEqual([
      expect.stringContaining('file "env 2" is not named after an environment id'),
      expect.stringContaining(
        'the environment key has white space, or characters that are not ASCII (file /keys/env_1)',
      ),
      expect.stringContaining('file /keys/env_3 may not be read by this user'),
    ]);
  });

  it('takes no file for an environment key that is read as something else, such as the API key', async () => {
    const yaml = 'api: {api_key_file: /keys/api-key}\ndiscovery: {enabled: true, environment_keys_dir: /keys}';
    const files = { '/keys/api-key': `sk-ant-api03-${'a'.repeat(40)}`, '/keys/env_1': 'e' };
    expect(await noticesOf(yaml, { files })).toEqual([]);
    const { discovery } = await configOf(yaml, { files: { ...files, '/keys/api-key': 'of-another-service' } });
    expect([...discovery.environmentKeys.keys()]).toEqual(['env_1']);
  });
});
