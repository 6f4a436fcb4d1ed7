import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { CONFIG_PATH, configOf, loadEnv, loadYaml, MINIMAL, memoryFiles, noticesOf, problemsOf } from './support.ts';

const problemsOfEnv = async (env: Record<string, string>) => {
  const result = await loadEnv(env);
  return result.ok ? [] : result.problems.map(formatProblem);
};

describe('a variable in a file', () => {
  const ref = (name: string) => `"\${${name}}"`;

  it('gives text, numbers and switches, after YAML was parsed', async () => {
    const config = await configOf(
      `
api: {api_key: ${ref('KEY')}, requests_per_minute: ${ref('RPM')}}
environments: [{id: e, environment_key: k, name: ${ref('NAME')}, exemplars: ${ref('ON')}, labels: {a: ${ref('RPM')}}}]
metadata: {keys: [${ref('NAME')}]}
`,
      { env: { KEY: 'k', RPM: '300', NAME: 'a: [b', ON: 'true' } },
    );
    expect(config.connections[0]).toMatchObject({ requestsPerMinute: 300 });
    expect(config.environments[0]!.environment).toMatchObject({
      name: 'a: [b',
      exemplars: true,
      labels: { a: '300' },
      metadata: { keys: ['a: [b'] },
    });
  });

  it.each([{}, { KEY: '' }])('must be set and not empty: %j', async (env) => {
    const problems = await problemsOf(`api: {api_key: ${ref('KEY')}}\nenvironments: [{id: e}]`, { env });
    expect(problems).toEqual([
      expect.stringContaining('1:16: api.api_key: environment variable KEY is not set, or empty'),
    ]);
  });

  it('a variable in a file has to be the whole value', async () => {
    const problems = await problemsOf(`${MINIMAL}state_file: /var/\${X}/s`, { env: { X: 'x' } });
    expect(problems).toEqual([expect.stringContaining(`4:13: state_file: has \${NAME} as part of a value`)]);
  });
});

describe('precedence', () => {
  const yaml = `${MINIMAL}server: {listen: "1.1.1.1:1"}\nlog: {level: warn}`;

  it('a flag comes before a variable, the file and the default, in this order', async () => {
    const env = { ANTHROPIC_WORK_EXPORTER_LISTEN: '2.2.2.2:2', ANTHROPIC_WORK_EXPORTER_LOG_LEVEL: 'debug' };
    expect((await configOf(yaml)).server.host).toBe('1.1.1.1');
    expect((await configOf(yaml, { env })).server.host).toBe('2.2.2.2');
    const config = await configOf(yaml, { env, flags: { listen: '3.3.3.3:3', logFormat: 'text' } });
    expect(config.server).toMatchObject({ host: '3.3.3.3', port: 3, itemIds: true });
    expect(config.log).toEqual({ level: 'debug', format: 'text', formatGiven: true });
    expect((await configOf(yaml, { env: { ANTHROPIC_WORK_EXPORTER_LISTEN: '' } })).server.host).toBe('1.1.1.1');
  });

  it('a problem names the flag or the variable', async () => {
    const env = { ANTHROPIC_WORK_EXPORTER_LOG_FORMAT: 'xml' };
    expect(await problemsOf(yaml, { env, flags: { listen: 'x' } })).toEqual([
      expect.stringMatching(/^--listen: must be HOST:PORT/),
      expect.stringMatching(/^ANTHROPIC_WORK_EXPORTER_LOG_FORMAT: must be one of json, text/),
    ]);
  });

  it('does not hide a section that is no map', async () => {
    expect(await problemsOf(`${MINIMAL}server: 5`, { flags: { listen: ':1' } })).toEqual([
      expect.stringContaining('4:9: server: must be a map of options'),
    ]);
  });

  it('finds the file through its variable', async () => {
    const files = memoryFiles({ '/other.yaml': MINIMAL, [CONFIG_PATH]: MINIMAL });
    const env = { ANTHROPIC_WORK_EXPORTER_CONFIG: '/other.yaml' };
    const byVariable = await loadConfig({ path: null, env, files });
    const byFlag = await loadConfig({ path: CONFIG_PATH, env, files });
    expect(byVariable.ok && byVariable.config.origin).toBe('file /other.yaml');
    expect(byFlag.ok && byFlag.config.origin).toBe(`file ${CONFIG_PATH}`);
  });

  it("ignores the SDKs' variables beside a file, and says so once", async () => {
    const env = { ANTHROPIC_API_KEY: 'x', ANTHROPIC_BASE_URL: 'nonsense', ANTHROPIC_WORKSPACE_ID: '' };
    const result = await loadYaml(MINIMAL, { env });
    expect(result.ok && result.config.connections[0]!.apiKey!.reveal()).toBe('k');
    expect(await noticesOf(MINIMAL, { env })).toEqual([
      `${CONFIG_PATH}: set and ignored, because there is a configuration file: ANTHROPIC_BASE_URL, ANTHROPIC_API_KEY; write \${ANTHROPIC_BASE_URL} where the file should use it`,
    ]);
  });

  it('does not call a variable of the SDKs ignored that the file names itself', async () => {
    const env = { ANTHROPIC_API_KEY: 'x', ANTHROPIC_ENVIRONMENT_KEY: 'y' };
    const yaml = `api: {api_key: "\${ANTHROPIC_API_KEY}"}\nenvironments: [{id: e, environment_key: k}]`;
    expect(await noticesOf(yaml, { env })).toContainEqual(
      expect.stringContaining('configuration file: ANTHROPIC_ENVIRONMENT_KEY;'),
    );
    expect(await noticesOf(yaml, { env: { ANTHROPIC_API_KEY: 'x' } })).toEqual([]);
  });
});

describe('no file', () => {
  // The variables without what their names have in common.
  const envOf = (text: string) => Object.fromEntries(text.split(' ').map((each) => `ANTHROPIC_${each}`.split('=')));
  const loaded = async (text: string) => {
    const result = await loadEnv(envOf(text));
    if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
    const { config, notices } = result;
    const keys = config.environments.map(({ environment, environmentKey }) => [
      environment.id,
      environmentKey?.reveal(),
    ]);
    return { config, keys, discovers: config.discovery.enabled, notices: notices.map(formatProblem) };
  };

  it('without a file, two variables are enough to watch one environment with its key', async () => {
    const { config, keys, discovers, notices } = await loaded('ENVIRONMENT_ID=env_1 ENVIRONMENT_KEY=sk-ant-oat01-x');
    expect({ keys, discovers, notices }).toEqual({
      keys: [['env_1', 'sk-ant-oat01-x']],
      discovers: false,
      notices: [],
    });
    expect(config).toMatchObject({ origin: 'environment variables', files: [] });
    expect(config.environments[0]!.environmentKey!.source).toBe('environment variable ANTHROPIC_ENVIRONMENT_KEY');
  });

  it('several environments with keys in the same order, an API key, an address and a workspace', async () => {
    const others = 'API_KEY=k BASE_URL=http://127.0.0.1:9878/ WORKSPACE_ID=wrkspc_1';
    const { config, keys } = await loaded(`ENVIRONMENT_ID=a,b ENVIRONMENT_KEY=ka,kb ${others}`);
    expect(keys.map(String)).toEqual(['a,ka', 'b,kb']);
    expect(config.connections).toMatchObject([{ baseUrl: 'http://127.0.0.1:9878', workspaceId: 'wrkspc_1' }]);
  });

  it.each([
    ['API_KEY=k ENVIRONMENT_ID=', true, /discovers cannot be read.*; in a configuration file, set/],
    [
      'API_KEY=k ENVIRONMENT_ID=a',
      false,
      /^ANTHROPIC_ENVIRONMENT_ID: list of a cannot be .*; set ANTHROPIC_ENVIRONMENT_KEY/,
    ],
    [
      'API_KEY=k ENVIRONMENT_ID=a ENVIRONMENT_KEY=e',
      false,
      /^ANTHROPIC_API_KEY: is set beside ANTHROPIC_ENVIRONMENT_KEY/,
    ],
  ])('an API key without ids turns discovery on, and what it lacks is said: %s', async (text, isOn, notice) => {
    const { discovers, notices } = await loaded(text);
    expect({ discovers, notices }).toEqual({ discovers: isOn, notices: [expect.stringMatching(notice)] });
  });

  it('nothing at all: the three shortest ways to start', async () => {
    const [problem, ...more] = await problemsOfEnv({});
    expect(more).toEqual([]);
    expect(problem).toMatch(
      /^there is nothing to watch.* 1\. export ANTHROPIC_ENVIRONMENT_ID=.* 2\. export ANTHROPIC_API_KEY=.* 3\. anthropic-work-exporter demo/,
    );
  });

  it.each([
    ['ENVIRONMENT_ID=a,b ENVIRONMENT_KEY=k', 'ENVIRONMENT_KEY: has 1 key for 2 environments'],
    ['ENVIRONMENT_KEY=k', 'ENVIRONMENT_KEY: has 1 key for 0', 'ENVIRONMENT_ID: must be an environment id'],
    ['ENVIRONMENT_ID=a', 'nothing can be read for a: there is no key; set ANTHROPIC_API_KEY or'],
    ['ENVIRONMENT_ID=a, API_KEY=k', 'ENVIRONMENT_ID: must be an environment id'],
    ['ENVIRONMENT_ID=a,b ENVIRONMENT_KEY=k,', 'ENVIRONMENT_KEY: the environment key is empty'],
    ['ENVIRONMENT_ID=a,a API_KEY=k', 'ENVIRONMENT_ID: environment a is listed twice'],
    ['API_KEY=k BASE_URL=ftp://x', 'BASE_URL: must be an http or https URL'],
    ['API_KEY=sk-ant-oat01-x', 'API_KEY: the API key looks like an environment key'],
    ['ENVIRONMENT_ID=a ENVIRONMENT_KEY=sk-ant-api03-x', 'the environment key looks like an API key'],
    ['WORK_EXPORTER_CONFG=/a.yaml', 'nothing to watch', 'did you mean ANTHROPIC_WORK_EXPORTER_CONFIG?'],
    ['WORK_EXPORTER_PORT_80_TCP=x AUTH_TOKEN=k', 'nothing to watch'],
  ])('refuses %s', async (text, ...expected) => {
    expect(await problemsOfEnv(envOf(text))).toEqual(expected.map((words) => expect.stringContaining(words)));
  });
});
