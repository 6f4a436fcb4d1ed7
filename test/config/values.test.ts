import { describe, expect, it } from 'vitest';
import { NO_WEB_SECURITY } from '../../src/domain/web-security.ts';
import { configOf, MINIMAL, problemsOf } from './support.ts';

const INFINITE = Number.POSITIVE_INFINITY;

describe('values of a file', () => {
  it('fills every default of the contract', async () => {
    const config = await configOf(MINIMAL);
    expect(config.connections).toMatchObject([
      {
        name: 'default',
        provider: 'anthropic',
        baseUrl: 'https://api.anthropic.com',
        requestsPerMinute: 240,
        maxConcurrentRequests: 32,
        timeoutMs: 10_000,
        maxResponseBytes: 4_194_304,
        workspaceId: null,
        ca: null,
      },
    ]);
    expect(config.environments[0]!.environment).toEqual({
      id: 'env_1',
      name: 'env_1',
      connection: 'default',
      workspaceId: null,
      source: 'config',
      labels: {},
      poll: {
        statsIntervalMs: 15_000,
        listIntervalMs: 30_000,
        maxStatsIntervalMs: 60_000,
        maxListIntervalMs: 300_000,
        fullListIntervalMs: 300_000,
        maxListPages: 1000,
        staleAfterMs: 90_000,
        singleReads: 'auto',
      },
      sessions: { enabled: true, afterMs: 600_000, intervalMs: 120_000, maxItems: 50 },
      thresholds: {
        queueAgeSeconds: { warning: 300, critical: 900 },
        queueDepth: { warning: 100, critical: INFINITE },
        staleHeartbeatSeconds: 120,
        staleHeartbeatItems: { warning: 1, critical: INFINITE },
        stateAgeSeconds: { starting: 180, active: 86_400, stopping: 240 },
        sessionWaitSeconds: 1800,
        redeliveries: 3,
        minWorkers: 0,
      },
      slo: { queueWaitTargetSeconds: 300, objectiveRatio: 0.99 },
      scaling: { itemsPerWorker: 1, minWorkers: 0, maxWorkers: INFINITE },
      metadata: { keys: [], maxValues: 20 },
      exemplars: false,
    });
    expect(config.server).toEqual({
      host: '0.0.0.0',
      port: 9877,
      hosts: [],
      web: NO_WEB_SECURITY,
      lifecycle: 'loopback',
      dashboardBaseUrl: null,
      itemIds: true,
    });
    expect(config.log).toEqual({ level: 'info', format: 'json', formatGiven: false });
    expect(config.stateFile).toBeNull();
    expect(config.discovery).toMatchObject({
      enabled: false,
      intervalMs: 300_000,
      include: ['*'],
      maxEnvironments: 500,
    });
    expect(config.origin).toBe('file /etc/exporter/config.yaml');
  });

  it.each([
    ['a longer warning age', 'thresholds: {queue_age: {warning: 2h, critical: never}}', 7200],
    ['a shorter one', 'thresholds: {queue_age: {warning: 1m}}', 300],
    ['no warning at all', 'thresholds: {queue_age: {warning: never, critical: never}}', INFINITE],
    [
      'its own number',
      'thresholds: {queue_age: {warning: 2h, critical: never}}\n    slo: {queue_wait_target: 10m}',
      600,
    ],
  ])('promises a wait that fits an environment with %s', async (_what, settings, seconds) => {
    const config = await configOf(`
api: {api_key: k}
environments:
  - id: env_1
    environment_key: e
    ${settings}
`);
    expect(config.environments[0]!.environment.slo.queueWaitTargetSeconds).toBe(seconds);
  });

  it.each([
    ['no thresholds of its own', '{}', 100],
    ['a longer age', '{queue_age: {warning: 2h, critical: never}}', 2400],
    ['a little longer one', '{queue_age: {warning: 6m}}', 120],
    ['a shorter one', '{queue_age: {warning: 1m}}', 100],
    ['a critical age alone', '{queue_age: {warning: never, critical: 15m}}', 300],
    ['no age', '{queue_age: {warning: never, critical: never}}', 100],
    ['a longer age and its own number', '{queue_age: {warning: 2h, critical: never}, queue_depth: {warning: 7}}', 7],
    ['a critical number below that', '{queue_depth: {critical: 60}}', 60],
  ])('lets as much work wait as fits an environment with %s', async (_what, thresholds, warning) => {
    const config = await configOf(`
api: {api_key: k}
environments:
  - id: env_1
    environment_key: e
    thresholds: ${thresholds}
`);
    expect(config.environments[0]!.environment.thresholds.queueDepth.warning).toBe(warning);
  });

  it('overrides leaf by leaf: environment, then file, then default', async () => {
    const config = await configOf(`
api: {api_key: k}
poll: {stats_interval: 20s}
thresholds: {queue_age: {warning: 4m}, queue_depth: {warning: 7}}
environments:
  - id: env_1
    environment_key: e
    poll: {list_interval: 40s}
    thresholds: {queue_age: {critical: never}}
    exemplars: true
  - {id: env_2, environment_key: e}
`);
    const [first, second] = config.environments.map(({ environment }) => environment);
    expect(first!.poll).toMatchObject({ statsIntervalMs: 20_000, listIntervalMs: 40_000 });
    expect(first!.thresholds.queueAgeSeconds).toEqual({ warning: 240, critical: INFINITE });
    expect(first!.thresholds.queueDepth.warning).toBe(7);
    expect(first!.exemplars).toBe(true);
    expect(second!.poll.listIntervalMs).toBe(30_000);
    expect(second!.thresholds.queueAgeSeconds).toEqual({ warning: 240, critical: 900 });
    expect(config.discovery.defaults.poll.statsIntervalMs).toBe(20_000);
  });

  it('takes never and .inf for no limit', async () => {
    const config = await configOf(
      `${MINIMAL}thresholds: {queue_age: {warning: .inf, critical: never}, queue_depth: {warning: .inf}}`,
    );
    const { queueAgeSeconds, queueDepth } = config.environments[0]!.environment.thresholds;
    expect([queueAgeSeconds.warning, queueAgeSeconds.critical, queueDepth.warning]).toEqual([
      INFINITE,
      INFINITE,
      INFINITE,
    ]);
  });

  it('takes a page without a warning', async () => {
    const config = await configOf(`${MINIMAL}thresholds: {queue_depth: {warning: never, critical: 500}}`);
    expect(config.environments[0]!.environment.thresholds.queueDepth).toEqual({ warning: INFINITE, critical: 500 });
  });

  it('follows anchors, aliases and merge keys', async () => {
    const config = await configOf(`
api: {api_key: k}
environments:
  - &first {id: env_1, environment_key: e, poll: &p {stats_interval: 25s}}
  - {<<: *first, id: env_2, name: b}
  - {id: env_3, environment_key: e, poll: *p}
`);
    expect(config.environments.map(({ environment }) => environment.poll.statsIntervalMs)).toEqual([
      25_000, 25_000, 25_000,
    ]);
  });

  it('lets a default maximum give way to a longer interval', async () => {
    const config = await configOf(`${MINIMAL}poll: {stats_interval: 2m, list_interval: 10m}`);
    expect(config.environments[0]!.environment.poll).toMatchObject({
      maxStatsIntervalMs: 120_000,
      maxListIntervalMs: 600_000,
      fullListIntervalMs: 600_000,
    });
  });

  it.each([
    ['127.0.0.1:80', '127.0.0.1', 80],
    ['":9877"', '0.0.0.0', 9877],
    ['"[::1]:9877"', '::1', 9877],
    ['localhost:0', 'localhost', 0],
  ])('listens on %s', async (listen, host, port) => {
    expect((await configOf(`${MINIMAL}server: {listen: ${listen}}`)).server).toMatchObject({ host, port });
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
    ['state_file: ""', 'state_file: must be the path of a file, not an empty text'],
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
});
