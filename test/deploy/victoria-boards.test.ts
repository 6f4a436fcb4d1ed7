import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allExpressions } from '../dashboards/support/board-parts.ts';
import { BackfilledPrometheus } from '../dashboards/support/incident/backfilled-prometheus.ts';
import { BackfilledVictoriaMetrics } from '../dashboards/support/incident/backfilled-victoria-metrics.ts';
import { expectedPhases } from '../dashboards/support/incident/expected-presence.ts';
import { fleet, momentOf, type Phase } from '../dashboards/support/incident/timetable.ts';
import { type Choice, EVERYTHING, interpolate, seconds, TIMING } from '../dashboards/support/interpolate.ts';
import { toolPath } from '../support/tool-path.ts';

/** The boards where prometheus.test.ts does not look: in the newest Prometheus, and in VictoriaMetrics. */
const PHASES = ['healthy', 'noWorkers', 'apiDown'] as const satisfies readonly Phase[];
const ids = fleet().map(({ environment }) => environment.id);
const CHOICES: readonly (readonly [string, Choice])[] = [
  ['one environment', { job: ['anthropic-work-exporter'], environment: ids.slice(0, 1) }],
  ['two environments and two jobs', { job: ['anthropic-work-exporter', 'no.such(job)'], environment: ids.slice(0, 2) }],
];

const expressions = allExpressions.map((one) => [one.where, one] as const);
type Expression = (typeof allExpressions)[number];
function asked({ expr, target }: Expression, choice: Choice = EVERYTHING): string {
  return interpolate(expr, choice, { ...TIMING, minStepSeconds: seconds(target?.interval, TIMING.minStepSeconds) });
}

let newest: BackfilledPrometheus;
let victoria: BackfilledVictoriaMetrics;
beforeAll(async () => {
  newest = await BackfilledPrometheus.start({}, toolPath('prometheus-3'));
  victoria = await BackfilledVictoriaMetrics.start();
});
afterAll(async () => {
  await newest.stop();
  await victoria[Symbol.asyncDispose]();
});

const within = (where: string) => expectedPhases(where).filter((phase) => PHASES.includes(phase as never));

async function phasesOf(query: (phase: Phase) => Promise<readonly unknown[]>): Promise<readonly Phase[]> {
  const found: Phase[] = [];
  for (const phase of PHASES) if ((await query(phase)).length > 0) found.push(phase);
  return found;
}

describe('the tile that names one environment', () => {
  const tiles = allExpressions
    .filter(({ expr }) => expr.startsWith('topk(1, '))
    .map((one) => [one.where, one] as const);

  it.each(tiles)('names the same in all databases, also where several are alike: %s', async (where, one) => {
    for (const phase of ['healthy', 'backlog', 'noWorkers', 'recovery'] as const) {
      const series = await newest.query(asked(one), momentOf(phase));
      const inVictoria = await victoria.query(asked(one), momentOf(phase));
      expect(
        inVictoria.map((labels) => labels.environment_name),
        `${where} ${phase}`,
      ).toEqual(series.map(({ metric }) => metric.environment_name));
    }
  });
});

describe('every expression of every board', () => {
  it.each(expressions)('returns series when it should in Prometheus 3: %s', async (where, one) => {
    expect(await phasesOf((phase) => newest.query(asked(one), momentOf(phase)))).toEqual(within(where));
  });

  it.each(expressions)('returns series when it should in VictoriaMetrics: %s', async (where, one) => {
    const found = await phasesOf((phase) => victoria.query(asked(one), momentOf(phase)));
    // It has no NaN: where a queue does not shrink, the time until it is empty is no series.
    expect(found).toEqual(where.endsWith('worst first / drain') ? [] : within(where));
  });

  it.each(CHOICES)('is taken by both with %s', async (_, choice) => {
    for (const one of allExpressions) {
      await newest.query(asked(one, choice), momentOf('noWorkers'));
      await victoria.query(asked(one, choice), momentOf('noWorkers'));
    }
  });
});
