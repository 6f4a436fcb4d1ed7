import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATUS } from '../../src/dashboards/expressions/queue-expressions.ts';
import { NOT_READ } from '../../src/dashboards/expressions/slo-expressions.ts';
import { allExpressions, boardNamed, boards, expressionsOf } from './support/board-parts.ts';
import { BackfilledPrometheus } from './support/incident/backfilled-prometheus.ts';
import { exceptionKeys, expectedPhases } from './support/incident/expected-presence.ts';
import { END, fleet, momentOf, PHASE_NAMES, type Phase, THE_STAR } from './support/incident/timetable.ts';
import { type Choice, EVERYTHING, interpolate, seconds, TIMING } from './support/interpolate.ts';

const MINUTE = 60_000;
/** Before the first scrape: a Prometheus that knows nothing. */
const BEFORE = END - 24 * 60 * MINUTE;
const names = fleet().map(({ environment }) => environment.name);
const idOf = (name: string) => fleet().find(({ environment }) => environment.name === name)!.environment.id;
const ofConnection = (connection: string) =>
  fleet()
    .filter(({ environment }) => environment.connection === connection)
    .map(({ environment }) => environment.name);

let prometheus: BackfilledPrometheus;
beforeAll(async () => {
  prometheus = await BackfilledPrometheus.start();
});
afterAll(() => prometheus.stop());

const only = (name: string): Choice => ({ job: 'All', environment: [idOf(name)] });

interface At {
  readonly choice?: Choice;
  readonly phase: Phase | 'before';
}

/** A query of a panel, asked as Grafana asks it. */
async function ask(where: string, { choice = EVERYTHING, phase }: At) {
  const found = allExpressions.find((expression) => expression.where === where);
  if (found === undefined) throw new Error(`no expression at ${where}`);
  const minStepSeconds = seconds(found.target?.interval, TIMING.minStepSeconds);
  const expr = interpolate(found.expr, choice, { ...TIMING, minStepSeconds });
  return prometheus.query(expr, phase === 'before' ? BEFORE : momentOf(phase));
}

async function byName(where: string, at: At): Promise<Record<string, number>> {
  const series = await ask(where, at);
  return Object.fromEntries(series.map(({ metric, value }) => [metric.environment_name ?? '', value]));
}

async function single(where: string, at: At): Promise<number> {
  const [first, ...more] = await ask(where, at);
  expect(more).toEqual([]);
  return first!.value;
}

describe('every expression of every board, against the scripted incident', () => {
  it.each(allExpressions.map(({ where }) => [where]))('%s returns series exactly when it should', async (where) => {
    const answered: Phase[] = [];
    for (const phase of PHASE_NAMES) if ((await ask(where, { phase })).length > 0) answered.push(phase);
    expect(answered).toEqual(expectedPhases(where));
  });

  it('has expectations for expressions that exist, and none for others', () => {
    const keys = allExpressions.map(({ where }) => where.slice(where.indexOf(' / ') + 3));
    expect(exceptionKeys.filter((key) => !keys.includes(key))).toEqual([]);
  });

  it.each(allExpressions.map(({ where }) => [where]))('%s is empty where nothing was ever scraped', async (where) => {
    const constant = /vector\(/.test(allExpressions.find((one) => one.where === where)!.expr);
    const silence = where.endsWith('Issue since when / exporter');
    expect((await ask(where, { phase: 'before' })).length > 0).toBe(constant || silence);
  });

  it.each(allExpressions.map(({ where }) => [where]))('%s takes two environments and two jobs', async (where) => {
    const choice = { job: ['anthropic-work-exporter', 'no.such(job)'], environment: [idOf(THE_STAR), idOf('sandbox')] };
    const chosen = [THE_STAR, 'sandbox'];
    for (const phase of ['healthy', 'noWorkers'] as const)
      for (const { metric } of await ask(where, { phase, choice })) {
        // Variables offer all environments whatever is chosen.
        if (where.includes('variable')) continue;
        if (metric.environment_name) expect(chosen).toContain(metric.environment_name);
      }
  });

  it.each(boards.flatMap(expressionsOf).flatMap(({ where, target }) => (target?.instant === true ? [] : [[where]])))(
    '%s stays within a bearable number of lines over six hours',
    async (where) => {
      const { expr, panel, target } = allExpressions.find((one) => one.where === where)!;
      const minStepSeconds = seconds(target?.interval, TIMING.minStepSeconds);
      const stepSeconds = Math.max(60, minStepSeconds, seconds(panel?.interval, 0));
      const range = { from: END - 180 * MINUTE, to: END, stepSeconds };
      const timing = { ...TIMING, minStepSeconds, rangeSeconds: 10_800 };
      expect(await prometheus.countOverRange(interpolate(expr, EVERYTHING, timing), range)).toBeLessThanOrEqual(40);
    },
  );
});

describe('the status of an environment', () => {
  const where = 'anthropic-work-overview / Environments, worst first / status';
  const calm = Object.fromEntries(names.map((name) => [name, STATUS.empty]));

  it.each<[Phase, Record<string, number>]>([
    ['healthy', { 'checkout-agents': STATUS.moving, [THE_STAR]: STATUS.moving }],
    ['backlog', { [THE_STAR]: STATUS.warning }],
    ['noWorkers', { [THE_STAR]: STATUS.noWorkers, 'docs-indexer': STATUS.warning }],
    ['recovery', { [THE_STAR]: STATUS.warning }],
    ['apiDown', Object.fromEntries(ofConnection('default').map((name) => [name, STATUS.notVisible]))],
    ['empty', {}],
  ])('is told apart in the act "%s"', async (phase, troubled) => {
    expect(await byName(where, { phase })).toEqual({ ...calm, ...troubled });
  });
});

describe('the big numbers', () => {
  const overview = 'anthropic-work-overview';

  it('name the environment that waits longest', async () => {
    const [worst] = await ask(`${overview} / Worst wait / critical`, { phase: 'noWorkers' });
    expect(worst!.metric.environment_name).toBe(THE_STAR);
    expect(worst!.value).toBeGreaterThan(900);
  });

  it('count environments without workers, blind ones and critical alerts', async () => {
    const count = (panel: string, phase: Phase) => single(`${overview} / ${panel} / A`, { phase });
    expect(await count('No workers', 'healthy')).toBe(0);
    expect(await count('No workers', 'backlog')).toBe(0);
    expect(await count('No workers', 'noWorkers')).toBe(1);
    expect(await count('Not visible', 'noWorkers')).toBe(0);
    expect(await count('Not visible', 'apiDown')).toBe(ofConnection('default').length);
    expect(await count('Pages', 'healthy')).toBe(0);
    // However many environments it hides.
    expect(await count('Pages', 'apiDown')).toBe(1);
  });

  it('do not say 0 when they cannot know', async () => {
    for (const panel of ['No workers', 'Not visible', 'Pages'])
      expect(await ask(`${overview} / ${panel} / A`, { phase: 'before' })).toEqual([]);
  });

  it('count every item once, although two replicas export it', async () => {
    const at = momentOf('noWorkers');
    const [truth] = await prometheus.query(
      'sum(anthropic_work_queue_depth{instance="exporter-0:9877"} + anthropic_work_queue_pending{instance="exporter-0:9877"})',
      at,
    );
    expect(await single(`${overview} / Waiting / A`, { phase: 'noWorkers' })).toBe(truth!.value);
    expect(truth!.value).toBeGreaterThan(50);
  });
});

describe('firing alerts', () => {
  it('say whose they are and for how long they are true, whatever they are about', async () => {
    const rows = await ask('anthropic-work-overview / Firing alerts / A', { phase: 'apiDown' });
    const whose = rows.map(({ metric }) => `${metric.alert} ${metric.whose}`).sort();
    expect(whose).toEqual(['ApiUnreachable connection default']);
    for (const { metric } of rows) {
      // What the link to the drill-down chooses.
      expect(metric.choice).toBe(metric.environment_id ?? 'All');
    }
    for (const { value } of rows) {
      expect(value).toBeGreaterThan(10 * 60);
      expect(value).toBeLessThan(20 * 60);
    }
  });

  it('follow the chosen environments, and keep those that concern all', async () => {
    const rows = async (phase: Phase, name: string) =>
      (await ask('anthropic-work-overview / Firing alerts / A', { phase, choice: only(name) })).map(
        ({ metric }) => metric.whose,
      );
    expect(new Set(await rows('noWorkers', THE_STAR))).toEqual(new Set([THE_STAR]));
    expect(await rows('noWorkers', 'sandbox')).toEqual([]);
    expect(await rows('apiDown', 'sandbox')).toEqual(['connection default']);
  });
});

describe('the drill-down', () => {
  const board = 'anthropic-work-environment';

  it('tells the minimum of workers only where there is one', async () => {
    expect(
      await single(`${board} / Workers polling and busy / minimum`, { phase: 'healthy', choice: only(THE_STAR) }),
    ).toBe(3);
    expect(
      await ask(`${board} / Workers polling and busy / minimum`, { phase: 'healthy', choice: only('sandbox') }),
    ).toEqual([]);
  });

  it('shows no worker count where the API gives none, instead of 0', async () => {
    const polling = (name: string) =>
      ask(`${board} / Workers polling and busy / polling`, { phase: 'healthy', choice: only(name) });
    expect(await polling('docs-indexer')).toEqual([]);
    expect(await polling('sandbox')).toHaveLength(1);
  });

  it('draws a limit only where one is in force', async () => {
    const limit = (severity: string, name: string) =>
      ask(`${board} / Waiting and pending / ${severity}`, { phase: 'healthy', choice: only(name) });
    expect((await limit('critical', THE_STAR))[0]!.value).toBe(250);
    expect((await limit('warning', THE_STAR))[0]!.value).toBe(100);
    expect(await limit('critical', 'sandbox')).toEqual([]);
  });

  it('loses what it showed when the API is down, per connection', async () => {
    const ages = await byName(`${board} / Oldest item / age`, { phase: 'apiDown' });
    expect(Object.keys(ages).sort()).toEqual(ofConnection('eu').sort());
  });
});

describe('the service level', () => {
  const board = 'anthropic-work-slo';

  it('blames the environment that kept work waiting', async () => {
    const left = await byName(`${board} / Objective and budget, worst first / left`, { phase: 'recovery' });
    expect(left[THE_STAR]).toBeLessThan(0);
    expect(left.sandbox).toBe(1);
  });

  it('calls no environment that cannot be read kept, and keeps what is known to be spent', async () => {
    const left = await byName(`${board} / Objective and budget, worst first / left`, { phase: 'apiDown' });
    const blind = ofConnection('default');
    for (const name of blind) if (name !== THE_STAR) expect(left[name], name).toBe(NOT_READ);
    expect(left[THE_STAR]).toBeLessThan(0);
    for (const name of ofConnection('eu')) expect(left[name], name).toBeLessThanOrEqual(1);
    // The order of the table: what is spent, what cannot be read, what is kept.
    for (const name of ofConnection('eu')) expect(left[name], name).toBeGreaterThan(NOT_READ);
    expect(left[THE_STAR]).toBeLessThan(NOT_READ);
  });

  it('counts bad minutes, and does not make a day of the first hour', async () => {
    // The incident is not an hour old, and neither is what Prometheus remembers of the day.
    const bad = await byName(`${board} / Bad minutes in a day / bad`, { phase: 'noWorkers' });
    expect(bad[THE_STAR]).toBeGreaterThan(0);
    expect(bad[THE_STAR]).toBeLessThanOrEqual(60);
  });

  it('burns at a hundred times the budget while every moment is bad', async () => {
    const burn = await byName(`${board} / Burn over 1d and 2h / burn`, { phase: 'noWorkers' });
    // The short window is bad throughout, the long one only in part: the smaller one counts.
    expect(burn[THE_STAR]).toBeGreaterThan(14.4);
    expect(burn[THE_STAR]).toBeLessThan(100);
    expect(burn['code-review']).toBeCloseTo(0);
  });
});

describe('the exporter board', () => {
  const board = 'anthropic-work-exporter';

  it('shows no process of another job, even with all jobs chosen', async () => {
    for (const panel of ['Exporter processes / up', 'Exporter processes / start', 'Event loop lag / A']) {
      const instances = (await ask(`${board} / ${panel}`, { phase: 'healthy' })).map(({ metric }) => metric.instance);
      expect(instances.sort()).toEqual(['exporter-0:9877', 'exporter-1:9877']);
    }
    expect(await single(`${board} / Down / A`, { phase: 'healthy' })).toBe(0);
  });

  it('counts watched environments once, and lists that fail but not those that are not to be read', async () => {
    expect(await single(`${board} / Watched / A`, { phase: 'healthy' })).toBe(names.length);
    expect(await single(`${board} / List errors / A`, { phase: 'healthy' })).toBe(0);
    expect(await single(`${board} / List errors / A`, { phase: 'apiDown' })).toBe(ofConnection('default').length);
  });

  it('calls reads failing that fail, although older answers are still known', async () => {
    const where = `${board} / Reads, failing ones first / up`;
    const failing = (await ask(where, { phase: 'apiDown' })).filter(({ value }) => value === 0);
    expect(new Set(failing.map(({ metric }) => metric.environment_name))).toEqual(new Set(ofConnection('default')));
    expect((await ask(where, { phase: 'healthy' })).every(({ value }) => value === 1)).toBe(true);
  });

  it('says of each process whether its job runs one configuration', async () => {
    const answers = await ask(`${board} / Exporter processes / same`, { phase: 'healthy' });
    expect(answers.map(({ value }) => value)).toEqual([1, 1]);
  });

  it('names the environment of a credential, and the reason of a failing read', async () => {
    const named = await ask(`${board} / Credentials / name`, { phase: 'healthy' });
    for (const { metric } of named) expect(idOf(metric.environment_name!)).toBe(metric.credential);
    expect(named.length).toBeGreaterThan(0);
    const reasons = await ask(`${board} / Reads, failing ones first / reason`, { phase: 'apiDown' });
    expect(new Set(reasons.map(({ metric }) => metric.reason))).toEqual(new Set(['server_error']));
    expect(new Set(reasons.map(({ metric }) => metric.environment_name))).toEqual(new Set(ofConnection('default')));
  });

  it('the exporter board names the reason of failed requests', async () => {
    const reasons = await ask(`${board} / Failed requests an hour / A`, { phase: 'apiDown' });
    expect(new Set(reasons.map(({ metric }) => metric.reason))).toEqual(new Set(['server_error']));
  });

  it('marks a restart and a reload at their own time', async () => {
    const starts = await ask(`${board} / annotation Restarts`, { phase: 'apiDown' });
    expect(starts.map(({ value }) => (END - value) / MINUTE).sort((a, b) => a - b)).toEqual([75, 240]);
    const loads = await ask(`${board} / annotation Reloads`, { phase: 'apiDown' });
    expect(new Set(loads.map(({ value }) => Math.round((END - value) / MINUTE)))).toEqual(new Set([110]));
  });
});

describe('the variables', () => {
  it('offer the jobs of this exporter and the environments by name', async () => {
    const jobs = await ask('anthropic-work-overview / variable job', { phase: 'healthy' });
    expect(new Set(jobs.map(({ metric }) => metric.job))).toEqual(new Set(['anthropic-work-exporter']));
    const environments = await ask('anthropic-work-overview / variable environment', { phase: 'healthy' });
    const variable = boardNamed('anthropic-work-overview').templating!.list!.find(({ name }) => name === 'environment');
    const regex = new RegExp(variable!.regex!.slice(1, -1));
    const options = environments.map(({ metric, value }) => {
      // The text that Grafana makes of a result of query_result().
      const labels = Object.entries(metric).map(([name, text]) => `${name}="${text}"`);
      return regex.exec(`{${labels.join(',')}} ${value} 0`)!.groups!;
    });
    expect(options.map(({ text }) => text).sort()).toEqual([...names].sort());
    for (const { text, value } of options) expect(value).toBe(idOf(text!));
  });
});
