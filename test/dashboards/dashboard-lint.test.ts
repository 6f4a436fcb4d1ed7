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

const FAULTS: Readonly<Record<string, Fault>> = {
  'template-datasource-rule': (board) => Object.assign(variable(board, 'datasource'), { label: 'DS' }),
  'template-job-rule': (board) => Object.assign(variable(board, 'job'), { multi: false }),
  'template-label-promql-rule': (board) => Object.assign(variable(board, 'job'), { query: 'label_values(up{, job)' }),
  'template-on-time-change-reload-rule': (board) => Object.assign(variable(board, 'environment'), { refresh: 1 }),
  'panel-datasource-rule': (board) => Object.assign(firstPanel(board), { datasource: { uid: 'abc' } }),
  'panel-title-description-rule': (board) => Object.assign(firstPanel(board), { description: '' }),
  'panel-units-rule': (board) => Object.assign(firstPanel(board).fieldConfig!.defaults!, { unit: 'nonsense' }),
  'panel-no-targets-rule': (board) => Object.assign(firstPanel(board), { targets: [] }),
  'target-promql-rule': setExpr('rate(up{job=~"$job"})'),
  'target-rate-interval-rule': setExpr('rate(up{job=~"$job"}[5m])'),
  'target-job-rule': setExpr('up'),
  'target-counter-agg-rule': setExpr('anthropic_work_items_created_total{job=~"$job"}'),
  'target-logql-rule': setExpr('count_over_time({job=~"$job"}[5m])'),
  'uneditable-dashboard': (board) => Object.assign(board, { editable: true }),
};

describe('a planted fault', () => {
  it('is there for every rule that is not excluded altogether', () => {
    const excluded = EXCLUSIONS.filter(({ entries }) => entries === undefined).map(({ rule }) => rule);
    expect(Object.keys(FAULTS).sort()).toEqual(
      Object.keys(RULES)
        .filter((rule) => !excluded.includes(rule))
        .sort(),
    );
  });

  it.each(Object.entries(FAULTS))('against %s is found', (rule, plant) => {
    const board = structuredClone(boards[0]!);
    plant(board);
    expect(unexcused(lint(board)).map((finding) => finding.rule)).toContain(rule);
  });
});
