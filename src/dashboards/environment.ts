import { board, toBoard, UID } from './board.ts';
import { conditionsTable, conditionsTimeline, queueTile, workersTile, worstWait } from './overview.ts';
import { COLOUR, chart, heatmap, stat, steps } from './panels.ts';
import * as q from './queries.ts';

const tiles = [
  worstWait,
  queueTile,
  workersTile,
  stat({
    title: 'Last read',
    shows: 'How long ago the queue was read; of several environments, the longest.',
    act: 'About the poll interval, 15 s by default. Older numbers on this board say nothing about now: the exporter board says why.',
    absent: 'never',
    queries: {
      age: `max(${q.since('anthropic_work_last_success_timestamp_seconds', { where: 'operation="stats"' })})`,
    },
    unit: 's',
    thresholds: steps(COLOUR.good, [120, COLOUR.unknown]),
    link: toBoard(UID.exporter, 'The reads'),
  }),
];

const waiting = [
  chart({
    title: 'Oldest item',
    shows: 'The age of the oldest item, with the lowest limits of the chosen environments and the lowest wait target.',
    act: 'Low and jagged is good. A straight climb means that nobody takes the oldest item: are there workers, and do they take others?',
    queries: { '{{environment_name}}': q.highest(q.each('anthropic_work_queue_oldest_age_seconds')) },
    limits: {
      '{{severity}} limit': q.limit('anthropic_work_threshold_queue_age_seconds'),
      'wait target': `min(${q.ofShown('anthropic_work_slo_queue_wait_target_seconds')})`,
    },
    unit: 's',
  }),
  chart({
    title: 'Waiting and pending',
    shows: 'Items that wait to be claimed and items that are claimed and not yet acknowledged, with the lowest limits.',
    act: 'Waiting should fall back to about 0. Pending that lasts: workers take items and die before they begin.',
    queries: {
      '{{environment_name}}': q.highest(q.each('anthropic_work_queue_depth')),
      '{{environment_name}} pending': q.highest(q.each('anthropic_work_queue_pending')),
    },
    limits: { '{{severity}} limit': q.limit('anthropic_work_threshold_queue_depth') },
  }),
];

const workers = [
  chart({
    title: 'Workers polling and items in work',
    shows:
      'Workers that asked for work in the last half minute and items that a worker has, added up; dashed, min_workers.',
    act: 'Together they are about your fleet. Both at 0 while work waits: start workers, or look why they do not reach the API.',
    queries: {
      polling: q.sum('anthropic_work_workers_polling'),
      'in work': q.sum('anthropic_work_items', q.IN_WORK),
    },
    limits: { 'warning limit': `${q.sum('anthropic_work_threshold_min_workers')} > 0` },
  }),
  chart({
    title: 'Items by state',
    shows: 'Items that are queued, starting, active or stopping; stopped ones are history.',
    act: 'Many that start: sandboxes do not boot, look at the image and the disk. "other" is a state that this version does not know: update.',
    absent: 'the list is not read',
    queries: { '{{state}}': q.sum('anthropic_work_items', { by: ['state'], over: ['work_type'] }) },
  }),
];

const running = [
  chart({
    title: 'Stale items',
    shows: 'Items whose worker has been silent for longer than the threshold, with the lowest limits on their number.',
    act: 'Should be 0; peaks are short, since the lease returns the items. Look at what hangs or kills the workers.',
    absent: 'the list is not read',
    queries: { '{{environment_name}}': q.highest(q.each('anthropic_work_stale_heartbeat_items', { over: ['state'] })) },
    limits: { '{{severity}} limit': q.limit('anthropic_work_threshold_stale_heartbeat_items') },
  }),
  chart({
    title: 'Sessions of long runs',
    shows:
      'Items that have run for longer than sessions.after, by the status of their session; of idle ones, those that wait for somebody.',
    act: 'One that requires action waits for an approval or a result: answer it. One that is terminated has no business with a worker: stop it.',
    absent: 'no session is read',
    queries: {
      '{{status}}': q.sum('anthropic_work_session_items', { by: ['status'] }),
      'requires action': q.sum('anthropic_work_session_waiting_items', { where: 'reason="requires_action"' }),
    },
  }),
];

const pace = [
  chart({
    title: 'Arrivals and departures an hour',
    shows:
      'Items an hour that were created, acknowledged by a worker, stopped, queued again as their session woke up, and queued again as their lease lapsed.',
    act: 'Created above acknowledged is a backlog in the making: start workers. Lapsed should be 0: look at what kills the workers, memory, a release, a spot instance.',
    absent: 'the list is not read',
    queries: {
      created: q.perHour('anthropic_work_items_created_total'),
      acknowledged: q.perHour('anthropic_work_items_acknowledged_total'),
      stopped: q.perHour('anthropic_work_items_stopped_total'),
      requeued: q.perHour('anthropic_work_items_requeued_total'),
      lapsed: q.perHour('anthropic_work_items_lapsed_total'),
    },
  }),
  heatmap({
    title: 'How long items waited',
    shows: 'Items that were taken, by how long they had waited. What nobody takes is not in here.',
    act: 'Dense at the bottom is good. A band that climbs is a backlog that is being worked off.',
    absent: 'nothing was taken',
    expr: q.buckets('anthropic_work_queue_wait_seconds_bucket'),
  }),
];

/** The drill-down: why is work not done? From the symptom to its causes. */
export const environment = () =>
  board({
    uid: UID.environment,
    title: 'Work queues / Environment',
    description:
      'Why is work not done? It opens on the worst environment. Charts by environment draw the ten highest lines, others add environments up.',
    from: 'now-6h',
    opensOnWorst: true,
    marksConditions: true,
    rows: [
      { height: 4, panels: tiles },
      { height: 8, panels: [conditionsTable, conditionsTimeline] },
      { heading: 'Is work being picked up?', height: 8, panels: waiting },
      { heading: 'Who is there to do it?', height: 8, panels: workers },
      { heading: 'Is running work alive?', height: 8, panels: running },
      { heading: 'How fast does it go?', height: 8, panels: pace },
    ],
  });
