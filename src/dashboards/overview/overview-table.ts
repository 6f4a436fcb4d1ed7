import * as common from '@grafana/grafana-foundation-sdk/common';
import { ageAtRead, sinceStamp } from '../expressions/ages.ts';
import { timeToDrain } from '../expressions/pace.ts';
import { before, E, join } from '../expressions/promql.ts';
import { age, live, polling, stale, status, waiting } from '../expressions/queue-expressions.ts';
import { budgetLeft } from '../expressions/slo-expressions.ts';
import {
  asTable,
  CENTRED,
  type Column,
  coloured,
  columnOverrides,
  decimals,
  HIDDEN,
  mapped,
  stepped,
  table,
  unit,
} from '../panels/tables.ts';
import { COLOUR, STATUS_TEXTS, textBetween, texts, whenAbsent } from '../parts/colours.ts';
import { toBoard, UID } from '../parts/links.ts';
import { column } from '../parts/targets.ts';

const dataAge = sinceStamp('anthropic_work_last_success_timestamp_seconds', 'operation="stats"');

/** Of the session that has required action the longest, at the last read of the list. */
const sessionWait = ageAtRead('anthropic_work_session_oldest_wait_timestamp_seconds', 'reason="requires_action"');
/** How many more items wait than a quarter of an hour ago. */
const growth = join(waiting, '-', before(waiting, '15m'));

const COLUMNS: readonly Column[] = [
  {
    field: 'environment_name',
    title: 'Environment',
    properties: [toBoard(UID.environment, 'Why: this environment')],
  },
  {
    field: 'Value #status',
    title: 'Status',
    width: 100,
    properties: [mapped(STATUS_TEXTS), coloured('color-background'), CENTRED],
  },
  { field: 'Value #age', title: 'Oldest', width: 82, properties: [unit('s')] },
  { field: 'Value #waiting', title: 'Waiting', width: 70 },
  {
    field: 'Value #trend',
    title: 'Trend',
    width: 80,
    properties: [
      mapped(
        textBetween(null, -1, ['▼ less', COLOUR.quiet]),
        texts({ 0: ['same', COLOUR.quiet] }),
        textBetween(1, null, ['▲ more', COLOUR.quiet]),
      ),
      CENTRED,
    ],
  },
  {
    field: 'Value #drain',
    title: 'Empty in',
    width: 82,
    properties: [unit('s'), mapped(whenAbsent('–', COLOUR.quiet))],
  },
  { field: 'Value #polling', title: 'Polling', width: 70 },
  { field: 'Value #live', title: 'Busy', width: 60 },
  {
    field: 'Value #stale',
    title: 'Stale',
    width: 60,
    properties: [coloured('color-text'), stepped(COLOUR.quiet, [1, COLOUR.warning])],
  },
  { field: 'Value #session', title: 'Session waits', width: 105, properties: [unit('s')] },
  { field: 'Value #read', title: 'Read', width: 85, properties: [unit('s')] },
  {
    field: 'Value #budget',
    title: 'Budget 3d',
    width: 86,
    properties: [
      unit('percentunit'),
      decimals(0),
      mapped({ type: 'range', options: { from: null, to: 0, result: { text: 'spent', index: 0 } } }),
      coloured('color-text'),
      stepped(COLOUR.critical, [0, COLOUR.warning], [0.25, COLOUR.quiet]),
      toBoard(UID.slo, 'Service level'),
    ],
  },
  { field: 'environment_id', title: 'Id', properties: HIDDEN },
];

/** One row per watched environment, the one with the worst issue first. */
export function environmentsTable() {
  const panel = table('Environments, worst first', {
    shows:
      'Status, age of the oldest item, items waiting (pending ones included), whether they are more or less than 15 minutes ago and how long until none is left at the pace of these minutes, workers polling, items in work with a live worker, items whose worker fell silent, how long the session of a running item has waited for a result or an approval, seconds since the queue was read, error budget left over 3 days. A dash means unknown, which is not zero.',
    normal:
      'status "ok" or "empty"; "no workers" means waiting work and no sign of a live worker; "not visible" means the exporter cannot read the queue, which says nothing about the work.',
    alerts: [
      'OldestItemTooOld',
      'NoWorkers',
      'HeartbeatsStale',
      'SessionWaiting',
      'NotReadable',
      'WaitBudgetBurn',
      'ArchivedWithWork',
    ],
  })
    .unit('short')
    .noValue('–')
    .sortBy([
      new common.TableSortByFieldStateBuilder().displayName('Status').desc(true),
      new common.TableSortByFieldStateBuilder().displayName('Oldest').desc(true),
    ])
    .withTarget(column('status', status))
    .withTarget(column('age', age))
    .withTarget(column('waiting', waiting))
    .withTarget(column('trend', growth))
    .withTarget(column('drain', `${timeToDrain} or on (${E}) (${waiting} * NaN)`))
    .withTarget(column('polling', polling))
    .withTarget(column('live', live))
    .withTarget(column('stale', stale))
    .withTarget(column('session', sessionWait))
    .withTarget(column('read', dataAge))
    .withTarget(column('budget', budgetLeft('3d')));
  for (const transformation of asTable(COLUMNS)) panel.withTransformation(transformation);
  for (const override of columnOverrides(COLUMNS)) panel.withOverride(override);
  return panel;
}
