import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LivePrometheus } from '../support/prometheus.ts';
import { ACTS, type Act, at, playedWorld } from './played-world.ts';
import { asSent, boards, type Choice, QUERIES } from './queries.ts';

/** The boards over a real Prometheus, which has scraped two real exporters of a simulated world. */
let prometheus: LivePrometheus;
beforeAll(async () => {
  prometheus = await playedWorld();
});
afterAll(() => prometheus[Symbol.asyncDispose]());

const ALL_ACTS = Object.keys(ACTS) as Act[];
const ask = (where: string, act: Act | 'before', choice?: Choice) => {
  const query = QUERIES.get(where);
  if (query === undefined) throw new Error(`no query at ${where}`);
  return prometheus.query(asSent(query, choice), at(act));
};
const byName = async (where: string, act: Act, choice?: Choice) =>
  Object.fromEntries(
    (await ask(where, act, choice)).map(({ labels, value }) => [labels.environment_name ?? labels.connection, value]),
  );
const valuesOf = async (where: string, act: Act | 'before') => (await ask(where, act)).map(({ value }) => value);

/** When a query returns something, if that is not always: what is wrong is empty while nothing is. */
const ONLY: readonly (readonly [where: RegExp, acts: readonly Act[]])[] = [
  [/What is wrong now/, ['away', 'api down']],
  [/What was wrong, and when \/ A/, ['away', 'api down']],
  [/What was wrong, and when \/ B/, ['api down']],
  // The exporter is there.
  [/What was wrong, and when \/ C/, []],
  [/mark Critical/, ['away', 'api down']],
  [/\/ Burn/, ['away', 'api down']],
  // Held until, and what failed.
  [/Reads, failing ones first \/ E/, ['api down']],
  [/Failed requests/, ['api down']],
];

describe.each([...QUERIES.keys()])('%s', (where) => {
  it('returns something exactly when there is something', async () => {
    const expected = ONLY.find(([pattern]) => pattern.test(where))?.[1] ?? ALL_ACTS;
    const answered: Act[] = [];
    for (const act of ALL_ACTS) if ((await ask(where, act)).length > 0) answered.push(act);
    expect(answered).toEqual(expected);
  });

  it('returns nothing where nothing was ever scraped, as absence must not look like health', async () => {
    const saysSo = /What was wrong, and when \/ C|variable shown/.test(where);
    expect((await ask(where, 'before')).length > 0).toBe(saysSo);
  });

  it('shows the chosen environment, and no other', async () => {
    if (where.includes('variable')) return;
    for (const act of ALL_ACTS)
      for (const { labels } of await ask(where, act, { environment: 'env_batch' }))
        expect(labels.environment_name ?? 'batch').toBe('batch');
  });
});

describe('the status of an environment', () => {
  const status = 'overview / Environments, worst first / A';

  it.each<[Act, Record<string, number>]>([
    ['healthy', { prod: 0, staging: 0, batch: 0 }],
    ['away', { prod: 2, staging: 1, batch: 0 }],
    // Absent, and with it a dash or "not visible": what cannot be read is not well.
    ['api down', { batch: 0 }],
  ])('%s', async (act, expected) => {
    expect(await byName(status, act)).toEqual(expected);
  });

  it('every environment has its row, whatever can be read', async () => {
    const rows = boards[0]!.panels.find(({ title }) => title === 'Environments, worst first')!.targets!.at(-1)!;
    for (const act of ALL_ACTS)
      expect(Object.keys(await byName(`overview / Environments, worst first / ${rows.refId}`, act))).toHaveLength(3);
  });
});

it('what is wrong now has its subject, its severity and its beginning', async () => {
  const rows = async (act: Act) =>
    (await ask('overview / What is wrong now / A', act)).map(({ labels, value }) => ({
      ...labels,
      minute: (value - at('before') * 1000) / 60_000 - 1440,
    }));
  const prod = { environment_id: 'env_prod', environment_name: 'prod', severity: 'critical' };
  const [left] = (await rows('away')).filter(
    ({ minute: _, ...labels }) => 'condition' in labels && labels.condition === 'no_workers',
  );
  expect(left).toMatchObject({ ...prod, condition: 'no_workers' });
  expect(left!.minute).toBeGreaterThan(40);
  expect(left!.minute).toBeLessThan(46);
  expect(await rows('api down')).toContainEqual(
    expect.objectContaining({ connection: 'default', condition: 'api_unreachable', severity: 'critical' }),
  );
});

describe('the big numbers', () => {
  it('count what holds, once however many replicas say it', async () => {
    expect(await valuesOf('overview / Critical / A', 'healthy')).toEqual([0]);
    expect(await valuesOf('overview / Critical / A', 'away')).toEqual([1]);
    expect(await valuesOf('overview / Critical / B', 'away')).toEqual([0]);
    expect(await valuesOf('overview / Critical / B', 'api down')).toEqual([1]);
    expect(await valuesOf('overview / Not visible / A', 'away')).toEqual([0]);
    expect(await valuesOf('overview / Not visible / A', 'api down')).toEqual([2]);
    expect(await valuesOf('exporter / Processes down / A', 'healthy')).toEqual([0]);
    expect(await valuesOf('exporter / Lost shards / A', 'healthy')).toEqual([0]);
  });

  it('count every item once', async () => {
    const one = 'sum(anthropic_work_queue_depth{instance="exporter-0:9877"})';
    const [truth] = await prometheus.query(one, at('away'));
    expect(truth!.value).toBeGreaterThan(50);
    const [queue] = await valuesOf('overview / Queue / A', 'away');
    expect(Math.abs(queue! - truth!.value)).toBeLessThan(5);
  });

  it('name the environment that waits longest', async () => {
    const [worst, ...others] = await ask('overview / Longest wait / A', 'away');
    expect(others).toEqual([]);
    expect(worst!.labels.environment_name).toBe('prod');
    expect(worst!.value).toBeGreaterThan(20 * 60);
  });
});

describe('what is chosen at the top', () => {
  it('is also which connections conditions are shown of', async () => {
    const rows = async (choice: Choice) =>
      (await ask('overview / What was wrong, and when / B', 'api down', choice)).map(({ labels }) => labels.connection);
    expect(await rows({})).toEqual(['default']);
    expect(await rows({ connection: 'eu' })).toEqual([]);
  });

  const offered = async (choice: Choice, act: Act = 'away') =>
    (await ask('environment / variable environment', act, choice)).map(({ labels }) => labels.environment_name);

  it('is offered by name, what is critical first', async () => {
    expect((await offered({}))[0]).toBe('prod');
    expect(await offered({})).toHaveLength(3);
    expect(await offered({ connection: 'eu' })).toEqual(['batch']);
    expect(await offered({ owner: 'platform' })).toEqual(['staging']);
  });

  it('is no list of ids while nothing is left out', async () => {
    const shown = async (environment: string) =>
      (await ask('overview / variable shown', 'healthy', { environment })).map(({ labels }) => labels.environment_id);
    expect(await shown('env_prod|env_staging|env_batch')).toEqual(['.+']);
    expect((await shown('env_prod|env_batch')).toSorted()).toEqual(['env_batch', 'env_prod']);
  });

  const { regex } = boards[0]!.templating.list.find(({ name }) => name === 'environment')!;
  const optionOf = (labels: string) => new RegExp(regex!.slice(1, -1)).exec(`{${labels}} 1 1764300000000`)?.groups;

  it.each(['prod', `it's "quoted" & <b>`, 'a, b {c} (d) $e', 'תור', 'a", b', '\\d+|"x" [y]'])(
    'has its whole name, whatever signs are in it: %s',
    (name) => {
      // As Grafana writes the result of a query: nothing is escaped.
      for (const labels of [
        `environment_id="env_1",environment_name="${name}"`,
        `environment_name="${name}",environment_id="env_1"`,
      ])
        expect(optionOf(labels)).toEqual({ text: name, value: 'env_1' });
    },
  );

  it('is never another environment, whatever its name pretends', () => {
    for (const labels of [
      'environment_id="env_1",environment_name="x",environment_id="env_2"',
      'environment_name="x",environment_id="env_2",environment_id="env_1"',
    ])
      expect(optionOf(labels)).toMatchObject({ value: 'env_1' });
  });
});

it('a limit is drawn where one is in force', async () => {
  const limits = async (environment: string) =>
    Object.fromEntries(
      (await ask('environment / Waiting and pending / C', 'healthy', { environment })).map(({ labels, value }) => [
        labels.severity,
        value,
      ]),
    );
  expect(await limits('env_prod')).toEqual({ warning: 200 });
  expect(await limits('env_batch')).toEqual({ warning: 100 });
});

it('the service level blames who kept work waiting, and nobody else', async () => {
  const met = await byName('slo / Objectives, worst first / E', 'away');
  expect(met.prod).toBeLessThan(0.8);
  expect(met).toMatchObject({ staging: 1, batch: 1 });
});

it('reads that fail are failing, although older answers are still known, and the reason is there', async () => {
  const reads = await ask('exporter / Reads, failing ones first / A', 'api down');
  const failing = reads.filter(({ value }) => value === 0).map(({ labels }) => labels.environment_name);
  expect(new Set(failing)).toEqual(new Set(['prod', 'staging']));
  const reasons = (await ask('exporter / Failed requests an hour / A', 'api down')).map(({ labels }) => labels.reason);
  expect(new Set(reasons)).toEqual(new Set(['server_error']));
});
