import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MOST_DRAWN } from '../../src/dashboards/parts/variables.ts';
import { allExpressions, boardNamed } from './support/board-parts.ts';
import { BackfilledPrometheus } from './support/incident/backfilled-prometheus.ts';
import { SKEW_MS } from './support/incident/replica.ts';
import { fleet, momentOf, type Phase, THE_STAR } from './support/incident/timetable.ts';
import { type Choice, EVERYTHING, interpolate } from './support/interpolate.ts';

/** What a reader chooses at the top, and the numbers that are made of several: against the scripted incident. */
let prometheus: BackfilledPrometheus;
beforeAll(async () => {
  prometheus = await BackfilledPrometheus.start();
});
afterAll(() => prometheus.stop());

const idOf = (name: string) => fleet().find(({ environment }) => environment.name === name)!.environment.id;
const expressionAt = (where: string) => allExpressions.find((one) => one.where === where)!.expr;
const at = (where: string, phase: Phase, choice: Choice = EVERYTHING) =>
  prometheus.query(interpolate(expressionAt(where), choice), momentOf(phase));
const only = (name: string): Choice => ({ job: 'All', environment: [idOf(name)] });

describe('the environments that a board shows', () => {
  const shown = async (board: string, choice: Choice, phase: Phase = 'noWorkers') =>
    (await at(`anthropic-work-${board} / variable shown`, phase, choice)).map(({ metric }) => metric.environment_id);
  const connection = (name: string) =>
    fleet()
      .filter(({ environment }) => environment.connection === name)
      .map(({ environment }) => environment.id);

  it.each(['overview', 'slo', 'exporter'])('%s: are no list of ids while nothing is left out', async (board) => {
    expect(await shown(board, EVERYTHING)).toEqual(['.+']);
  });

  it.each<[string, Choice, readonly string[]]>([
    ['a name', only(THE_STAR), [idOf(THE_STAR)]],
    ['a connection', { ...EVERYTHING, connection: ['eu'] }, connection('eu')],
    ['an owner', { ...EVERYTHING, owner: ['platform'] }, [idOf('code-review')]],
    ['two owners', { ...EVERYTHING, owner: ['platform', 'support'] }, [idOf('code-review'), idOf(THE_STAR)]],
    ['a connection and an owner of another', { ...EVERYTHING, connection: ['eu'], owner: ['support'] }, []],
  ])('follow %s', async (_, choice, ids) => {
    for (const board of ['overview', 'environment', 'slo', 'exporter'])
      expect((await shown(board, choice)).sort(), board).toEqual([...ids].sort());
  });

  it('are offered by name only as far as the other filters let them', async () => {
    const offered = await at('anthropic-work-overview / variable environment', 'noWorkers', {
      ...EVERYTHING,
      owner: ['support'],
    });
    expect(offered.map(({ metric }) => metric.environment_name)).toEqual([THE_STAR]);
  });

  it('are the worst ones on the environment board, which offers the worst first and opens on it', async () => {
    expect(expressionAt('anthropic-work-environment / variable shown')).toContain(`topk(${MOST_DRAWN}, `);
    const offered = await at('anthropic-work-environment / variable environment', 'noWorkers');
    expect(offered).toHaveLength(fleet().length);
    expect(offered[0]!.metric.environment_name).toBe(THE_STAR);
    const values = offered.map(({ value }) => value);
    expect(values).toEqual([...values].sort((a, b) => b - a));
    const two = interpolate(expressionAt('anthropic-work-environment / variable shown')).replace(
      `topk(${MOST_DRAWN}, `,
      'topk(2, ',
    );
    const worst = await prometheus.query(two, momentOf('noWorkers'));
    expect(worst.map(({ metric }) => metric.environment_id)).toEqual(
      offered.slice(0, 2).map(({ metric }) => metric.environment_id),
    );
  });

  it('put those that cannot be seen before all others', async () => {
    const offered = await at('anthropic-work-environment / variable environment', 'apiDown');
    const blind = offered.slice(0, 3).map(({ metric }) => metric.environment_id);
    expect(blind.sort()).toEqual(connection('default').sort());
  });
});

describe('ages by the stamps of an API whose clock is ahead', () => {
  const board = 'anthropic-work-environment';
  const name = 'docs-indexer';

  it('are never negative, and below what the reads can tell', async () => {
    expect(SKEW_MS.eu).toBeGreaterThan(10_000);
    for (const panel of ['Oldest heartbeat / age', 'Longest in one state / age', 'Longest wait of a session / wait']) {
      const { expr } = allExpressions.find(({ where }) => where === `${board} / ${panel}`)!;
      const worst = interpolate(expr, only(name));
      const over = (fn: string) => prometheus.query(`${fn}_over_time((max(${worst}))[2h:30s])`, momentOf('recovery'));
      const [lowest] = await over('min');
      expect(lowest!.value, panel).toBeGreaterThanOrEqual(0);
      const [average] = await over('avg');
      expect(average!.value, panel).toBeGreaterThan(0.1);
    }
  });

  it('are corrected by the skew: half of the oldest heartbeats are no older than their interval and a read', async () => {
    const expr = interpolate(expressionAt(`${board} / Oldest heartbeat / age`), only(name));
    const [middle] = await prometheus.query(`quantile_over_time(0.5, (max(${expr}))[1h:30s])`, momentOf('backlog'));
    // In minutes. Uncorrected, most of them would lie ahead of the read.
    expect(middle!.value * 60).toBeGreaterThan(10);
    expect(middle!.value * 60).toBeLessThan(45);
  });
});

it('an environment is offered by its whole name, whatever signs it has', () => {
  const { list } = boardNamed('anthropic-work-overview').templating as { list: { name: string; regex?: string }[] };
  const [, pattern] = /^\/(.*)\/$/.exec(list.find(({ name }) => name === 'environment')!.regex!)!;
  for (const name of ['prod', `it's "quoted" & <b>`, 'a, b {c} (d) $e', 'תור', 'a", b', '\\d+|"x" [y]']) {
    // As Grafana writes the result of a query: nothing is escaped.
    for (const labels of [
      `environment_id="env_1",environment_name="${name}"`,
      `environment_name="${name}",environment_id="env_1"`,
    ])
      expect(new RegExp(pattern!).exec(`{${labels}} 1 1764300000000`)?.groups).toEqual({ text: name, value: 'env_1' });
  }
});

it('a name that pretends to be that of another environment leads to its own', () => {
  const { list } = boardNamed('anthropic-work-overview').templating as { list: { name: string; regex?: string }[] };
  const [, pattern] = /^\/(.*)\/$/.exec(list.find(({ name }) => name === 'environment')!.regex!)!;
  for (const labels of [
    'environment_id="env_1",environment_name="x",environment_id="env_2"',
    'environment_name="x",environment_id="env_2",environment_id="env_1"',
  ])
    expect(new RegExp(pattern!).exec(`{${labels}} 1 1764300000000`)?.groups).toMatchObject({ value: 'env_1' });
});

it('the limit of a state is drawn once an item has reached a quarter of it', async () => {
  const expr = interpolate(expressionAt('anthropic-work-environment / Longest in one state / limit'), only(THE_STAR));
  const states = async (query: string) =>
    (await prometheus.query(query, momentOf('noWorkers'))).map(({ metric }) => metric.state).sort();
  expect(await states(expr)).toContain('stopping');
  // Were every age a hundredth of what it is, none would have come near.
  expect(await states(expr.replaceAll('4 * max_over_time', '0.04 * max_over_time'))).toEqual([]);
});

describe('issues', () => {
  const issues = async (most: number) => {
    const expr = interpolate(expressionAt('anthropic-work-overview / Issue since when / issue'));
    const rows = await prometheus.query(expr.replace(`topk(${MOST_DRAWN}, `, `topk(${most}, `), momentOf('apiDown'));
    return rows.map(({ metric }) => metric.environment_name);
  };

  it('are those of at most ten environments, the worst ones of the time range', async () => {
    const all = await issues(MOST_DRAWN);
    expect(all).toHaveLength(3);
    expect(all).toContain(THE_STAR);
    // Three cannot be seen, which is worst, and equally long.
    const [worst, ...others] = await issues(1);
    expect(others).toEqual([]);
    expect(all).toContain(worst);
  });
});

it('the reads of an environment that is gone have no row for their failures', async () => {
  for (const column of ['failures', 'reason']) {
    const expr = interpolate(expressionAt(`anthropic-work-exporter / Reads, failing ones first / ${column}`));
    const ids = async (query: string) =>
      (await prometheus.query(query, momentOf('apiDown'))).map(({ metric }) => metric.environment_id);
    const id = idOf(THE_STAR);
    expect(await ids(expr)).toContain(id);
    expect(
      await ids(expr.replaceAll('anthropic_work_up{', `anthropic_work_up{environment_id!="${id}", `)),
    ).not.toContain(id);
  }
});

describe('the pace', () => {
  it('tells by how much a queue grows, and how long it takes to get empty', async () => {
    const net = (phase: Phase) => at('anthropic-work-environment / Net flow / net', phase, only(THE_STAR));
    const [growing] = await net('noWorkers');
    const [shrinking] = await net('recovery');
    expect(growing!.value).toBeGreaterThan(120);
    expect(shrinking!.value).toBeLessThan(-60);
    const [drain] = await at('anthropic-work-environment / Empty in / drain', 'recovery', only(THE_STAR));
    const [waiting] = await at('anthropic-work-environment / Waiting / A', 'recovery', only(THE_STAR));
    expect(drain!.value).toBeCloseTo((-3600 * waiting!.value) / shrinking!.value, 0);
  });

  it('says that a queue does not shrink where it does not', async () => {
    const [stuck] = await at('anthropic-work-environment / Empty in / stuck', 'noWorkers', only(THE_STAR));
    expect(stuck!.value).toBeGreaterThan(50);
    expect(await at('anthropic-work-environment / Empty in / drain', 'noWorkers', only(THE_STAR))).toEqual([]);
  });

  it.each([
    'Arrivals and departures / created',
    'Arrivals and departures / stopped',
    'Net flow / net',
    'Back in the queue / requeued',
  ])('is unknown, not 0, while the list cannot be read: %s', async (panel) => {
    const where = `anthropic-work-environment / ${panel}`;
    expect(await at(where, 'healthy', only(THE_STAR))).toHaveLength(1);
    expect(await at(where, 'apiDown', only(THE_STAR))).toEqual([]);
  });

  it('tells the share of workers that is busy', async () => {
    const inUse = async (phase: Phase) =>
      (await at('anthropic-work-environment / In use / A', phase, only(THE_STAR))).map(({ value }) => value);
    expect(await inUse('backlog')).toEqual([1]);
    expect((await inUse('healthy'))[0]).toBeGreaterThan(0);
    // Nobody is there: no share of nothing.
    expect(await inUse('noWorkers')).toEqual([]);
    expect(await at('anthropic-work-environment / In use / none', 'noWorkers', only(THE_STAR))).toHaveLength(1);
  });

  it('tells more and less in the table', async () => {
    const trend = async (phase: Phase) =>
      (await at('anthropic-work-overview / Environments, worst first / trend', phase, only(THE_STAR)))[0]!.value;
    expect(await trend('noWorkers')).toBeGreaterThan(10);
    expect(await trend('recovery')).toBeLessThan(-10);
  });
});

describe('shards', () => {
  it('that no process answers for stand beside the environments that cannot be read', async () => {
    const where = 'anthropic-work-overview / Not visible / lost';
    expect(await at(where, 'healthy')).toEqual([]);
    const two = interpolate(expressionAt(where)).replace('sum(max', 'sum(2 + max');
    expect((await prometheus.query(two, momentOf('healthy'))).map(({ value }) => value)).toEqual([2]);
  });

  it('are counted by job, and none is missing where there is one', async () => {
    expect((await at('anthropic-work-exporter / Lost shards / A', 'healthy'))[0]!.value).toBe(0);
    const shards = await at('anthropic-work-exporter / Exporter processes / shard', 'healthy');
    expect(shards.map(({ metric }) => metric.shard)).toEqual(['0/1', '0/1']);
  });
});
