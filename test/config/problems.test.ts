import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { CONFIG_PATH, configOf, MINIMAL, memoryFiles, problemsOf, systemError } from './support.ts';

const lines = (count: number, line: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => line(n)).join('\n');
const one = (option: string) => `api: {api_key: k}\nenvironments: [{id: e, environment_key: e, ${option}}]`;

/** A file, and what its problems begin with and have in them: `PLACE: OPTION: … words`. */
const FILES: readonly (readonly [yaml: string, ...problems: string[]])[] = [
  // Names.
  ['api: {token: k}', '1:7: api.token: … known here: provider, base_url, api_key'],
  [`${MINIMAL}poll: {stats_intervall: 15s}`, '4:8: poll.stats_intervall: … did you mean stats_interval?'],
  [`${MINIMAL}log_level: info`, '4:1: log_level: … did you mean log.level?'],
  [`${MINIMAL}stats_interval: 15s`, '4:1: stats_interval: … did you mean poll.stats_interval?'],
  [`${MINIMAL}queue_age: {}`, '4:1: queue_age: … did you mean thresholds.queue_age.warning?'],
  [`${MINIMAL}__proto__: {a: 1}`, '4:1: __proto__: is not an option'],
  ['connections: {"a b": {api_key: k}}', '1:15: connections.a b: is no name here'],
  // Values: what belongs there, and never what is there.
  [
    `${MINIMAL}poll: {stats_interval: 4s, list_interval: 30}`,
    '4:24: poll.stats_interval: … a duration of at least 5s',
    '4:43: poll.list_interval: … with a unit',
  ],
  [
    `${MINIMAL}scaling: {items_per_worker: 0, max_workers: -1}`,
    '4:29: scaling.items_per_worker: … from 1 to 1000000',
    '4:45: scaling.max_workers: … or never',
  ],
  [`${MINIMAL}exemplars: yes`, '4:12: exemplars: … true or false'],
  [`${MINIMAL}log: {level: loud}`, '4:14: log.level: … one of debug, info, warn, error'],
  [`${MINIMAL}poll: 5\nserver: []`, '4:7: poll: … a map of options', '5:9: server: … a map of options'],
  [`${MINIMAL}metadata: {keys: [a, a]}`, '4:18: metadata.keys: … each once'],
  [`${MINIMAL}log:\n  level:\n`, '5:3: log.level: … one of'],
  ...['256.1.1.1:1', 'localhost', '::1:9877', 'a:99999'].map(
    (listen) => [`${MINIMAL}server: {listen: "${listen}"}`, '4:18: server.listen: … HOST:PORT'] as const,
  ),
  ...['stats', '..', 'a/b', '%70oll', 'x'.repeat(129)].map(
    (id) =>
      [`environments: [{id: "${id}", environment_key: e}]`, '1:21: environments[0].id: … environment id'] as const,
  ),
  [
    one('labels: {Owner: x, tier: 1}'),
    '2:53: environments[0].labels.Owner: is no name here',
    '2:69: environments[0].labels.tier: … a number in quotes',
  ],
  [one('name: "x\\u202ey"'), '2:50: environments[0].name: … control characters'],
  [one('expires: 2027-02-29'), '2:53: environments[0].expires: … a date'],
  [
    'environments: [{name: env_1, environment_key: k}, 5]',
    '1:16: environments[0].id: … an environment id',
    '1:51: environments[1]: … a map of options',
  ],
  // What belongs together.
  [`${MINIMAL}thresholds: {queue_age: {warning: 20m}}`, '4:35: thresholds.queue_age.warning: … is above'],
  [`${MINIMAL}poll: {stats_interval: 30s, max_stats_interval: 20s}`, '4:49: poll.max_stats_interval: … is above'],
  [`${MINIMAL}scaling: {min_workers: 5, max_workers: 3}`, '4:40: scaling.max_workers: … is above'],
  [one('thresholds: {queue_age: {critical: 1m}}'), '2:79: environments[0].thresholds.queue_age.critical: … is above'],
  [
    'environments: [{id: a, environment_key: e}, {id: a, environment_key: f}]',
    '1:50: environments[1].id: … is listed twice (first on line 1)',
  ],
  [
    'environments: [{id: a, environment_key: e, connection: defualt}]',
    '1:56: environments[0].connection: … did you mean default?',
  ],
  ['environments: [{id: env_1}]', '1:21: environments[0].id: nothing can be read for env_1'],
  ['api: {api_key: k}', '1:1: environments: there is nothing to watch'],
  [
    'api: {api_key: k}\nconnections: {default: {api_key: k}}\nenvironments: [{id: e, environment_key: e}]',
    '1:1: api: … both set',
  ],
  ['api: {api_key: a, api_key_file: b}\nenvironments: [{id: e}]', '1:33: api.api_key_file: … both set'],
  [
    'api: {api_key_file: missing, expires: 2027-05-01}\nenvironments: [{id: e}]',
    '1:21: api.api_key_file: file /etc/exporter/missing does not exist',
  ],
  [
    'api: {api_key: k, requests_per_minute: 1}\nenvironments: [{id: e, environment_key: e}]',
    '1:40: api.requests_per_minute: … needed even at the maximum intervals',
  ],
  // What is no YAML, and what YAML allows and a configuration does not.
  ['a:\n\t- b', '2:1: the file is no YAML here'],
  ['a: 1\n---\nb: 2', '2:1: … multiple docs'],
  ['a: *nope', '1:4: … an anchor that does not exist'],
  ['a: &x [*x]', '1:8: … an anchor'],
  ['api: {<<: 5, api_key: k}', '1:1: … a merge of what is no map'],
  ['? {a: 1}\n: b\n', '1:3: … non string key'],
  ['api: {api_key: !vault x}', '1:16: … tag'],
  ['', '1:1: environments: there is nothing to watch'],
  ['- a', '1:1: … not a map of options'],
  ['a: {b: 1, b: 2}\na: {}', '1:11: b: is listed twice', '2:1: a: is listed twice'],
  [`${MINIMAL}log: {level: \${L}}`, '4:15: … needs quotes'],
];

describe('a file is refused with place, option and what belongs there', () => {
  it.each(FILES.map(([yaml, ...expected]) => ({ yaml, expected })))('$yaml', async ({ yaml, expected }) => {
    const problems = await problemsOf(yaml);
    expect(problems).toHaveLength(expected.length);
    for (const [index, problem] of problems.entries()) {
      const [begin, words = ''] = expected[index]!.split('… ') as [string, string?];
      expect([problem.slice(0, begin.length), problem]).toEqual([begin, expect.stringContaining(words)]);
    }
  });

  it('all problems of its options come at once, in the order of the file, and then those of what it names', async () => {
    const yaml = 'api: {api_key_file: missing, token: x}\nlog: {level: loud}\nenvironments: [{id: e, connection: x}]';
    expect((await problemsOf(yaml)).map((problem) => problem.split(': ')[1])).toEqual(['api.token', 'log.level']);
    const mended = yaml.replace(', token: x', '').replace('loud', 'warn');
    expect((await problemsOf(mended)).map((problem) => problem.split(': ')[1])).toEqual([
      'api.api_key_file',
      'environments[0].connection',
    ]);
  });

  it.each([
    [`${MINIMAL}${lines(20_000, (n) => `unknown_${n}: 1`)}`, 'unknown_0'],
    [`${MINIMAL}${lines(20_000, () => 'log: {}')}`, 'log'],
    [`environments:\n${lines(1000, (n) => `  - {id: e${n}, environment_key: k, connection: none${n}}`)}`, 'connection'],
  ])(
    'of thousands, the first hundred are told, and how many more there are: %#',
    { timeout: 60_000 },
    async (yaml, first) => {
      const problems = await problemsOf(yaml);
      expect(problems).toHaveLength(101);
      expect(problems[0]).toContain(first);
      expect(problems.at(-1)).toMatch(/\d{3,5} more problems/);
    },
  );

  it('a few lines that stand for a billion values are refused', async () => {
    const list = lines(9, (n) => `b${n}: &a${n + 1} [${Array(9).fill(`*a${n}`).join(', ')}]`);
    expect((await problemsOf(`a: &a0 [x]\n${list}`)).join()).toContain('aliases');
  });

  it('a file that cannot be read is told, and watched', async () => {
    const files = memoryFiles({ '/c.yaml': systemError('EACCES') });
    const result = await loadConfig({ path: '/c.yaml', env: {}, files });
    expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([
      expect.stringContaining('/c.yaml: the configuration file may not be read by this user'),
    ]);
    expect(result).toMatchObject({ ok: false, files: ['/c.yaml'] });
  });

  it.each([
    [Buffer.from('a: b', 'utf16le'), 'NUL'],
    [Buffer.from('a: café', 'latin1'), 'UTF-8'],
    [Buffer.from('# x\renvironments: []\r'), 'CR without LF'],
    [Buffer.alloc(4 * 1024 * 1024 + 1, 'x'), '4096 KiB'],
  ])('a file that is no text: %#', async (bytes, words) => {
    const files = { readFile: () => bytes, readdir: () => [] };
    const loaded = await loadConfig({ path: CONFIG_PATH, env: {}, files });
    expect(loaded.ok ? '' : loaded.problems.map(formatProblem).join()).toContain(words);
  });

  it('UTF-8 is taken with a mark, and with line ends of Windows', async () => {
    expect(await problemsOf(`\ufeff${MINIMAL.replaceAll('\n', '\r\n')}`)).toEqual([]);
  });
});

it.each(['poll: *often', '<<: *owned', 'poll: {<<: *often, list_interval: 40s}'])(
  'an anchor is used by hundreds: %s',
  async (use) => {
    const config = await configOf(
      `api: {requests_per_minute: 100000}\npoll: &often {stats_interval: 20s}\nenvironments:\n  - &owned {id: first, environment_key: k}\n${lines(300, (n) => `  - {${use}, id: env_${n}, environment_key: k}`)}`,
    );
    const { environment } = config.environments.at(-1)!;
    expect(environment).toMatchObject({ id: 'env_299', poll: { statsIntervalMs: 20_000 } });
  },
);
