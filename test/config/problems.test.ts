import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../src/config/file/problem.ts';
import { loadConfig } from '../../src/config/load/load-config.ts';
import { configOf, MINIMAL, memoryFiles, noticesOf, problemsOf, systemError } from './support.ts';

const lines = (count: number, line: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => line(n)).join('\n');

describe('of thousands of problems, the first hundred are told, and how many more there are', () => {
  // So many that comparing each with all others would take minutes.
  const MOST = 40_000;
  it.each([
    ['unknown keys', `${MINIMAL}${lines(MOST, (n) => `unknown_${n}: 1`)}`, 'unknown_0: unknown option "unknown_0"'],
    ['one key again and again', `${MINIMAL}${lines(MOST, () => 'log: {}')}`, 'log: is listed twice'],
    [
      'unknown keys of many maps',
      `${MINIMAL}connections:\n${lines(1000, (n) => `  c${n}: {prvider: anthropic}`)}`,
      'connections.c0.prvider: unknown option "prvider"; did you mean provider?',
    ],
    [
      'wrong labels',
      `environments:\n- id: e\n  environment_key: k\n  labels:\n${lines(1000, (n) => `    bad-${n}: a`)}`,
      'environments[0].labels.bad-0: must be a map',
    ],
    [
      'connections that do not exist',
      `environments:\n${lines(1000, (n) => `  - {id: e${n}, environment_key: k, connection: none${n}}`)}`,
      'connection: there is no connection "none0"',
    ],
  ])('%s', { timeout: 60_000 }, async (_, yaml, first) => {
    const problems = await problemsOf(yaml);
    expect(problems).toHaveLength(101);
    expect(problems.slice(0, 2).join('\n')).toContain(first);
    expect(problems.at(-1)).toMatch(/^ \d{3,5} more problems; mend those above first$/);
  });

  it.each([
    [100, 'unknown_99: unknown option'],
    [101, '1 more problem; mend those above first'],
    [102, '2 more problems; mend those above first'],
  ])('%i, of which the last line says: %s', async (count, last) => {
    const problems = await problemsOf(`${MINIMAL}${lines(count, (n) => `unknown_${n}: 1`)}`);
    expect(problems).toHaveLength(Math.min(count, 101));
    expect(problems.at(-1)).toContain(last);
  });
});

describe('problems of a file', () => {
  it('come all at once, in the order of the file, each with its place and a remedy', async () => {
    const problems = await problemsOf(`
api: {api_key_file: missing}
poll: {stats_intervall: 15s, list_interval: 30}
environments:
  - id: env_1
    labels: {tier: 1}
  - id: env_1
    environment_key: e
  - name: x
    environment_key: e
  - 5
  - {id: poll, environment_key: e}
  - {id: env_2, environment_key: e, connection: defualt}
log: {level: info, level: debug}
`);
    expect(problems).toEqual([
      '2:21: api.api_key_file: file /etc/exporter/missing does not exist; check the path and the mount',
      '3:8: poll.stats_intervall: unknown option "stats_intervall"; did you mean stats_interval?',
      '3:45: poll.list_interval: must be a duration of at least 10s, with a unit, not the number 30; for example 30s or 1m30s',
      expect.stringMatching(
        /^6:20: environments\[0\]\.labels\.tier: must be a map of label to text: .*numbers in quotes, not the number 1/,
      ),
      '7:9: environments[1].id: environment env_1 is listed twice (first on line 5): an id names its series and is unique in the whole process, whatever the connection; remove one of them',
      '9:5: environments[2].id: the environment has no id; add id: env_… from the Console',
      '11:5: environments[3]: must be a map of options, not the number 5; write `key: value` lines under it',
      expect.stringMatching(/^12:10: environments\[4\]\.id: must be an environment id: .* neither poll nor stats/),
      '13:49: environments[5].connection: there is no connection "defualt"; did you mean default?',
      '14:20: level: is listed twice; keep one of them',
    ]);
  });

  it('where a file is not there: the option that names it, and what a shell would replace in its path', async () => {
    const missing = await problemsOf(`${MINIMAL}server: {web_config_file: web.yml}\n`);
    expect(missing).toEqual([
      '4:27: server.web_config_file: file /etc/exporter/web.yml does not exist; check the path and the mount',
    ]);
    for (const path of ['~/key', '$HOME/key', 'keys/~']) {
      const [problem] = await problemsOf(`api: {api_key_file: ${path}}\nenvironments: [{id: env_1}]`);
      expect(problem).toMatch(/does not exist; write the whole path: ~ and variables in it are not expanded$/);
    }
    for (const path of ['file:///run/key', 'file:/run/key', 'https://vault.test/key', 'vault://prod/key']) {
      const [problem] = await problemsOf(`api: {api_key_file: "${path}"}\nenvironments: [{id: env_1}]`);
      expect(problem).toMatch(/does not exist; write the path alone, without file:\/\/ or anything like it before it$/);
    }
    for (const path of ['keys:a/b', 'a:/b', ':/b'])
      expect(await problemsOf(`api: {api_key_file: "${path}"}\nenvironments: [{id: env_1}]`)).toEqual([
        expect.stringMatching(/does not exist; check the path and the mount$/),
      ]);
    const [plain] = await problemsOf('api: {api_key_file: a~/b$}\nenvironments: [{id: env_1}]');
    expect(plain).toMatch(/does not exist; check the path and the mount$/);
  });

  it.each([
    ['n'.repeat(100), `"${'n'.repeat(60)}…"`],
    ['-'.repeat(50), `"${'-'.repeat(50)}"`],
    ['the-environment-of-the-agents-that-write-code', '"the-environment-of-the-agents-that-write-code"'],
    // What a random key may look like.
    ['q7'.repeat(4) + 'mzkdw3hxvb5tncy8'.repeat(2), '<not shown: looks like a key>'],
    ['abcdefghijklmnopqrstuvwxyzabcdefghijklmnop', '<not shown: looks like a key>'],
    ['0123456789abcdef0123456789abcdef01234567', '<not shown: looks like a key>'],
  ])('a long name is shown if it cannot be a key: %s', async (name, shown) => {
    const problems = await problemsOf(`api: {api_key: k}\n${name}: 1\nenvironments: [{id: e, environment_key: e}]`);
    expect(problems).toEqual([expect.stringContaining(`unknown option ${shown}`)]);
  });

  it.each(['poll', 'stats', '..', 'a/b', '%70oll', 'a b', 'x'.repeat(129)])('an id may not be %s', async (id) => {
    const problems = await problemsOf(`api: {api_key: k}\nenvironments: [{id: "${id}", environment_key: e}]`);
    expect(problems).toEqual([expect.stringMatching(/^2:21: environments\[0\]\.id: must be an environment id/)]);
  });

  it.each([
    ['a:\n\t- b', 'the file is indented with a tab'],
    ['a: b: c', 'the file has a nested key'],
    ['a: *nope', '1:4: the file names an anchor that does not exist'],
    [
      'a: [*]',
      '1:5: the file names an anchor that does not exist, or not before this line; define it above with &NAME, or put',
    ],
    ['a: {b: {{ key }}}', '1:8: the file has {{ here, as in a template that nothing was filled into'],
    ['a:\n  b: {{ .Values.key }}', '2:6: the file has {{ here, as in a template that nothing was filled into'],
    ['a: 1\n---\nb: 2', 'more than one YAML document'],
    ['', 'the file is empty; name at least one environment'],
    ['# nothing\n', 'the file is empty'],
    ['- a', 'is not a map of options'],
    ['just text', 'is not a map of options'],
    ['a: &x [*x]', 'aliases that contain themselves'],
  ])('broken YAML is a problem with its place: %#', async (yaml, problem) => {
    const problems = await problemsOf(yaml);
    expect(problems.join('\n')).toContain(problem);
    expect(problems.join('\n')).toMatch(/^\d+:\d+: /);
  });

  it.each([
    ['ENOENT', 'does not exist; check the path and the mount'],
    [
      'EACCES',
      'may not be read by this user; let the user that runs this program read it, and enter the directories above it',
    ],
    ['EISDIR', 'is a directory; name a file in it'],
    ['ENOTDIR', 'is not a directory; check the path'],
    ['ELOOP', 'is a symbolic link that leads to itself; let the link lead to a file'],
    ['EIO', 'cannot be read (EIO); check the path, the mount and its owner'],
  ])('a file that cannot be read: %s', async (code, words) => {
    const files = memoryFiles({ '/c.yaml': systemError(code) });
    const result = await loadConfig({ path: '/c.yaml', env: {}, files });
    expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([`/c.yaml: the configuration file ${words}`]);
  });

  it('a file that only a variable names, and standard input', async () => {
    const files = memoryFiles({});
    const problems = async (path: string | null, env = {}) => {
      const result = await loadConfig({ path, env, files });
      return result.ok ? [] : result.problems.map(({ what, remedy }) => `${what}; ${remedy}`);
    };
    expect(await problems(null, { ANTHROPIC_WORK_EXPORTER_CONFIG: '/none.yaml' })).toEqual([
      'the configuration file that ANTHROPIC_WORK_EXPORTER_CONFIG names does not exist; check the path and the mount',
    ]);
    expect(await problems('-')).toEqual([
      'the configuration file does not exist; standard input is not read: save the text to a file and name that',
    ]);
  });

  it('a file that is no configuration at all is not read to its end', async () => {
    expect(await problemsOf(`${MINIMAL}# ${'x'.repeat(4 * 1024 * 1024)}`)).toEqual([
      expect.stringContaining('longer than 4 MiB'),
    ]);
  });

  it('a file that names nothing to watch is a problem', async () => {
    expect(await problemsOf('api: {api_key: k}')).toEqual([
      expect.stringContaining('environments: there is nothing to watch'),
    ]);
  });

  it('api beside connections.default is a problem: both are the same connection', async () => {
    const problems = await problemsOf(
      'api: {api_key: k}\nconnections: {default: {api_key: k}}\nenvironments: [{id: e, environment_key: e}]',
    );
    expect(problems).toEqual(['1:1: api: api and connections.default are both set; keep one of them']);
  });

  it('true where a section belongs is told which option of it says that', async () => {
    expect(await problemsOf('api: {api_key: k}\ndiscovery: true\n')).toEqual([
      '2:12: discovery: must be a map of options, not the boolean true; write `enabled: true` under it',
    ]);
  });

  it('false is told the same, and a section without such an option is told nothing of it', async () => {
    const problems = await problemsOf('api: {api_key: k}\ndiscovery: false\npoll: true\n');
    expect(problems).toContainEqual(expect.stringContaining('the boolean false; write `enabled: false` under it'));
    expect(problems).toContainEqual(
      expect.stringMatching(/^3:7: poll: must be a map of options, not the boolean true/),
    );
    expect(problems.join()).not.toContain('`enabled: true`');
  });

  it('an id under the name of an option for names is told as that', async () => {
    expect(await problemsOf('environments: [{name: env_1, environment_key: k}]')).toEqual([
      '1:16: environments[0].id: the environment has no id; its name looks like one: write id: instead of name:',
    ]);
    expect(await problemsOf('environments: [{name: europe, environment_key: k}]')).toEqual([
      '1:16: environments[0].id: the environment has no id; add id: env_… from the Console',
    ]);
  });

  it('a list where a map belongs, and the other way round', async () => {
    expect(await problemsOf('api: [1]\nconnections: 5\nenvironments: {id: x}\n')).toEqual([
      expect.stringContaining('1:6: api: must be a map of options, not a list'),
      expect.stringContaining('2:14: connections: must be a map of options, not the number 5'),
      expect.stringContaining(
        '3:15: environments: must be a list, not a map; begin each entry with a dash and a space',
      ),
    ]);
  });

  it('empty sections are fine, an empty value is not', async () => {
    expect(await problemsOf(`${MINIMAL}poll:\nthresholds:\n  queue_age:\nlog:\n  level:\n`)).toEqual([
      '8:3: log.level: must be one of debug, info, warn, error, but it is empty; for example info',
    ]);
  });

  it.each([
    ['api:\n  api_key_file:key', '2:3: api: must be a map of options; put a space after the colon'],
    [
      'api:\n  api_key_file:\u00a0key',
      '2:3: api: must be a map of options; type the line again: what follows the colon',
    ],
  ])('a space that is missing, or only looks like one: %j', async (yaml, problem) => {
    expect(await problemsOf(`${yaml}\nenvironments: [{id: e, environment_key: e}]`)).toEqual([
      expect.stringContaining(problem),
    ]);
  });

  it('a connection name that could not be a label', async () => {
    expect(
      await problemsOf(
        `connections: {"a b": {api_key: k}}\nenvironments: [{id: e, environment_key: e, connection: x}]`,
      ),
    ).toContainEqual(expect.stringContaining('is not a name for a connection'));
  });

  it('two environments with one name are a notice', async () => {
    const yaml =
      'api: {api_key: k}\nenvironments: [{id: a, name: n, environment_key: e}, {id: b, name: n, environment_key: f}]';
    expect(await noticesOf(yaml)).toEqual([
      expect.stringContaining('environments[1].name: two environments have the name "n"'),
    ]);
  });

  it('a connection that nobody uses is a notice', async () => {
    const yaml =
      'connections: {default: {api_key: k}, spare: {api_key: k}}\nenvironments: [{id: a, environment_key: e}]';
    expect(await noticesOf(yaml)).toEqual([
      expect.stringContaining('connections.spare: no environment uses this connection'),
    ]);
  });

  it('a good file has no problems', async () => {
    expect((await configOf(MINIMAL)).environments).toHaveLength(1);
  });
});
