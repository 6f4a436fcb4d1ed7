import { StackingConfigBuilder, StackingMode } from '@grafana/grafana-foundation-sdk/common';
import { COLOUR, STATUS_TEXTS, steps, texts } from './colours.ts';
import type { Shelf } from './layout.ts';
import { ALERT_PREFIX } from './panel-text.ts';
import { chart, fixedColour, heatmap, limitStyle, rateChart, timeline } from './panels.ts';
import { E, join, ofEnvironment, perEnvironment, ratePerEnvironment, strictest } from './promql.ts';
import { age, ageLimit, depth, live, pending, polling, stale, status } from './queue-expressions.ts';
import { runQuantile, waitQuantile } from './slo-expressions.ts';
import { buckets, line } from './targets.ts';

const NAME = '{{environment_name}}';

const stacked = () => new StackingConfigBuilder().mode(StackingMode.Normal).group('A');

/** Since when the item longest in a state is there, judged at the read that saw it and not at the present. */
const stateAge =
  `max by (${E}) (${ofEnvironment('anthropic_work_last_success_timestamp_seconds', 'operation="list"')})` +
  ` - on (${E}) group_right () ` +
  strictest('anthropic_work_oldest_item_timestamp_seconds', 'state=~"starting|active|stopping"', 'state');
const stateAgeLimit = `${strictest('anthropic_work_threshold_state_age_seconds', '', 'state')} < Inf`;
const heartbeatAge = join(
  perEnvironment('anthropic_work_last_success_timestamp_seconds', 'operation="list"'),
  '-',
  strictest('anthropic_work_oldest_heartbeat_timestamp_seconds'),
);

function wait() {
  return chart('Oldest item', {
    shows: 'Age of the oldest waiting item, with the limits that page for this environment and its wait target.',
    normal: 'low and jagged. A straight climb at 45 degrees means that nobody takes the oldest item.',
    alerts: ['OldestItemTooOld', 'HeadOfLineBlocked'],
  })
    .unit('dthms')
    .withTarget(line('age', age, NAME))
    .withTarget(line('critical', ageLimit('critical'), `${NAME} critical limit`))
    .withTarget(line('warning', ageLimit('warning'), `${NAME} warning limit`))
    .withTarget(line('target', perEnvironment('anthropic_work_slo_queue_wait_target_seconds'), `${NAME} wait target`))
    .overrideByQuery('critical', limitStyle(COLOUR.critical))
    .overrideByQuery('warning', limitStyle(COLOUR.warning))
    .overrideByQuery('target', limitStyle(COLOUR.idle));
}

function queue() {
  return chart('Waiting and pending', {
    shows: 'Items waiting to be claimed, and items claimed but not yet acknowledged; dashed, the limits of the former.',
    normal: 'waiting falls back to about zero again and again; pending shows up for moments only.',
    alerts: ['DepthHigh', 'BacklogGrowing', 'PendingStuck'],
  })
    .unit('short')
    .fillOpacity(10)
    .withTarget(line('depth', depth, `${NAME} waiting`))
    .withTarget(line('pending', pending, `${NAME} pending`))
    .withTarget(line('warning', depthLimit('warning'), `${NAME} warning limit`))
    .withTarget(line('critical', depthLimit('critical'), `${NAME} critical limit`))
    .overrideByQuery('warning', limitStyle(COLOUR.warning))
    .overrideByQuery('critical', limitStyle(COLOUR.critical));
}

const depthLimit = (severity: string) =>
  `${strictest('anthropic_work_threshold_queue_depth', `severity="${severity}"`)} < Inf`;

function workers() {
  return chart('Workers: polling, busy, minimum', {
    shows:
      'Workers that asked for work in the last 30 s, items in work with a fresh heartbeat, and the configured minimum.',
    normal:
      'polling and busy together cover your fleet. A fully busy fleet does not poll: 0 polling alone is not trouble.',
    alerts: ['NoWorkers', 'Saturated', 'WorkersBelowMinimum', 'WorkersUnknown'],
  })
    .unit('short')
    .withTarget(line('polling', polling, `${NAME} polling`))
    .withTarget(line('busy', live, `${NAME} busy`))
    .withTarget(line('minimum', `${perEnvironment('anthropic_work_threshold_min_workers')} > 0`, `${NAME} minimum`))
    .overrideByQuery('minimum', limitStyle(COLOUR.warning));
}

function items() {
  return chart('Items by state', {
    shows:
      'Items that are queued, starting, active or stopping, over the chosen environments; stopped ones are history.',
    normal: 'active dominates; starting and stopping are thin. "other" is a state this version does not know.',
    alerts: ['ItemStuck', 'ItemListTruncated', 'ApiDrift'],
  })
    .unit('short')
    .fillOpacity(60)
    .lineWidth(0)
    .stacking(stacked())
    .withTarget(
      line(
        'items',
        `sum by (state) (max by (${E}, state) (sum by (${E}, state, job, instance) (${ofEnvironment('anthropic_work_items')})))`,
        '{{state}}',
      ),
    )
    .overrideByName('queued', [fixedColour('blue')])
    .overrideByName('starting', [fixedColour('yellow')])
    .overrideByName('active', [fixedColour('green')])
    .overrideByName('stopping', [fixedColour('orange')])
    .overrideByName('other', [fixedColour('purple')]);
}

function heartbeats() {
  return chart('Items with a stale heartbeat', {
    shows: 'Active items whose worker has been silent for longer than the threshold, with the limits on their number.',
    normal: '0. Peaks are short: after its lease of some minutes the service queues the item again.',
    alerts: ['StaleHeartbeats'],
  })
    .unit('short')
    .withTarget(line('stale', stale, NAME))
    .withTarget(line('warning', staleLimit('warning'), `${NAME} warning limit`))
    .withTarget(line('critical', staleLimit('critical'), `${NAME} critical limit`))
    .overrideByQuery('warning', limitStyle(COLOUR.warning))
    .overrideByQuery('critical', limitStyle(COLOUR.critical));
}

const staleLimit = (severity: string) =>
  `${strictest('anthropic_work_threshold_stale_heartbeat_items', `severity="${severity}"`)} < Inf`;

function heartbeatAges() {
  return chart('Oldest heartbeat', {
    shows:
      'Age of the least recent heartbeat among active items at the read that saw it, and the age that counts as stale.',
    normal: 'below the dashed line; workers beat every 30 s or so. Nothing is drawn while no item is active.',
    alerts: ['StaleHeartbeats'],
  })
    .unit('dthms')
    .noValue('none seen')
    .withTarget(line('age', heartbeatAge, NAME))
    .withTarget(
      line('limit', `${strictest('anthropic_work_threshold_stale_heartbeat_seconds')} < Inf`, `${NAME} stale from`),
    )
    .overrideByQuery('limit', limitStyle(COLOUR.warning));
}

function stateAges() {
  return chart('Longest in one state', {
    shows:
      'How long the item that is longest in a state has been there at the last read, and the limits of the states.',
    normal: 'starting and stopping take seconds to a minute; active as long as a session runs.',
    alerts: ['ItemStuck'],
  })
    .unit('dthms')
    .noValue('none seen')
    .withTarget(line('age', stateAge, `${NAME} {{state}}`))
    .withTarget(line('limit', stateAgeLimit, `${NAME} {{state}} limit`))
    .overrideByQuery('limit', limitStyle(COLOUR.warning));
}

function waitHeatmap() {
  return heatmap('How long picked-up sessions had waited', {
    shows: 'Sessions acknowledged, by how long they had waited. Sessions that nobody picks up are not in here.',
    normal: 'dense at the bottom. A band that climbs is a backlog being worked off.',
    unwatched: 'WaitBudgetBurn watches the wait by time, which also counts what nobody picks up',
  })
    .noValue('none seen')
    .withTarget(
      buckets(
        'A',
        `sum by (le) (max by (${E}, le) (increase(${ofEnvironment('anthropic_work_queue_wait_seconds_bucket')}[$__rate_interval])))`,
      ),
    );
}

function quantiles() {
  return rateChart('Wait and run time', {
    shows: 'Median and 95th percentile of the wait before a session was picked up, and of how long runs took.',
    normal: 'the wait stays under the wait target; run times follow your sessions.',
    unwatched: 'few events make quantiles jump; the age of the oldest item is what pages',
  })
    .unit('s')
    .noValue('none seen')
    .withTarget(line('wait50', waitQuantile(0.5), `${NAME} wait p50`))
    .withTarget(line('wait95', waitQuantile(0.95), `${NAME} wait p95`))
    .withTarget(line('run50', runQuantile(0.5), `${NAME} run p50`))
    .withTarget(line('run95', runQuantile(0.95), `${NAME} run p95`));
}

const perMinute = (counter: Parameters<typeof ratePerEnvironment>[0], labels: readonly string[] = []): string =>
  `60 * ${ratePerEnvironment(counter, '', ...labels)}`;

function flow() {
  return rateChart('Arrivals and departures a minute', {
    shows: 'Items created, acknowledged by a worker, and stopped, each counted once.',
    normal: 'the three lines lie on each other. Created above acknowledged is a backlog in the making.',
    alerts: ['BacklogGrowing'],
  })
    .unit('short')
    .withTarget(line('created', perMinute('anthropic_work_items_created_total'), `${NAME} created`))
    .withTarget(line('acknowledged', perMinute('anthropic_work_items_acknowledged_total'), `${NAME} acknowledged`))
    .withTarget(line('stopped', perMinute('anthropic_work_items_stopped_total'), `${NAME} stopped`));
}

function returns() {
  return rateChart('Back in the queue, a minute', {
    shows: 'Items queued again: after a stop (a dormant session woke up), or without one (the lease lapsed).',
    normal: 'requeued follows your sessions; lapsed is 0. Lapses mean that workers die or hang.',
    alerts: ['LeasesLapsing'],
  })
    .unit('short')
    .withTarget(line('requeued', perMinute('anthropic_work_items_requeued_total'), `${NAME} requeued`))
    .withTarget(line('lapsed', perMinute('anthropic_work_items_lapsed_total'), `${NAME} lapsed`))
    .overrideByQuery('lapsed', [fixedColour(COLOUR.critical)]);
}

function alerts() {
  return timeline('Alerts', {
    shows:
      'Firing alerts of the chosen environments and of all of them together, critical ones also while they are pending.',
    normal: 'no row.',
    unwatched: 'it shows the alerts themselves',
  })
    .mappings([texts({ 1: ['pending', COLOUR.warning], 2: ['firing', COLOUR.critical] })])
    .noValue('none seen')
    .withTarget(line('A', alertStates, '{{environment_name}} {{alert}} {{severity}}'));
}

const alertsIn = (state: string, severity: string) =>
  `max by (alertname, severity, environment_name) (ALERTS{job=~"$job", environment_id=~"$environment|", ` +
  `alertname=~"AnthropicWork.+", severity=~"${severity}", alertstate="${state}"})`;
const alertStates =
  `label_replace((2 * ${alertsIn('firing', 'critical|warning|info')}) or ${alertsIn('pending', 'critical')}, ` +
  `"alert", "$1", "alertname", "${ALERT_PREFIX}(.+)")`;

function statuses() {
  return timeline('Status', {
    shows:
      'The status of each chosen environment, worst first wins: not visible, no workers, critical, warning, ok, empty.',
    normal: 'ok and empty. "not visible" says nothing about the work, only that it cannot be seen.',
    alerts: ['OldestItemTooOld', 'NoWorkers', 'EnvironmentNotVisible'],
  })
    .mappings([STATUS_TEXTS])
    .noValue('no data: the exporter is not scraped')
    .withTarget(line('A', status, NAME));
}

function failures() {
  return rateChart('Failed reads a minute, by reason', {
    shows: 'Requests for these environments that failed, per operation and reason.',
    normal: 'no line above 0. A short network error is retried and does no harm.',
    alerts: ['EnvironmentNotVisible', 'ItemsNotVisible', 'ApiAuthFailing', 'EnvironmentMisconfigured'],
  })
    .unit('short')
    .noValue('none seen')
    .withTarget(
      line(
        'A',
        `(60 * ${ratePerEnvironment('anthropic_work_api_request_failures_total', '', 'operation', 'reason')}) > 0`,
        `${NAME} {{operation}} {{reason}}`,
      ),
    );
}

function reads() {
  return chart('Time since the last good read', {
    shows: 'How old the numbers on this board are, per operation; dashed, the interval the reads are scheduled at.',
    normal:
      'about the interval. After some intervals without a good read the numbers disappear instead of growing stale.',
    alerts: ['EnvironmentNotVisible', 'ItemsNotVisible'],
  })
    .unit('dthms')
    .thresholds(steps(COLOUR.good))
    .withTarget(
      line(
        'age',
        `time() - max by (${E}, operation) (${ofEnvironment('anthropic_work_last_success_timestamp_seconds')})`,
        `${NAME} {{operation}}`,
      ),
    )
    .withTarget(
      line(
        'interval',
        `max by (${E}, operation) (${ofEnvironment('anthropic_work_poll_interval_seconds')})`,
        `${NAME} {{operation}} interval`,
      ),
    )
    .overrideByQuery('interval', limitStyle(COLOUR.idle));
}

/** From the symptom to its causes: waiting, workers, running work, speed, alerts, and whether all this can be seen. */
export const environmentShelves = (): Shelf[] => [
  {
    heading: { id: 100, title: 'Is work being picked up?' },
    height: 8,
    panels: [
      { id: 10, width: 12, panel: wait() },
      { id: 11, width: 12, panel: queue() },
    ],
  },
  {
    heading: { id: 101, title: 'Who is there to do it?' },
    height: 8,
    panels: [
      { id: 12, width: 12, panel: workers() },
      { id: 13, width: 12, panel: items() },
    ],
  },
  {
    heading: { id: 102, title: 'Is running work alive?' },
    height: 8,
    panels: [
      { id: 14, width: 8, panel: heartbeats() },
      { id: 15, width: 8, panel: heartbeatAges() },
      { id: 16, width: 8, panel: stateAges() },
    ],
  },
  {
    heading: { id: 103, title: 'How fast does it go?' },
    height: 8,
    panels: [
      { id: 17, width: 12, panel: flow() },
      { id: 18, width: 12, panel: returns() },
      { id: 19, width: 12, panel: waitHeatmap() },
      { id: 20, width: 12, panel: quantiles() },
    ],
  },
  {
    heading: { id: 104, title: 'What fired, and can it be seen?' },
    height: 10,
    panels: [
      { id: 21, width: 12, panel: alerts() },
      { id: 22, width: 12, panel: statuses() },
    ],
  },
  {
    height: 8,
    panels: [
      { id: 23, width: 12, panel: failures() },
      { id: 24, width: 12, panel: reads() },
    ],
  },
];
