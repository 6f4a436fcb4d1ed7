import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { OPTIONS } from '../../src/config/option-tree.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { CONFIG_PATH, configOf, MINIMAL, memoryFiles, problemsOf, systemError } from './support.ts';

const lines = (count: number, line: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => line(n)).join('\n');
const one = (option: string) => `api: {api_key: k}\nenvironments: [{id: e, environment_key: e, ${option}}]`;

/** A file, and the beginning of each problem: place, option, and words that it has. */
const FILES: readonly (readonly [
  yaml: string,
  ...problems: readonly [place: string, option: string, words: string][],
])[] = [
  // Names.
  ['api: {token: k}', ['1:7', 'api.token', 'did you mean api_key?']],
  ['environments: [{id: e, token: k}]', ['1:24', 'environments[0].token', 'did you mean environment_key?']],
  [`${MINIMAL}poll: {stats_intervall: 15s}`, ['4:8', 'poll.stats_intervall', 'did you mean stats_interval?']],
  [`${MINIMAL}poll: {interval: 15s}`, ['4:8', 'poll.interval', 'did you mean stats_interval?']],
  [`${MINIMAL}log_level: info`, ['4:1', 'log_level', 'did you mean log.level?']],
  [`${MINIMAL}stats_interval: 15s`, ['4:1', 'stats_interval', 'did you mean poll.stats_interval?']],
  [`${MINIMAL}port: 1`, ['4:1', 'port', 'did you mean server.listen?']],
  [`${MINIMAL}nothing_like_it: 1`, ['4:1', 'nothing_like_it', 'known here: connections, api']],
  [`${MINIMAL}__proto__: {a: 1}`, ['4:1', '__proto__', 'is not an option']],
  ['connections: {"a b": {api_key: k}}', ['1:15', 'connections.a b', 'is no name here']],
  // Values: what belongs there, and never what is there.
  [
    `${MINIMAL}poll: {stats_interval: 4s, list_interval: 30}`,
    ['4:24', 'poll.stats_interval', 'a duration of at least 5s'],
    ['4:43', 'poll.list_interval', 'with a unit'],
  ],
  [`${MINIMAL}poll: {stats_interval: never}`, ['4:24', 'poll.stats_interval', 'a duration']],
  [
    `${MINIMAL}scaling: {items_per_worker: 0, max_workers: -1}`,
    ['4:29', 'scaling.items_per_worker', 'from 1 to 1000000'],
    ['4:45', 'scaling.max_workers', 'or never'],
  ],
  [`${MINIMAL}slo: {objective: 1}`, ['4:18', 'slo.objective', 'a number from 0.95 to 0.9999']],
  [`${MINIMAL}exemplars: yes`, ['4:12', 'exemplars', 'true or false']],
  [`${MINIMAL}log: {level: loud}`, ['4:14', 'log.level', 'one of debug, info, warn, error']],
  [`${MINIMAL}poll: 5\nserver: []`, ['4:7', 'poll', 'a map of options'], ['5:9', 'server', 'a map of options']],
  ['api: {api_key: k}\nenvironments: {id: x}', ['2:15', 'environments', 'a list']],
  [`${MINIMAL}metadata: {keys: [a, a]}`, ['4:18', 'metadata.keys', 'each once']],
  [`${MINIMAL}state_file: ""`, ['4:13', 'state_file', 'a path']],
  [`${MINIMAL}log:\n  level:\n`, ['5:3', 'log.level', 'one of']],
  ...['256.1.1.1:1', '9877', 'localhost', '::1:9877', 'a:99999', 'a b:1'].map(
    (listen) =>
      [
        `${MINIMAL}server: {listen: "${listen}"}`,
        ['4:18', 'server.listen', 'HOST:PORT'] as [string, string, string],
      ] as const,
  ),
  ...['poll', 'stats', '..', 'a/b', '%70oll', 'a b', 'x'.repeat(129)].map(
    (id) =>
      [
        `environments: [{id: "${id}", environment_key: e}]`,
        ['1:21', 'environments[0].id', 'an environment id'] as [string, string, string],
      ] as const,
  ),
  [
    one('labels: {Owner: x, tier: 1}'),
    ['2:53', 'environments[0].labels.Owner', 'is no name here'],
    ['2:69', 'environments[0].labels.tier', 'a number in quotes'],
  ],
  [one('name: "x\\u202ey"'), ['2:50', 'environments[0].name', 'control characters']],
  [one('expires: 2027-02-29'), ['2:53', 'environments[0].expires', 'a date']],
  [
    'environments: [{name: env_1, environment_key: k}, 5]',
    ['1:16', 'environments[0].id', 'an environment id'],
    ['1:51', 'environments[1]', 'a map of options'],
  ],
  // What belongs together.
  [
    `${MINIMAL}thresholds: {queue_age: {warning: 20m}}`,
    ['4:35', 'thresholds.queue_age.warning', 'warning is 20m, above thresholds.queue_age.critical, which is 15m'],
  ],
  [
    `${MINIMAL}poll: {stats_interval: 30s, max_stats_interval: 20s}`,
    ['4:49', 'poll.max_stats_interval', 'above poll.max_stats_interval, which is 20s'],
  ],
  [`${MINIMAL}scaling: {min_workers: 5, max_workers: 3}`, ['4:40', 'scaling.max_workers', 'min_workers is 5']],
  [
    one('thresholds: {queue_age: {critical: 1m}}'),
    [
      '2:79',
      'environments[0].thresholds.queue_age.critical',
      'warning is 5m, above thresholds.queue_age.critical, which is 1m',
    ],
  ],
  [
    'environments: [{id: a, environment_key: e}, {id: a, environment_key: f}]',
    ['1:50', 'environments[1].id', 'is listed twice (first on line 1)'],
  ],
  [
    'environments: [{id: a, environment_key: e, connection: defualt}]',
    ['1:56', 'environments[0].connection', 'did you mean default?'],
  ],
  ['environments: [{id: env_1}]', ['1:21', 'environments[0].id', 'nothing can be read for env_1']],
  ['api: {api_key: k}', ['1:1', 'environments', 'there is nothing to watch']],
  [
    'api: {api_key: k}\nconnections: {default: {api_key: k}}\nenvironments: [{id: e, environment_key: e}]',
    ['1:1', 'api', 'both set'],
  ],
  ['api: {api_key: a, api_key_file: b}\nenvironments: [{id: e}]', ['1:33', 'api.api_key_file', 'both set']],
  [
    'api: {api_key_file: missing, expires: 2027-05-01}\nenvironments: [{id: e}]',
    ['1:21', 'api.api_key_file', 'file /etc/exporter/missing does not exist'],
  ],
  ['api: {expires: 2027-05-01}\nenvironments: [{id: e, environment_key: e}]', ['1:7', 'api.expires', 'could expire']],
  [
    'api: {api_key: k, requests_per_minute: 1}\nenvironments: [{id: e, environment_key: e}]',
    ['1:40', 'api.requests_per_minute', 'needed even at the maximum intervals'],
  ],
  [
    one(`labels: {${lines(11, (n) => `l${n}: x`).replaceAll('\n', ', ')}}`),
    ['2:52', 'environments[0].labels', 'more than 10 different label keys'],
  ],
  // What is no YAML, and what YAML allows and a configuration does not.
  ['a: b: c', ['1:4', '', 'is no YAML here']],
  ['a:\n\t- b', ['2:1', '', 'is no YAML here']],
  ['a: @b', ['1:4', '', 'is no YAML here']],
  ['a: 1\n---\nb: 2', ['2:1', '', 'multiple docs']],
  ['a: *nope', ['1:4', '', 'an anchor that does not exist']],
  ['a: &x [*x]', ['1:1', '', 'aliases']],
  ['api: {<<: 5, api_key: k}', ['1:11', '', 'a merge of what is no map']],
  ['? {a: 1}\n: b\n', ['1:3', '', 'the name of an option']],
  ['poll: !!set {stats_interval: null}', ['1:7', '', 'tag']],
  ['api: {api_key: !vault x}', ['1:16', '', 'tag']],
  ['', ['1:1', '', 'empty']],
  ['- a', ['1:1', '', 'not a map of options']],
  [
    'log: {level: info, level: debug}\napi: {api_key: k}\nenvironments: [{id: e}]',
    ['1:20', 'level', 'is listed twice'],
  ],
  [`${MINIMAL}log: {level: \${L}}`, ['4:15', '', 'needs quotes']],
];

describe('a file is refused with place, option and what belongs there', () => {
  it.each(FILES.map(([yaml, ...expected]) => ({ yaml, expected })))('$yaml', async ({ yaml, expected }) => {
    const problems = await problemsOf(yaml);
    expect(problems.map((problem) => /^\d+:\d+/.exec(problem)?.[0])).toEqual(expected.map(([place]) => place));
    for (const [index, [, option, words]] of expected.entries()) {
      expect(problems[index]).toContain(option === '' ? ': ' : `: ${option}: `);
      expect(problems[index]).toContain(words);
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

  it.each([
    ['ENOENT', 'does not exist'],
    ['EACCES', 'may not be read by this user'],
    ['EISDIR', 'is a directory'],
    ['EIO', 'cannot be read (EIO)'],
  ])('a file that cannot be read: %s', async (code, words) => {
    const result = await loadConfig({ path: '/c.yaml', env: {}, files: memoryFiles({ '/c.yaml': systemError(code) }) });
    expect(result.ok ? '' : result.problems.map(formatProblem).join()).toContain(
      `/c.yaml: the configuration file ${words}`,
    );
    expect(result.ok ? [] : result.files).toEqual(['/c.yaml']);
  });

  it.each([
    [Buffer.from('a: b', 'utf16le'), 'NUL'],
    [Buffer.from('a: café', 'latin1'), 'UTF-8'],
    [Buffer.from('# x\renvironments: []\r'), 'CR without LF'],
    [Buffer.alloc(4 * 1024 * 1024 + 1, 'x'), '4 MiB'],
  ])('a file that is no text: %#', async (bytes, words) => {
    const files = { readFile: () => bytes, readdir: () => [] };
    const loaded = await loadConfig({ path: CONFIG_PATH, env: {}, files });
    expect(loaded.ok ? '' : loaded.problems.map(formatProblem).join()).toContain(words);
  });

  it('UTF-8 is taken with a mark, and with line ends of Windows', async () => {
    expect(await problemsOf(`\ufeff${MINIMAL.replaceAll('\n', '\r\n')}`)).toEqual([]);
  });
});

describe('anchors, aliases and merges', () => {
  it.each(['poll: *often', '<<: *owned', 'poll: {<<: *often, list_interval: 40s}'])(
    '%s is used by hundreds',
    async (use) => {
      const config = await configOf(
        `api: {requests_per_minute: 100000}\npoll: &often {stats_interval: 20s}\nenvironments:\n  - &owned {id: first, environment_key: k}\n${lines(300, (n) => `  - {${use}, id: env_${n}, environment_key: k}`)}`,
      );
      expect(config.environments.at(-1)!.environment).toMatchObject({
        id: 'env_299',
        poll: { statsIntervalMs: 20_000 },
      });
    },
  );
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

  it.each([
    ['apiKey: KEY', 'unknown option'],
    ['KEY: 1', 'is a name that looks like a key'],
    ['api: KEY', 'seems to contain a key'],
    ['connections: {KEY: {api_key: k}}', 'is a name that looks like a key'],
    [`poll: {stats_interval: "\${NAME}"}`, 'seems to contain a key'],
    ['a: "KEY', 'is no YAML here'],
    ['- KEY', 'not a map of options'],
    ['? [KEY]\n: b', 'the name of an option'],
    ['a: *KEY', 'an anchor'],
    ['a: !KEY x', 'tag'],
    ['KEY: 1\nKEY: 2', 'is listed twice'],
  ])('%s is told and not shown', async (yaml, words) => {
    for (const key of KEYS) {
      const problems = (await problemsOf(yaml.replaceAll('KEY', key), { env: { NAME: key } })).join('\n');
      expect(problems).toContain(words);
      expect(problems).not.toContain(MIDDLE);
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

  it('is shown nowhere by any text of pieces, and each problem is printable', async () => {
    const key = `sk-ant-oat01-${MIDDLE}-abcdef`;
    const pieces =
      'environments:~\n~  ~- ~id: e~name: ~api: ~{~}~[~]~,~"~\'~&a ~*a~<<: ~!x ~|~>~#~---~?~: ~\t~poll:~stats_interval: ~5s~.inf~null~__proto__: ~\u202E~\ud800~\0~environment_key: ~log_level: ';
    const piece = fc.constantFrom(...pieces.split('~'), `\${X}`, key);
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (text) => {
        const files = memoryFiles({ [CONFIG_PATH]: text.join('') });
        const loaded = await loadConfig({ path: CONFIG_PATH, env: { X: key }, files });
        expect(JSON.stringify(loaded)).not.toContain(MIDDLE);
        for (const problem of loaded.ok ? [] : loaded.problems) {
          expect(formatProblem(problem)).toMatch(/^[^\p{Cc}\p{Bidi_Control}]+$/u);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('names and labels that only look long are taken', async () => {
    const labels = '{commit: "0123456789abcdef0123456789abcdef01234567", pod: 9b2f8d7e-3c41-4a5b-8c6d-1e2f3a4b5c6d}';
    expect(
      await problemsOf(`environments: [{id: env_011CSHoEeqs5C35K2UUqR7Fy, environment_key: k, labels: ${labels}}]`),
    ).toEqual([]);
  });
});
