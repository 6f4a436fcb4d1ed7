import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { describe, expect, it } from 'vitest';
import { boards, panelsOf } from './support/board-parts.ts';
import { EXCLUSIONS, idleExclusions, lint, RULES, unexcused } from './support/dashboard-lint.ts';

describe("the rules of Grafana's dashboard-linter", () => {
  it.each(boards.map((board) => [board.uid!, board] as const))('%s has no finding without an excuse', (_, board) => {
    expect(unexcused(lint(board))).toEqual([]);
  });

  it('has no exclusion that excuses nothing, and a reason for each', () => {
    expect(idleExclusions(boards.flatMap(lint))).toEqual([]);
    for (const { reason } of EXCLUSIONS) expect(reason.length).toBeGreaterThan(20);
  });
});

type Fault = (board: Dashboard) => void;
const firstPanel = (board: Dashboard) => panelsOf(board).find(({ type }) => type === 'timeseries')!;
const setExpr = (expr: string) => (board: Dashboard) => Object.assign(firstPanel(board).targets![0]!, { expr });
const variable = (board: Dashboard, name: string) => board.templating!.list!.find((one) => one.name === name)!;

/** A rule is named before the comma; behind it, what makes this fault another one. */
const FAULTS: Readonly<Record<string, Fault>> = {
  'template-datasource-rule': (board) => Object.assign(variable(board, 'datasource'), { label: 'DS' }),
  'template-datasource-rule, a renamed variable': (board) => {
    const renamed = JSON.stringify(board).replaceAll(/\$(\{?)datasource\b/g, '$$$1ds');
    Object.assign(board, JSON.parse(renamed));
    Object.assign(variable(board, 'datasource'), { name: 'ds' });
  },
  'panel-datasource-rule, a variable that is not there': (board) =>
    Object.assign(variable(board, 'datasource'), { name: 'prometheus_datasource' }),
  'template-job-rule': (board) => Object.assign(variable(board, 'job'), { multi: false }),
  'template-label-promql-rule': (board) => Object.assign(variable(board, 'job'), { query: 'label_values(up{, job)' }),
  'template-on-time-change-reload-rule': (board) => Object.assign(variable(board, 'environment'), { refresh: 1 }),
  'panel-datasource-rule': (board) => Object.assign(firstPanel(board), { datasource: { uid: 'abc' } }),
  'panel-title-description-rule': (board) => Object.assign(firstPanel(board), { description: '' }),
  'panel-units-rule': (board) => Object.assign(firstPanel(board).fieldConfig!.defaults!, { unit: 'nonsense' }),
  'panel-units-rule, in an override': (board) =>
    firstPanel(board).fieldConfig!.overrides!.push({
      matcher: { id: 'byName', options: 'A' },
      properties: [{ id: 'unit', value: 'nonsense' }],
    }),
  'panel-units-rule, an old type without a unit': (board) =>
    Object.assign(firstPanel(board), { type: 'graph', fieldConfig: { defaults: {}, overrides: [] } }),
  'panel-no-targets-rule, an old type': (board) =>
    Object.assign(firstPanel(board), { type: 'singlestat', targets: [] }),
  'panel-type-rule': (board) => Object.assign(firstPanel(board), { type: 'graph' }),
  'panel-title-description-rule, in a folded row': (board) => {
    const folded = Object.assign(structuredClone(firstPanel(board)), { description: '' });
    board.panels!.push({ type: 'row', collapsed: true, id: 999, panels: [folded] });
  },
  'panel-no-targets-rule': (board) => Object.assign(firstPanel(board), { targets: [] }),
  'target-promql-rule': setExpr('rate(up{job=~"$job"})'),
  'target-rate-interval-rule': setExpr('rate(up{job=~"$job"}[5m])'),
  'target-job-rule': setExpr('up'),
  'target-job-rule, another label that ends alike': setExpr('up{xjob=~"$job"}'),
  'target-job-rule, in one of two selectors': setExpr('up{job=~"$job"} + up'),
  'target-counter-agg-rule': setExpr('anthropic_work_items_created_total{job=~"$job"}'),
  'target-counter-agg-rule, in a subquery': setExpr(
    'rate(anthropic_work_items_created_total{job=~"$job"}[$__rate_interval:])',
  ),
  'target-counter-agg-rule, below another function': setExpr(
    'rate(clamp_min(anthropic_work_items_created_total{job=~"$job"}, 0)[$__rate_interval:])',
  ),
  'target-logql-rule': setExpr('count_over_time({job=~"$job"}[5m])'),
  'uneditable-dashboard': (board) => Object.assign(board, { editable: true }),
};

const ruleOf = (fault: string) => fault.split(',')[0]!;

describe('a planted fault', () => {
  it('is there for every rule that is not excluded altogether', () => {
    const excluded = EXCLUSIONS.filter(({ entries }) => entries === undefined).map(({ rule }) => rule);
    expect([...new Set(Object.keys(FAULTS).map(ruleOf))].sort()).toEqual(
      Object.keys(RULES)
        .filter((rule) => !excluded.includes(rule))
        .sort(),
    );
  });

  it.each(Object.entries(FAULTS))('against %s is found', (name, plant) => {
    const board = structuredClone(boards[0]!);
    plant(board);
    expect(unexcused(lint(board)).map((finding) => finding.rule)).toContain(ruleOf(name));
  });
});
