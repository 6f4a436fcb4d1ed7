import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../../src/config/file/problem.ts';
import { loadConfig } from '../../../src/config/load/load-config.ts';
import { configOf, loadEnv, memoryFiles, problemsOf } from '../support.ts';

const MIDDLE = 'MISPLACEDcanary';
/** Keys of several kinds, each with the same word in it that may be in no answer. */
const KEYS = {
  'an API key': `sk-ant-api03-${MIDDLE}-abcdef`,
  'an environment key': `sk-ant-oat01-${MIDDLE}`,
  'a token of Google': `ya29.${MIDDLE}0123`,
  'a token of GitHub': `ghp_${MIDDLE}0123456789`,
  'a JWT': `eyJhbGciOiJIUzI1.eyJ${MIDDLE}.abc`,
  'a random token': `Zk3vQ9xT7b${MIDDLE}m2LpRf8YhNc5JsDgUa4Eq`,
};

/** Every place of a file where text may stand and no key belongs. */
const PLACES: Readonly<Record<string, (key: string) => string>> = {
  'environments[0].name': (key) => `environments: [{id: e, environment_key: k, name: "${key}"}]`,
  'environments[0].id': (key) => `environments: [{id: "${key}", environment_key: k}]`,
  'environments[0].connection': (key) => `environments: [{id: e, environment_key: k, connection: "${key}"}]`,
  'environments[0].labels': (key) => `environments: [{id: e, environment_key: k, labels: {"${key}": a}}]`,
  'environments[0].labels.owner': (key) => `environments: [{id: e, environment_key: k, labels: {owner: "${key}"}}]`,
  'environments[0].environment_key_file': (key) => `environments: [{id: e, environment_key_file: "/run/${key}"}]`,
  'environments[0].expires': (key) => `environments: [{id: e, environment_key: k, expires: "${key}"}]`,
  'api.base_url': (key) => `api: {base_url: "https://host/${key}", api_key: k}\nenvironments: [{id: e}]`,
  'api.api_key_file': (key) => `api: {api_key_file: "${key}"}\nenvironments: [{id: e}]`,
  'api.ca_file': (key) => `api: {ca_file: "${key}", api_key: k}\nenvironments: [{id: e}]`,
  'api.workspace_id': (key) => `api: {workspace_id: "${key}", api_key: k}\nenvironments: [{id: e}]`,
  'api.provider': (key) => `api: {provider: "${key}", api_key: k}\nenvironments: [{id: e}]`,
  state_file: (key) => `state_file: "${key}"\nenvironments: [{id: e, environment_key: k}]`,
  'discovery.include[0]': (key) => `discovery: {enabled: true, include: ["${key}"]}\napi: {api_key: k}`,
  'discovery.labels.owner': (key) => `discovery: {enabled: true, labels: {owner: "${key}"}}\napi: {api_key: k}`,
  'discovery.environment_keys_dir': (key) =>
    `discovery: {enabled: true, environment_keys_dir: "${key}"}\napi: {api_key: k}`,
  'metadata.keys[0]': (key) => `metadata: {keys: ["${key}"]}\nenvironments: [{id: e, environment_key: k}]`,
  'server.listen': (key) => `server: {listen: "${key}"}\nenvironments: [{id: e, environment_key: k}]`,
  'server.dashboard_base_url': (key) =>
    `server: {dashboard_base_url: "https://host/${key}"}\nenvironments: [{id: e, environment_key: k}]`,
  'log.level': (key) => `log: {level: "${key}"}\nenvironments: [{id: e, environment_key: k}]`,
  'poll.stats_interval': (key) => `poll: {stats_interval: "${key}"}\nenvironments: [{id: e, environment_key: k}]`,
  poll: (key) => `poll: "${key}"\nenvironments: [{id: e, environment_key: k}]`,
};

describe.each(Object.entries(KEYS))('%s', (_, key) => {
  it.each(Object.entries(PLACES))('in %s is refused and not shown', async (place, yaml) => {
    const problems = await problemsOf(yaml(key));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^\d+:\d+: /);
    expect(problems[0]).toContain(`: ${place}: seems to contain a key; `);
    expect(problems[0]).not.toContain(MIDDLE);
  });

  it.each([
    ['api: {apiKey: KEY}', 'did you mean api_key?'],
    ['api: {api-key: KEY}', 'did you mean api_key?'],
    ['api: {token: KEY}', 'did you mean api_key?'],
    ['"api": {"\\u00a0api_key": KEY}', 'a character in it only looks like a space'],
    ['apiKey: KEY', 'it belongs under api'],
    ['token: KEY', 'it belongs under api'],
    ['environments: [{id: e, environmentKey: KEY}]', 'did you mean environment_key?'],
    ['environments: [{id: e, token: KEY}]', 'did you mean environment_key?'],
    ['poll: {api_key: KEY}', 'unknown option "api_key"'],
  ])('under a name that is nearly that of an option is told as that, and not shown: %s', async (yaml, told) => {
    const text = (await problemsOf(yaml.replace('KEY', `"${key}"`))).join('\n');
    expect(text).toContain(told);
    expect(text).not.toContain(MIDDLE);
    expect(text).not.toContain('seems to contain');
  });

  it.each(['api: api_key:KEY', 'api:\n  api_key = KEY', 'environments:\n  - environment_key:KEY'])(
    'behind a name without a space is told as that, and not shown: %s',
    async (yaml) => {
      const text = (await problemsOf(yaml.replace('KEY', () => key))).join('\n');
      expect(text).toContain('put a colon and a space between the name of the option and the key');
      expect(text).not.toContain(MIDDLE);
    },
  );

  it('in the value of another option is told as that, whatever stands before it', async () => {
    const text = (await problemsOf(`environments: [{id: e, name: "api_key:${key}"}]`)).join('\n');
    expect(text).toContain('remove it; a key belongs in api_key or environment_key');
    expect(text).not.toContain(MIDDLE);
  });

  it('as a name of something is refused and not shown', async () => {
    for (const yaml of [`"${key}": 1`, `connections: {"${key}": {api_key: k}}`, `poll: {"${key}": 1}`]) {
      const problems = await problemsOf(`${yaml}\nenvironments: [{id: e, environment_key: k}]`);
      expect(problems[0]).toContain('is a name that looks like a key');
      expect(problems.join()).not.toContain(MIDDLE);
    }
  });

  it('from a variable is refused as well', async () => {
    const yaml = `environments: [{id: e, environment_key: k, name: "\${NAME}"}]`;
    expect((await problemsOf(yaml, { env: { NAME: key } })).join()).toContain('name: seems to contain a key');
    const env = { ANTHROPIC_ENVIRONMENT_ID: key, ANTHROPIC_ENVIRONMENT_KEY: 'k' };
    const loaded = await loadEnv(env);
    expect(JSON.stringify(loaded)).toContain('seems to contain a key');
    expect(JSON.stringify(loaded)).not.toContain(MIDDLE);
  });

  it('as the path of the configuration is refused and not shown', async () => {
    const files = memoryFiles({});
    for (const options of [
      { path: key, env: {} },
      { path: null, env: { ANTHROPIC_WORK_EXPORTER_CONFIG: `/etc/${key}` } },
    ]) {
      const loaded = await loadConfig({ ...options, files });
      const text = loaded.ok ? '' : loaded.problems.map(formatProblem).join();
      expect(text).toMatch(/^--config: the path of the configuration file seems to contain a key; /);
      expect(JSON.stringify(loaded)).not.toContain(MIDDLE);
    }
  });
});

describe('a configured key, whatever it looks like', () => {
  const PLAIN = 'hunter2-hunter2';
  const OTHER = 'connections: {other: {api_key_file: /run/plain}}';
  it.each([
    ['environments[0].name', `environments: [{id: e, environment_key: k, name: "my ${PLAIN}"}]\n${OTHER}`],
    ['environments[0].labels', `environments: [{id: e, environment_key: k, labels: {a: ${PLAIN}}}]\n${OTHER}`],
    ['environments[0].id', `environments: [{id: ${PLAIN}, environment_key: k}]\n${OTHER}`],
    ['discovery.labels', `discovery: {enabled: true, labels: {a: ${PLAIN}}}\napi: {api_key: ${PLAIN}}`],
    ['state_file', `state_file: /${PLAIN}/state\nenvironments: [{id: e, environment_key: ${PLAIN}}]`],
    ['connections', `environments: [{id: e, environment_key: k}]\nconnections: {${PLAIN}: {api_key: ${PLAIN}}}`],
  ])('in %s is refused and not shown', async (place, yaml) => {
    const problems = await problemsOf(yaml, { files: { '/run/plain': PLAIN } });
    const found = problems.filter((problem) => problem.includes('one of the configured keys'));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`: ${place}`);
    expect(found[0]).not.toContain(PLAIN);
  });

  it('in a header of the web configuration file is refused and not shown', async () => {
    const yaml = `server: {web_config_file: /run/web.yml}\nenvironments: [{id: e, environment_key: ${PLAIN}}]`;
    const headers = (value: string) => `http_server_config: {headers: {Content-Security-Policy: "${value}"}}`;
    const problemsWith = (value: string) => problemsOf(yaml, { files: { '/run/web.yml': headers(value) } });
    expect(await problemsWith("default-src 'self'")).toEqual([]);
    const [problem, ...more] = await problemsWith(`report-uri /${PLAIN}`);
    expect(more).toEqual([]);
    expect(problem).toMatch(/^1:\d+: server.web_config_file: has one of the configured keys in its header Content-Sec/);
    expect(problem).not.toContain(PLAIN);
  });

  it('of less than 8 characters may be in a word by chance', async () => {
    const yaml = 'environments: [{id: env_prod, environment_key: prod, name: production}]';
    expect(await problemsOf(yaml)).toEqual([]);
  });
});

it('names, labels and paths that only look long are taken', async () => {
  const config = await configOf(`
environments:
  - id: env_011CSHoEeqs5C35K2UUqR7Fy
    environment_key: k
    name: Production EU (Frankfurt), second cluster of 2026
    labels: {commit: "0123456789abcdef0123456789abcdef01234567", pod: 9b2f8d7e-3c41-4a5b-8c6d-1e2f3a4b5c6d}
`);
  expect(config.environments[0]!.environment.labels).toMatchObject({ pod: '9b2f8d7e-3c41-4a5b-8c6d-1e2f3a4b5c6d' });
});

it('names and labels are cut after 128 characters', async () => {
  const long = 'Name '.repeat(60);
  const config = await configOf(
    `environments: [{id: e, environment_key: k, name: "${long}", labels: {owner: "${long}"}}]`,
  );
  const { name, labels } = config.environments[0]!.environment;
  expect([name, labels.owner]).toEqual([long.slice(0, 128).trimEnd(), long.slice(0, 128).trimEnd()]);
});

it.each(['\u202E', '\u2066', '\u200F', '\u2028', '\u0007', '\u{E0041}'])(
  'a name or label with %j is refused',
  async (character) => {
    const text = JSON.stringify(`prod${character}x`);
    const problems = await problemsOf(
      `environments: [{id: e, environment_key: k, name: ${text}, labels: {a: ${text}}}]`,
    );
    expect(problems).toHaveLength(2);
    expect(problems.join()).not.toContain(character);
  },
);
