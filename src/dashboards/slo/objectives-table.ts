import * as common from '@grafana/grafana-foundation-sdk/common';
import { perEnvironment } from '../expressions/promql.ts';
import { budgetLeftNow, burn, compliance, LITTLE_LEFT, NOT_READ, objective } from '../expressions/slo-expressions.ts';
import {
  asTable,
  type Column,
  coloured,
  columnOverrides,
  decimals,
  mapped,
  stepped,
  table,
  unit,
} from '../panels/tables.ts';
import { COLOUR, texts } from '../parts/colours.ts';
import { toBoard, UID } from '../parts/links.ts';
import { column } from '../parts/targets.ts';
import { SPENT } from './slo-tiles.ts';

const share = (digits: number) => [unit('percentunit'), decimals(digits)];

const COLUMNS: readonly Column[] = [
  {
    field: 'environment_name',
    title: 'Environment',
    properties: [toBoard(UID.environment, 'Why: this environment')],
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
  {
    field: 'Value #burn',
    title: 'Burn, 1h',
    width: 90,
    properties: [decimals(1), coloured('color-text'), stepped(COLOUR.quiet, [1, COLOUR.warning])],
  },
  { field: 'Value #target', title: 'Wait target', width: 100, properties: [unit('s')] },
  { field: 'Value #objective', title: 'Objective', width: 95, properties: share(2) },
  { field: 'Value #hour', title: 'Met, 1h', width: 90, properties: share(2) },
  { field: 'Value #quarter', title: 'Met, 6h', width: 90, properties: share(2) },
  { field: 'Value #day', title: 'Met, 1d', width: 90, properties: share(2) },
  { field: 'Value #days', title: 'Met, 3d', width: 90, properties: share(2) },
  { field: 'environment_id', title: 'Id', width: 300 },
];

/** One row per environment: its objective, how well it was met, and what is left of its budget. */
export function objectivesTable() {
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
