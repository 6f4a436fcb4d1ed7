import { board, CONDITION_COLUMN, ENVIRONMENT_COLUMNS, TO_ITS_BOARD, toBoard, UID } from './board.ts';
import { COLOUR, chart, noneIsGood, stat, status, table, timeline, whenAbsent, words } from './panels.ts';
import * as q from './queries.ts';

// The other boards have some of these panels, too.

export const worstWait = stat({
  title: 'Longest wait',
  shows: 'The age of the oldest item that waits or is pending, and whose it is.',
  act: '0 means that no queue that can be read has work. Click to see why it waits; OldestItemTooOld says when it is too long.',
  queries: { '{{environment_name}}': `topk(1, ${q.each('anthropic_work_queue_oldest_age_seconds')})` },
  unit: 's',
  link: TO_ITS_BOARD,
});

export const queueTile = stat({
  title: 'Queue',
  shows: 'Items that wait to be claimed, and those claimed and not yet acknowledged, where the queue can be read.',
  act: 'Judge the wait, not the number. Pending items that stay are taken by workers that then die: read their log.',
  queries: { waiting: q.sum('anthropic_work_queue_depth'), pending: q.sum('anthropic_work_queue_pending') },
  link: toBoard(UID.environment, 'Why: the worst environment'),
});

export const workersTile = stat({
  title: 'Workers',
  shows: 'Workers that asked for work in the last half minute, and items that a worker has, where they can be read.',
  act: 'A busy worker does not ask, and where work starts the workers none is there without it: 0 polling is bad only while work waits and nothing is in work. Then look at the hosts of the workers.',
  queries: { polling: q.sum('anthropic_work_workers_polling'), 'in work': q.sum('anthropic_work_items', q.IN_WORK) },
  link: toBoard(UID.environment, 'Why: the worst environment'),
});

export const notVisibleTile = stat({
  title: 'Not visible',
  shows: 'Environments whose queue the exporter watches and cannot read now.',
  act: 'Their work may be fine; nobody can tell, and their other conditions are unknown. The exporter board says what the API answers.',
  absent: 'no exporter',
  queries: { environments: q.notVisible },
  thresholds: noneIsGood(COLOUR.unknown),
  link: toBoard(UID.exporter, 'Why: the reads'),
});

export const conditionsTable = table({
  title: 'What is wrong now',
  shows:
    'The conditions that hold now, of environments and of connections: what alerts say. What a graver one explains is not listed.',
  act: 'Start with the gravest and oldest. The condition leads to its runbook, if the boards were written with --runbook-base-url; the environment to its board.',
  absent: 'none seen',
  columns: [
    {
      title: 'Severity',
      label: 'severity',
      width: 90,
      set: status([words({ critical: ['critical', COLOUR.critical], warning: ['warning', COLOUR.warning] })]),
    },
    ...ENVIRONMENT_COLUMNS,
    { title: 'Connection', label: 'connection', width: 100 },
    CONDITION_COLUMN,
    { title: 'Since', expr: q.conditionsNow, width: 120, set: { unit: 'dateTimeFromNow' } },
  ],
  sortBy: ['Severity', 'Since'],
});

export const conditionsTimeline = timeline({
  title: 'What was wrong, and when',
  shows: 'Each condition of the chosen environments and connections that held in the time range, by severity.',
  act: 'No row is good. A gap is time in which nobody could tell, not an end. "exporter" is time without any exporter.',
  absent: 'none seen',
  queries: {
    '{{environment_name}}: {{condition}}': q.severities.environments,
    '{{connection}}: {{condition}}': q.severities.connections,
    exporter: `3 * absent(${q.ofJob('anthropic_work_exporter_build_info')})`,
  },
  words: { 1: ['warning', COLOUR.warning], 2: ['critical', COLOUR.critical], 3: ['not there', COLOUR.unknown] },
});

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
        ],
      },
    ],
  });
