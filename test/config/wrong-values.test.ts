import { describe, expect, it } from 'vitest';
import { eachOption } from '../../src/config/file/option-tree.ts';
import { MINIMAL, problemsOf } from './support.ts';

describe('wrong values of a file', () => {
  it.each(['256.1.1.1:1', '1.2.3.4.5:1', '1.2.3.999:1', '0.0.0.256:9877'])('does not listen on %s', async (listen) => {
    expect(await problemsOf(`${MINIMAL}server: {listen: "${listen}"}`)).toEqual([
      '4:18: server.listen: has a host of numbers that is no IPv4 address: write four of them, each from 0 to 255; for example 0.0.0.0:9877',
    ]);
  });

  it.each(['9877', 'localhost', '"::1:9877"', 'a:99999', '"a b:1"'])('does not listen on %s', async (listen) => {
    expect(await problemsOf(`${MINIMAL}server: {listen: ${listen}}`)).toMatchObject(
      [/^4:18: server.listen: must be HOST:PORT/].map((re) => expect.stringMatching(re)),
    );
  });

  it.each([
    ['poll: {stats_interval: 4s}', 'poll.stats_interval: must be a duration of at least 5s'],
    ['poll: {list_interval: 9s}', 'poll.list_interval: must be a duration of at least 10s'],
    [
      'poll: {stats_interval: 30}',
      'poll.stats_interval: must be a duration of at least 5s, with a unit, not the number 30; for example 30s',
    ],
    ['poll: {stats_interval: never}', 'poll.stats_interval: must be a duration'],
    ['scaling: {items_per_worker: 0}', 'scaling.items_per_worker: must be a whole number from 1 to 1000000'],
    ['scaling: {max_workers: -1}', 'scaling.max_workers: must be a whole number from 0 to 1000000, or never'],
    ['slo: {objective: 0.94}', 'slo.objective: must be a number from 0.95 to 0.9999'],
    ['slo: {objective: 1}', 'slo.objective: must be a number from 0.95 to 0.9999'],
    ['exemplars: yes', 'exemplars: must be true or false'],
    ['poll: 5', 'poll: must be a map of options, not the number 5'],
    ['poll: {single_reads: false}', 'poll.single_reads: must be one of auto, off, not the boolean false'],
    ['log: {level: loud}', 'log.level: must be one of debug, info, warn, error'],
    ['thresholds: {min_workers: 1.5}', 'thresholds.min_workers: must be a whole number from 0'],
    [
      'thresholds: {queue_depth: {warning: "9"}}',
      'thresholds.queue_depth.warning: must be a whole number of at least 1, or never',
    ],
    ['metadata: {keys: [a, a]}', 'metadata.keys: names something twice'],
    [
      `metadata: {keys: [${Array.from({ length: 11 }, (_, index) => `k${index}`)}]}`,
      'metadata.keys: must be a list of at most 10 metadata keys, each once, not 11; for example [team]',
    ],
    [
      'state_file: ""',
      'must be the path of a file, not an empty text; for example /var/lib/anthropic-work-exporter/state',
    ],
    ['server: {web_config_file: ""}', 'must be the path of a file, not an empty text; for example web-config.yml'],
    [
      'connections: {b: {ca_file: ""}}',
      'must be the path of a file, not an empty text; for example /etc/ssl/proxy-ca.pem',
    ],
    [
      'discovery: {environment_keys_dir: ""}',
      'must be the path of a directory, not an empty text; for example /run/secrets/environment-keys',
    ],
    [
      'thresholds: {queue_age: {warning: 20m}}',
      'thresholds.queue_age.warning: warning is 20m, above critical, which is 15m',
    ],
    [
      'thresholds: {queue_depth: {warning: 9, critical: 3}}',
      'thresholds.queue_depth.critical: warning is 9, above critical, which is 3',
    ],
    [
      'poll: {stats_interval: 30s, max_stats_interval: 20s}',
      'poll.max_stats_interval: stats_interval is 30s, above max_stats_interval, which is 20s',
    ],
    [
      'poll: {full_list_interval: 20s}',
      'poll.full_list_interval: list_interval is 30s, above full_list_interval, which is 20s',
    ],
    [
      'scaling: {min_workers: 5, max_workers: 3}',
      'scaling.max_workers: min_workers is 5, above max_workers, which is 3',
    ],
    ['__proto__: {a: 1}', '__proto__: is not an option'],
  ])('refuses %s', async (line, problem) => {
    const problems = await problemsOf(`${MINIMAL}${line}`);
    expect(problems).toHaveLength(1);
    expect(problems[0]!.replace(/^4:\d+: /, '')).toContain(problem);
  });

  it.each([
    ['log: {level: warning}', 'did you mean warn?'],
    ['log: {level: WARN}', 'did you mean warn?'],
    ['log: {level: fatal}', 'did you mean error?'],
    ['log: {level: inof}', 'did you mean info?'],
    ['log: {level: loud}', 'for example info'],
    ['log: {format: logfmt}', 'did you mean text?'],
    ['connections: {b: {provider: Anthropic}}', 'did you mean anthropic?'],
    ['poll: {single_reads: true}', 'did you mean auto?'],
    ['sessions: {enabled: false}', 'did you mean off?'],
    ['exemplars: yes', 'write true'],
    ['exemplars: "false"', 'leave out the quotes'],
    ['poll: {max_list_pages: "12"}', 'leave out the quotes'],
    ['poll: {max_list_pages: "0"}', 'for example 1000'],
    ['poll: {stats_interval: 15 seconds}', 'write 15s'],
    ['poll: {stats_interval: 1.5min}', 'write 1m30s'],
    ['poll: {stats_interval: 1 sec}', 'for example 30s or 1m30s'],
    ['connections: {b: {timeout: 1 hour}}', 'for example 30s or 1m30s'],
    ['thresholds: {queue_age: 5m}', 'write lines under it for warning, critical'],
  ])('says of %s what was probably meant', async (line, remedy) => {
    const problems = await problemsOf(`${MINIMAL}${line}`);
    expect(problems.map((problem) => problem.split('; ').at(-1))).toEqual([remedy]);
  });

  it('judges an override where it stands, and once', async () => {
    const problems = await problemsOf(`
api: {api_key: k}
environments:
  - {id: env_1, environment_key: e}
  - {id: env_2, environment_key: e, thresholds: {queue_age: {critical: 1m}}}
`);
    expect(problems).toEqual([
      expect.stringContaining(
        '5:72: environments[1].thresholds.queue_age.critical: warning is 5m, above critical, which is 1m',
      ),
    ]);
  });

  it.each(['Owner', '1st', '__name__', 'a-b'])('refuses the label key %s', async (key) => {
    const problems = await problemsOf(
      `api: {api_key: k}\nenvironments: [{id: e, environment_key: e, labels: {${key}: x}}]`,
    );
    expect(problems).toEqual([
      expect.stringMatching(new RegExp(`^2:\\d+: environments\\[0\\].labels.${key}: must be a map of label to text`)),
    ]);
  });

  const unshown =
    'has a character that is not shown, such as a line break or one that changes the direction of writing; type it again, without that character';
  it.each([
    ['labels: {a: "x\\u202ey"}', `labels.a: ${unshown}`],
    ['labels: {a: "x\\ny"}', `labels.a: ${unshown}`],
    [`labels: {a: ${'x'.repeat(1025)}}`, 'labels.a: is longer than 1024 characters; shorten it'],
    ['name: "x\\u2066y"', `name: ${unshown}`],
    [`name: ${'n'.repeat(1025)}`, 'name: is longer than 1024 characters; shorten it'],
    ['name: ""', 'name: must be a name without control characters, not an empty text; for example prod'],
    ['labels: {a: 5}', /^labels\.a: must be a map of label to text.*, not the number 5; for example/],
  ])('says of %j what is wrong with the text', async (option, problem) => {
    const problems = await problemsOf(`api: {api_key: k}\nenvironments: [{id: e, environment_key: e, ${option}}]`);
    expect(problems).toHaveLength(1);
    const text = problems[0]!.replace(/^.*environments\[0\]\./, '');
    expect(text).toEqual(typeof problem === 'string' ? problem : expect.stringMatching(problem));
  });

  it('takes an empty label', async () => {
    const labels = 'labels: {a: ""}';
    expect(await problemsOf(`api: {api_key: k}\nenvironments: [{id: e, environment_key: e, ${labels}}]`)).toEqual([]);
  });

  it('takes at most ten label keys over all environments', async () => {
    const keys = (letter: string, count: number) =>
      Array.from({ length: count }, (_, i) => `${letter}${i}: x`).join(', ');
    const yaml = (second: number) => `
api: {api_key: k}
environments:
  - {id: a, environment_key: e, labels: {${keys('a', 6)}}}
  - {id: b, environment_key: e, labels: {a0: y, ${keys('b', second)}}}
`;
    expect(await problemsOf(yaml(4))).toEqual([]);
    expect(await problemsOf(yaml(5))).toEqual([
      expect.stringContaining('5:41: environments[1].labels: more than 10 different label keys'),
    ]);
  });

  it.each([
    [{ toString: 1 }],
    [[{ toString: 1 }]],
    [{ length: { toString: 1 } }],
    [[{ length: { toString: 1 } }]],
    ['__proto__'],
    ['constructor'],
    [[[]]],
  ])('answers %j in words, whichever option has it', async (value) => {
    const options: string[] = [];
    eachOption((option) => options.push(option));
    for (const option of options) {
      const steps = option.replaceAll('*', 'name').replaceAll('[]', '.0').split('.').toReversed();
      const tree = steps.reduce<unknown>((below, step) => (step === '0' ? [below] : { [step]: below }), value);
      const problems = await problemsOf(JSON.stringify(tree));
      expect(problems.join('\n')).not.toMatch(/undefined|\[object|function/);
    }
  });
});
