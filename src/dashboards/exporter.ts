import { board, ENVIRONMENT_COLUMNS, UID } from './board.ts';
import { notVisibleTile } from './overview.ts';
import { COLOUR, type Column, chart, noneIsGood, stat, status, steps, table, words } from './panels.ts';
import * as q from './queries.ts';

const GOOD_BAD = words({ 0: ['failing', COLOUR.critical], 1: ['ok', COLOUR.good] });
const up = q.ofExporter('up');
const shards = q.ofJob('anthropic_work_exporter_shard_info');
const hash = q.ofJob('anthropic_work_exporter_config_hash');
const reload = q.ofJob('anthropic_work_exporter_config_last_reload_successful');

const tiles = [
  notVisibleTile,
  stat({
    title: 'Processes down',
    shows: 'Exporter processes that Prometheus cannot scrape, among those of the last day.',
    act: 'Start them, or read the end of their log: memory, probes, configuration.',
    absent: 'no exporter',
    queries: { processes: `sum (1 - (${up}))` },
    thresholds: noneIsGood(COLOUR.critical),
  }),
  stat({
    title: 'Lost shards',
    shows: 'Parts of the fleet that no process watches; 0 also where the fleet is not divided.',
    act: 'Their environments look as if they did not exist. Start the missing process.',
    absent: 'no exporter',
    queries: {
      shards:
        `sum (max by (job) (${q.ofJob('anthropic_work_exporter_shards')})` +
        ` - on (job) count by (job) (group by (job, shard) (${shards})))`,
    },
    thresholds: noneIsGood(COLOUR.critical),
  }),
];

const reads = table({
  title: 'Reads, failing ones first',
  shows:
    'Each environment and operation: whether the last read succeeded on any replica, how long ago one did, the interval as scheduled and as configured, until when reads are held back, and failures in the time range.',
  act: 'An interval above the configured one: the request budget does not suffice. A read that fails: the conditions of the environment say why.',
  columns: [
    ...ENVIRONMENT_COLUMNS,
    { title: 'Read', label: 'operation', width: 70 },
    {
      title: 'Last',
      expr: q.each('anthropic_work_up', { by: ['operation'] }),
      width: 90,
      set: status([GOOD_BAD]),
    },
    seconds('Good read', q.since('anthropic_work_last_success_timestamp_seconds', { by: ['operation'] })),
    seconds('Interval', q.each('anthropic_work_poll_interval_seconds', { by: ['operation'] })),
    seconds('Configured', q.each('anthropic_work_poll_interval_configured_seconds', { by: ['operation'] })),
    {
      title: 'Held until',
      expr: `1000 * ${q.each('anthropic_work_backoff_until_timestamp_seconds', { by: ['operation'] })}`,
      width: 110,
      set: { unit: 'dateTimeFromNow' },
    },
    {
      title: 'Failures',
      expr: `max by (${q.E}, operation) (sum by (${q.E}, operation, instance) (increase(${q.ofShown('anthropic_work_api_request_failures_total', 'operation!="session"')}[$__range])))`,
      width: 85,
      set: {
        decimals: 0,
        thresholds: steps(COLOUR.neutral, [1, COLOUR.warning]),
        'custom.cellOptions': { type: 'color-text' },
      },
    },
  ],
  sortBy: ['Last', '-Good read'],
});

function seconds(title: string, expr: string): Column {
  return { title, expr, width: 95, set: { unit: 's' } };
}

const PROCESS = 'job, instance';
const processes = table({
  title: 'Exporter processes',
  shows:
    'Each process: whether Prometheus reaches it, whether it took its last configuration and runs the same one as the others of its job, whether it can write its state file, when it started, its shard and its version.',
  act: 'Click a process for its page, where Prometheus’ address of it can be reached. Its log says what it does not.',
  columns: [
    {
      title: 'Process',
      label: 'instance',
      set: { links: [{ title: 'Its page', url: `http://$${'{__value.raw}'}/`, targetBlank: true }] },
    },
    {
      title: 'Scraped',
      expr: `max by (${PROCESS}) (${up})`,
      width: 85,
      set: status([words({ 0: ['down', COLOUR.critical], 1: ['up', COLOUR.good] })]),
    },
    { title: 'Reload', expr: `max by (${PROCESS}) (${reload})`, width: 75, set: status([GOOD_BAD]) },
    {
      title: 'Configuration',
      expr: `max by (${PROCESS}) (${hash}) == bool on (job) group_left () max by (job) (${hash})`,
      width: 110,
      set: status([words({ 0: ['differs', COLOUR.warning], 1: ['same', COLOUR.good] })]),
    },
    {
      title: 'State file',
      expr: `max by (${PROCESS}) (${q.ofJob('anthropic_work_state_file_ok')})`,
      width: 85,
      set: status([GOOD_BAD]),
    },
    {
      title: 'Started',
      expr: `1000 * max by (${PROCESS}) (${q.ofExporter('process_start_time_seconds')})`,
      width: 115,
      set: { unit: 'dateTimeFromNow' },
    },
    { title: 'Shard', label: 'shard', width: 60 },
    { title: 'Version', label: 'version', width: 80 },
  ],
  also: [
    `max by (${PROCESS}, shard) (${shards})`,
    `max by (${PROCESS}, version) (${q.ofJob('anthropic_work_exporter_build_info')})`,
  ],
  sortBy: ['Scraped', 'Process'],
});

const latency = (share: number) =>
  q.quantile(
    share,
    `sum by (operation, le) (rate(${q.ofJob('anthropic_work_api_request_duration_seconds_bucket')}[$__rate_interval]))`,
  );

const api = [
  chart({
    title: 'Failed requests an hour',
    shows: 'Requests that failed, by operation, reason and process.',
    act: 'One process alone: its network or its keys. All of them: the API or the key; rate_limited: who else uses the limit of the organization?',
    absent: 'no requests',
    queries: {
      '{{operation}} {{reason}} {{instance}}': `3600 * sum by (operation, reason, instance) (rate(${q.ofShown('anthropic_work_api_request_failures_total')}[$__rate_interval])) > 0`,
    },
  }),
  chart({
    title: 'Requests a minute and budget',
    shows:
      'Requests that each process sends to each connection, everything included; dashed, the lowest budget of one.',
    act: 'At the dashed line reads are stretched, and alerts come later: raise requests_per_minute if the API allows it.',
    absent: 'no requests',
    queries: {
      '{{connection}} {{instance}}': `60 * sum by (connection, instance) (rate(${q.ofConnection('anthropic_work_api_budget_requests_total')}[$__rate_interval]))`,
    },
    limits: { 'warning limit': `min(${q.ofConnection('anthropic_work_api_budget_limit_requests_per_minute')})` },
  }),
  chart({
    title: 'API latency',
    shows: 'Median and 99th percentile of the time to a complete answer, by operation.',
    act: 'Well under a second is good. Near the timeout of 10 s, reads fail and numbers grow old: look at the API’s status and the network.',
    absent: 'no requests',
    queries: { '{{operation}} p50': latency(0.5), '{{operation}} p99': latency(0.99) },
    unit: 's',
    interval: '1m',
  }),
];

/** Is the exporter itself healthy: can the other boards be believed? */
export const exporter = () =>
  board({
    uid: UID.exporter,
    title: 'Work queues / Exporter',
    description: 'Can the other boards be believed? The reads, the API, the configuration and the processes.',
    from: 'now-6h',
    rows: [
      { height: 4, panels: tiles },
      { height: 9, panels: [reads] },
      { height: 7, panels: [processes] },
      { heading: 'The API', height: 8, panels: api },
    ],
  });
