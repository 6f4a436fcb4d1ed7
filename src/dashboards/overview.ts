import { board, ENVIRONMENT_COLUMNS, TO_ITS_BOARD, toBoard, UID } from './board.ts';
import { COLOUR, chart, noneIsGood, stat, status, table, whenAbsent, words } from './panels.ts';
import * as q from './queries.ts';
import {
  conditionsTable,
  conditionsTimeline,
  notVisibleTile,
  queueTile,
  workersTile,
  worstWait,
} from './shared-panels.ts';

/** How many conditions of a severity hold. */
const holding = (title: string, severity: 'critical' | 'warning', act: string) =>
  stat({
    title,
    shows: `Conditions of severity ${severity} that hold now, of the chosen environments and connections.`,
    act,
    absent: 'unknown',
    queries: q.holding(severity),
    thresholds: noneIsGood(COLOUR[severity]),
    link: toBoard(UID.environment, 'Why: the worst environment'),
  });

const environments = table({
  title: 'Environments, worst first',
  shows:
    'Each environment: the worst of its conditions, the age of its oldest item, items that wait and that are pending, workers that poll, items in work, items whose worker is silent, sessions that wait for somebody, and how old these numbers are.',
  act: 'A dash is unknown, never 0. "not visible" is no health: the exporter cannot read the queue. Click a name to see why.',
  columns: [
    ...ENVIRONMENT_COLUMNS,
    {
      title: 'Status',
      expr: q.status,
      width: 100,
      set: status([
        words({ 0: ['ok', COLOUR.good], 1: ['warning', COLOUR.warning], 2: ['critical', COLOUR.critical] }),
        whenAbsent('not visible'),
      ]),
    },
    { title: 'Oldest', expr: q.each('anthropic_work_queue_oldest_age_seconds'), width: 85, set: { unit: 's' } },
    { title: 'Waiting', expr: q.each('anthropic_work_queue_depth'), width: 75 },
    { title: 'Pending', expr: q.each('anthropic_work_queue_pending'), width: 75 },
    { title: 'Polling', expr: q.each('anthropic_work_workers_polling'), width: 70 },
    { title: 'In work', expr: q.each('anthropic_work_items', q.IN_WORK), width: 75 },
    { title: 'Stale', expr: q.each('anthropic_work_stale_heartbeat_items', { over: ['state'] }), width: 60 },
    {
      title: 'Asks',
      expr: q.each('anthropic_work_session_waiting_items', { where: 'reason="requires_action"' }),
      width: 60,
    },
    {
      title: 'Read',
      expr: q.since('anthropic_work_last_success_timestamp_seconds', { where: 'operation="stats"' }),
      width: 80,
      set: { unit: 's', decimals: 0 },
    },
  ],
  also: [q.each('anthropic_work_environment_info')],
  sortBy: ['-Status', '-Oldest'],
});

/** On call: is it broken, where, since when. One screen. */
export const overview = () =>
  board({
    uid: UID.overview,
    title: 'Work queues / Overview',
    description: 'Is work being picked up, where is it not, and since when?',
    from: 'now-6h',
    marksConditions: true,
    rows: [
      {
        height: 4,
        panels: [
          holding(
            'Critical',
            'critical',
            'Each has rung the pager, or will within a minute: see the table on the right.',
          ),
          holding('Warnings', 'warning', 'For the next working day, unless they belong to something critical.'),
          notVisibleTile,
          worstWait,
          queueTile,
          workersTile,
        ],
      },
      { height: 10, panels: [environments, conditionsTable], widths: [15, 9] },
      {
        height: 8,
        panels: [
          conditionsTimeline,
          chart({
            title: 'Oldest item',
            shows: 'The age of the oldest item, of the ten environments where it is highest.',
            act: 'Low and jagged is good: each tooth is an item that was taken. A straight climb means that nobody takes it: look for its workers.',
            queries: { '{{environment_name}}': q.highest(q.each('anthropic_work_queue_oldest_age_seconds')) },
            link: TO_ITS_BOARD,
            unit: 's',
          }),
          chart({
            title: 'Waiting items',
            shows: 'Items that wait to be claimed, of the ten environments where they are most.',
            act: 'It should fall back to about 0 again and again. Where it only grows, more comes than is taken: start workers.',
            queries: { '{{environment_name}}': q.highest(q.each('anthropic_work_queue_depth')) },
            link: TO_ITS_BOARD,
          }),
        ],
      },
    ],
  });
