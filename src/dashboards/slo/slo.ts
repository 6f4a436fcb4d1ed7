import * as common from '@grafana/grafana-foundation-sdk/common';
import { board } from '../parts/board.ts';
import { COLOUR, steps, textBetween, texts, whenAbsent } from '../parts/colours.ts';
import { limitStyle, namedLimitStyle } from '../parts/line-styles.ts';
import { tileLink, toBoard, UID } from '../parts/links.ts';
import { CHART_HEIGHT, chart, minutesChart, stat, table } from '../parts/panels.ts';
import { overVisible, whereNothingIsNamed } from '../parts/partial.ts';
import { join, perEnvironment } from '../parts/promql.ts';
import {
  BURN_WINDOWS,
  badMinutesPerDay,
  budgetLeft,
  budgetLeftNow,
  burn,
  burnOfBoth,
  compliance,
  LITTLE_LEFT,
  NOT_READ,
  objective,
  waitQuantile,
} from '../parts/slo-expressions.ts';
import {
  asTable,
  type Column,
  coloured,
  columnOverrides,
  decimals,
  mapped,
  stepped,
  unit,
} from '../parts/table-columns.ts';
import { column, line, now } from '../parts/targets.ts';
import { COUNT, inMinutes } from '../parts/units.ts';

const NAME = '{{environment_name}}';
const toIts = tileLink(UID.environment, 'Why: this environment', true);
const share = (digits: number) => [unit('percentunit'), decimals(digits)];

/** How far a budget is overspent adds nothing to the columns of the windows. */
const SPENT = textBetween(null, 0, ['spent', COLOUR.critical]);

const COLUMNS: readonly Column[] = [
  {
    field: 'environment_name',
    title: 'Environment',
    properties: [toBoard(UID.environment, 'Why: this environment', 'Id')],
  },
  { field: 'Value #target', title: 'Wait target', width: 100, properties: [unit('s')] },
  { field: 'Value #objective', title: 'Objective', width: 95, properties: share(2) },
  { field: 'Value #hour', title: 'Met, 1h', width: 90, properties: share(2) },
  { field: 'Value #quarter', title: 'Met, 6h', width: 90, properties: share(2) },
  { field: 'Value #day', title: 'Met, 1d', width: 90, properties: share(2) },
  { field: 'Value #days', title: 'Met, 3d', width: 90, properties: share(2) },
  {
    field: 'Value #burn',
    title: 'Burn, 1h',
    width: 90,
    properties: [
      decimals(1),
      coloured('color-text'),
      stepped(COLOUR.quiet, [1, COLOUR.warning], [14.4, COLOUR.critical]),
    ],
  },
  {
    field: 'Value #left',
    title: 'Budget left, 3d',
    width: 135,
    properties: [
      ...share(0),
      mapped(SPENT, texts({ [NOT_READ]: ['not visible', COLOUR.unknown] })),
      coloured('color-background'),
      stepped(COLOUR.critical, [0, COLOUR.warning], [LITTLE_LEFT, COLOUR.good]),
    ],
  },
  { field: 'environment_id', title: 'Id', width: 300 },
];

function objectives() {
  const panel = table('Objective and budget, worst first', {
    shows:
      'Per environment: the wait target, the share of time it is to be met, the share it was met in four windows, how fast the budget burns, and what is left of it over 3 days.',
    normal:
      'much is left. "Spent" means that the objective is missed; "not visible", that the queue cannot be read now. Time in which it could not be read counts neither way.',
    alerts: ['WaitBudgetBurn'],
  })
    .unit('short')
    .noValue('–')
    .sortBy([new common.TableSortByFieldStateBuilder().displayName('Budget left, 3d').desc(false)])
    .withTarget(column('target', perEnvironment('anthropic_work_slo_queue_wait_target_seconds')))
    .withTarget(column('objective', objective))
    .withTarget(column('hour', compliance('1h')))
    .withTarget(column('quarter', compliance('6h')))
    .withTarget(column('day', compliance('1d')))
    .withTarget(column('days', compliance('3d')))
    .withTarget(column('burn', burn('1h')))
    .withTarget(column('left', budgetLeftNow));
  for (const transformation of asTable(COLUMNS)) panel.withTransformation(transformation);
  for (const override of columnOverrides(COLUMNS)) panel.withOverride(override);
  return panel;
}

function leastBudget() {
  const left = budgetLeft('3d');
  const panel = stat(
    'Least budget left, 3 days',
    {
      shows:
        'The environment with the least error budget left over the last 3 days, or as much of them as was seen. It is named where little is left.',
      normal: 'green. "Spent" means that the objective is missed. Purple: some environment cannot be read.',
      alerts: ['WaitBudgetBurn'],
    },
    toIts,
  )
    .unit('percentunit')
    .decimals(0)
    .mappings([SPENT, whenAbsent('no data')])
    .thresholds(steps(COLOUR.critical, [0, COLOUR.warning], [LITTLE_LEFT, COLOUR.good]))
    .textMode(common.BigValueTextMode.ValueAndName)
    .withTarget(now('named', `bottomk(1, (${left}) < ${LITTLE_LEFT})`, NAME));
  return whereNothingIsNamed(panel, {
    refId: 'kept',
    expr: `min(${left}) >= ${LITTLE_LEFT}`,
    legend: 'all kept',
  });
}

function missed() {
  return overVisible(
    stat(
      'Objectives missed',
      {
        shows: 'Environments whose wait target was met for a smaller share of the last day than their objective.',
        normal: '0. Purple: some environment cannot be read.',
        alerts: ['WaitBudgetBurn'],
      },
      tileLink(UID.environment, 'Why: the worst environment'),
    )
      .unit('short')
      .thresholds(steps(COLOUR.good, [1, COLOUR.critical])),
    {
      refId: 'A',
      expr: `count(${join(compliance('1d'), '<', objective)}) or on () (0 * count(${compliance('1d')}))`,
      legend: 'environments',
      alarm: 'critical',
    },
    now,
  );
}

function burning() {
  const burn = burnOfBoth('1h', '5m');
  const panel = stat(
    'Fastest burn now',
    {
      shows:
        'The highest burn rate that holds over both the last hour and the last 5 minutes; 1 spends the budget exactly. Its environment is named from 1 on.',
      normal: 'below 1. From 14.4 on it pages. Purple: some environment cannot be read.',
      alerts: ['WaitBudgetBurn'],
    },
    toIts,
  )
    .unit('short')
    .decimals(1)
    .mappings([texts({ 0: ['no burn'] }), whenAbsent('no data')])
    .thresholds(steps(COLOUR.good, [1, COLOUR.warning], [14.4, COLOUR.critical]))
    .textMode(common.BigValueTextMode.ValueAndName)
    .withTarget(now('named', `topk(1, (${burn}) >= 1)`, NAME));
  return whereNothingIsNamed(panel, { refId: 'kept', expr: `max(${burn}) < 1`, legend: 'all kept' });
}

function burnChart({ factor, long, short, severity }: (typeof BURN_WINDOWS)[number]) {
  const consequence = severity === 'critical' ? 'pages' : 'warns';
  return chart(
    `Burn over ${long} and ${short}`,
    {
      shows: `The smaller of the burn rates over ${long} and ${short}. Above the dashed line both are, and that ${consequence}, unless a page has said why.`,
      normal: 'near 0.',
      alerts: ['WaitBudgetBurn'],
    },
    COUNT,
    10,
  )
    .decimals(0)
    .interval('2m')
    .withTarget(line('burn', burnOfBoth(long, short), NAME))
    .withTarget(line('factor', `vector(${factor})`, `${consequence} above ${factor}`))
    .overrideByQuery('factor', namedLimitStyle(severity === 'critical' ? COLOUR.critical : COLOUR.warning));
}

function badMinutes() {
  return minutesChart('Bad minutes in a day', {
    shows:
      'Minutes of the 24 hours before, at each moment, in which the oldest item was seen to wait longer than the target; dashed, the budget.',
    normal: 'under the budget: 14 minutes a day for an objective of 99 %.',
    alerts: ['WaitBudgetBurn'],
  })
    .interval('10m')
    .fillOpacity(10)
    .withTarget(line('bad', badMinutesPerDay, NAME))
    .withTarget(line('budget', `1440 * (1 - ${objective})`, `${NAME} budget`))
    .overrideByQuery('budget', limitStyle(COLOUR.warning));
}

function waits() {
  return minutesChart('Wait of picked-up sessions, p95 over an hour', {
    shows: '95th percentile of the wait of sessions acknowledged in the hour before; dashed, the wait targets.',
    normal: 'below the target. Sessions that nobody picks up are missing here, but not in the burn rates.',
    unwatched: 'few sessions make it jump; WaitBudgetBurn watches the wait by time',
  })
    .interval('2m')
    .noValue('none seen')
    .withTarget(line('wait', inMinutes(waitQuantile(0.95, '1h')), NAME))
    .withTarget(
      line('target', inMinutes(perEnvironment('anthropic_work_slo_queue_wait_target_seconds')), `${NAME} target`),
    )
    .overrideByQuery('target', limitStyle(COLOUR.quiet));
}

/** Is the wait objective met, and for how much longer? */
export function slo() {
  return board({
    uid: UID.slo,
    title: 'Work queues / Service level',
    description: 'Is the wait objective met? Time counts as good while no item waits longer than the target.',
    from: 'now-3d',
    marks: 'no alerts',
    opensOn: 'all',
    rows: [
      {
        height: 4,
        panels: [
          { id: 1, width: 9, panel: leastBudget() },
          { id: 2, width: 9, panel: burning() },
          { id: 3, width: 6, panel: missed() },
        ],
      },
      { height: 8, panels: [{ id: 4, width: 24, panel: objectives() }] },
      {
        heading: { id: 100, title: 'How fast is the budget spent?' },
        height: CHART_HEIGHT,
        panels: BURN_WINDOWS.map((windows, index) => ({
          id: 10 + index,
          width: 24 / BURN_WINDOWS.length,
          panel: burnChart(windows),
        })),
      },
      {
        heading: { id: 101, title: 'What was it spent on?' },
        height: CHART_HEIGHT,
        panels: [
          { id: 20, width: 12, panel: badMinutes() },
          { id: 21, width: 12, panel: waits() },
        ],
      },
    ],
  });
}
