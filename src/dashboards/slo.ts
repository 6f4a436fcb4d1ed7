import { PAGE_BURN, TICKET_BURNS } from '../rules/wait-objective.ts';
import { board, ENVIRONMENT_COLUMNS, TO_ITS_BOARD, toBoard, UID } from './board.ts';
import { COLOUR, type Column, chart, noneIsGood, stat, status, steps, table } from './panels.ts';
import * as q from './queries.ts';

const TARGET = 'anthropic_work_slo_queue_wait_target_seconds';
const DAYS = q.met('3d', '10m');

const tiles = [
  stat({
    title: 'Lowest share, 3 days',
    shows:
      'The environment whose wait target was met for the smallest share of the last 3 days, as far as it could be read.',
    act: 'Compare it with its objective in the table. Click to see what it waited for.',
    queries: { '{{environment_name}}': `bottomk(1, ${DAYS})` },
    unit: 'percentunit',
    link: TO_ITS_BOARD,
  }),
  stat({
    title: 'Late now',
    shows: 'Environments whose oldest item has waited longer than the target now.',
    act: 'Each minute of it spends budget. The overview says where and why.',
    queries: { environments: `sum (${q.isLate})` },
    thresholds: noneIsGood(COLOUR.warning),
    link: toBoard(UID.overview, 'All environments'),
  }),
];

const share = (title: string, expr: string): Column => ({
  ...{ title, expr, width: 95 },
  set: { unit: 'percentunit', decimals: 2 },
});
/** The difference of two columns, which as a query would be too long to be read. */
const DISTANCE = 'Above objective';
const binary = { left: 'Met, 3d', operator: '-', right: 'Objective' };

const objectives = table({
  title: 'Objectives, worst first',
  shows:
    'Each environment: the wait target, the share of time in which it shall be met, the share in which it was, and how far the last 3 days are above the objective.',
  act: 'Below 0 the objective is missed: more workers, or another objective. What could not be read counts neither way.',
  columns: [
    ...ENVIRONMENT_COLUMNS,
    { title: 'Wait target', expr: q.each(TARGET), width: 100, set: { unit: 's' } },
    share('Objective', q.each('anthropic_work_slo_objective_ratio')),
    share('Met, 1h', q.met('1h', '1m')),
    share('Met, 1d', q.met('1d', '5m')),
    share('Met, 3d', DAYS),
    {
      ...{ title: DISTANCE, label: DISTANCE, width: 140 },
      set: { unit: 'percentunit', decimals: 2, ...status([]), thresholds: steps(COLOUR.critical, [0, COLOUR.good]) },
    },
  ],
  transformations: [{ id: 'calculateField', options: { mode: 'binary', alias: DISTANCE, binary } }],
  sortBy: [DISTANCE],
});

const burn = (window: '3d' | '6h', factor: number, consequence: string) =>
  chart({
    title: `Burn over ${window}`,
    shows: `How many times faster than the objective allows the budget was spent in the last ${window}, in time without a page, as the rules record it. AnthropicWorkWaitBudgetBurn ${consequence} above ${factor}.`,
    act: 'No line is good, where the rules are loaded. 1 spends the budget exactly: look for hours in which the workers do not keep up.',
    absent: 'nothing burnt, or the rules are not loaded',
    queries: { '{{environment_name}}': q.highest(q.each(`anthropic_work_wait:burn${window}`)) },
    link: TO_ITS_BOARD,
    interval: '2m',
  });

/** Is the wait objective met, and how much of the budget is left? */
export const slo = () =>
  board({
    uid: UID.slo,
    title: 'Work queues / Service level',
    description: 'Is the wait objective met? Time counts as good while no item waits longer than the target.',
    from: 'now-3d',
    rows: [
      { height: 4, panels: tiles },
      { height: 9, panels: [objectives] },
      {
        heading: 'How fast is the budget spent?',
        height: 8,
        panels: [
          burn(PAGE_BURN.long, PAGE_BURN.factor, 'pages'),
          burn(TICKET_BURNS[1].long, TICKET_BURNS[1].factor, 'warns'),
        ],
      },
    ],
  });
