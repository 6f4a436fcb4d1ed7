import { during, type Gap, type Line, now, valueAt } from './lines.ts';

export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly line: Line;
}

/** One series as a scrape of one replica delivers it. */
function series(name: string, labels: Series['labels'], line: Line): Series {
  return { name, labels, line };
}

/** An environment in good health: nothing waits, two workers poll, every read succeeds. */
const HEALTHY_STATS = {
  info: series('anthropic_work_environment_info', { connection: 'default', workspace_id: '', source: 'config' }, 1),
  watchedSince: series('anthropic_work_watched_since_timestamp_seconds', {}, -3600),
  statsInterval: series('anthropic_work_poll_interval_seconds', { operation: 'stats' }, 15),
  statsConfigured: series('anthropic_work_poll_interval_configured_seconds', { operation: 'stats' }, 15),
  upStats: series('anthropic_work_up', { operation: 'stats' }, 1),
  lastStats: series('anthropic_work_last_success_timestamp_seconds', { operation: 'stats' }, now),
  depth: series('anthropic_work_queue_depth', {}, 0),
  pending: series('anthropic_work_queue_pending', {}, 0),
  age: series('anthropic_work_queue_oldest_age_seconds', {}, 0),
  polling: series('anthropic_work_workers_polling', {}, 2),
  ageCritical: series('anthropic_work_threshold_queue_age_seconds', { severity: 'critical' }, 900),
  ageWarning: series('anthropic_work_threshold_queue_age_seconds', { severity: 'warning' }, 300),
  depthCritical: series('anthropic_work_threshold_queue_depth', { severity: 'critical' }, Infinity),
  depthWarning: series('anthropic_work_threshold_queue_depth', { severity: 'warning' }, 100),
  staleCritical: series('anthropic_work_threshold_stale_heartbeat_items', { severity: 'critical' }, Infinity),
  staleWarning: series('anthropic_work_threshold_stale_heartbeat_items', { severity: 'warning' }, 1),
  limitStarting: series('anthropic_work_threshold_state_age_seconds', { state: 'starting' }, 180),
  limitActive: series('anthropic_work_threshold_state_age_seconds', { state: 'active' }, 86_400),
  limitStopping: series('anthropic_work_threshold_state_age_seconds', { state: 'stopping' }, 240),
  sessionLimit: series('anthropic_work_threshold_session_wait_seconds', {}, 1800),
  minWorkers: series('anthropic_work_threshold_min_workers', {}, 0),
  waitTarget: series('anthropic_work_slo_queue_wait_target_seconds', {}, 300),
  objective: series('anthropic_work_slo_objective_ratio', {}, 0.99),
  listAttempted: series('anthropic_work_list_attempted', {}, 1),
} as const;

const HEALTHY_LIST = {
  listInterval: series('anthropic_work_poll_interval_seconds', { operation: 'list' }, 30),
  listConfigured: series('anthropic_work_poll_interval_configured_seconds', { operation: 'list' }, 30),
  upList: series('anthropic_work_up', { operation: 'list' }, 1),
  lastList: series('anthropic_work_last_success_timestamp_seconds', { operation: 'list' }, now),
  truncated: series('anthropic_work_list_truncated', {}, 0),
  itemsStarting: series('anthropic_work_items', { state: 'starting', work_type: 'session' }, 0),
  itemsActive: series('anthropic_work_items', { state: 'active', work_type: 'session' }, 0),
  itemsStopping: series('anthropic_work_items', { state: 'stopping', work_type: 'session' }, 0),
  itemsQueued: series('anthropic_work_items', { state: 'queued', work_type: 'session' }, 0),
  itemsOther: series('anthropic_work_items', { state: 'other', work_type: 'session' }, 0),
  staleStarting: series('anthropic_work_stale_heartbeat_items', { state: 'starting' }, 0),
  staleActive: series('anthropic_work_stale_heartbeat_items', { state: 'active' }, 0),
  staleStopping: series('anthropic_work_stale_heartbeat_items', { state: 'stopping' }, 0),
  acknowledged: series('anthropic_work_items_acknowledged_total', {}, 0),
  lapsed: series('anthropic_work_items_lapsed_total', {}, 0),
} as const;

/** Absent in good health. */
const ABSENT = {
  infoOther: series(
    'anthropic_work_environment_info',
    { connection: 'other', workspace_id: '', source: 'config' },
    null,
  ),
  queuedOfOtherType: series('anthropic_work_items', { state: 'queued', work_type: 'other' }, null),
  activeOfOtherType: series('anthropic_work_items', { state: 'active', work_type: 'other' }, null),
  stopped: series('anthropic_work_items_stopped_total', {}, null),
  archived: series('anthropic_work_environment_archived_timestamp_seconds', {}, null),
  ageUnknown: series('anthropic_work_queue_age_unknown', {}, null),
  sinceQueued: series('anthropic_work_oldest_item_timestamp_seconds', { state: 'queued' }, null),
  head: series('anthropic_work_queue_oldest_timestamp_seconds', {}, null),
  sinceStarting: series('anthropic_work_oldest_item_timestamp_seconds', { state: 'starting' }, null),
  sinceActive: series('anthropic_work_oldest_item_timestamp_seconds', { state: 'active' }, null),
  sinceStopping: series('anthropic_work_oldest_item_timestamp_seconds', { state: 'stopping' }, null),
  statsBackoff: series('anthropic_work_backoff_until_timestamp_seconds', { operation: 'stats' }, null),
  listBackoff: series('anthropic_work_backoff_until_timestamp_seconds', { operation: 'list' }, null),
  stats401: failures('stats', 'unauthorized'),
  stats403: failures('stats', 'forbidden'),
  list401: failures('list', 'unauthorized'),
  stats404: failures('stats', 'not_found'),
  statsTimeout: failures('stats', 'timeout'),
  stats429: failures('stats', 'rate_limited'),
  statsNetwork: failures('stats', 'network'),
  stats5xx: failures('stats', 'server_error'),
  statsBadResponse: failures('stats', 'bad_response'),
  statsClientError: failures('stats', 'client_error'),
  list403: failures('list', 'forbidden'),
  list429: failures('list', 'rate_limited'),
  list404: failures('list', 'not_found'),
  listTimeout: failures('list', 'timeout'),
  statsNotSelfHosted: failures('stats', 'not_self_hosted'),
  listNotSelfHosted: failures('list', 'not_self_hosted'),
  sessionSince: series('anthropic_work_session_oldest_wait_timestamp_seconds', { reason: 'requires_action' }, null),
  turnEndedSince: series('anthropic_work_session_oldest_wait_timestamp_seconds', { reason: 'end_turn' }, null),
  terminated: series('anthropic_work_session_items', { status: 'terminated' }, null),
  sessionsIdle: series('anthropic_work_session_items', { status: 'idle' }, null),
  oldestHeartbeat: series('anthropic_work_oldest_heartbeat_timestamp_seconds', {}, null),
  staleSeconds: series('anthropic_work_threshold_stale_heartbeat_seconds', {}, null),
  redelivered: series('anthropic_work_redelivered_items', {}, null),
  shortRuns: series('anthropic_work_run_seconds_bucket', { le: '5.0' }, null),
  runs: series('anthropic_work_run_seconds_bucket', { le: '+Inf' }, null),
  waits: series('anthropic_work_queue_wait_seconds_count', {}, null),
  waitsUnknown: series('anthropic_work_queue_wait_unknown_total', {}, null),
} as const;

function failures(operation: string, reason: string) {
  return series('anthropic_work_api_request_failures_total', { operation, reason }, null);
}

const ALL = { ...HEALTHY_STATS, ...HEALTHY_LIST, ...ABSENT };
export type EnvironmentKey = keyof typeof ALL;
export type EnvironmentLines = { readonly [K in EnvironmentKey]?: Line };

const LIST_KEYS = Object.keys(HEALTHY_LIST) as (keyof typeof HEALTHY_LIST)[];
/** The lines of an environment whose list nobody may read. */
export const NO_LIST: EnvironmentLines = {
  listAttempted: 0,
  ...Object.fromEntries(LIST_KEYS.map((key) => [key, null])),
};

/** What an API key alone shows of it, which reads no list. */
export function byStats(lines: EnvironmentLines): EnvironmentLines {
  return { ...lines, ...NO_LIST, itemsQueued: null, sinceQueued: null };
}

const READ_KEYS = (Object.keys(HEALTHY_STATS) as (keyof typeof HEALTHY_STATS)[]).filter(
  (key) => /^(stats|upStats|lastStats|depth|pending|age|polling)/.test(key) && !/^(age|depth)[CW]/.test(key),
);
/** The lines of an environment that no key can read. */
export const NO_KEY: EnvironmentLines = {
  ...NO_LIST,
  ...Object.fromEntries(READ_KEYS.map((key) => [key, null])),
};

export function healthyLine(key: EnvironmentKey): Line {
  return ALL[key].line;
}

interface Place {
  readonly id?: string;
  readonly name?: string;
  readonly instance?: string;
  readonly connection?: string;
}

/** The series of one environment on one replica: good health, but for `lines`. */
export function environment(lines: EnvironmentLines = {}, place: Place = {}): readonly Series[] {
  const healthy = Object.fromEntries((Object.keys(ALL) as EnvironmentKey[]).map((key) => [key, ALL[key].line]));
  return bareEnvironment({ ...healthy, ...lines }, place);
}

/** Nothing but these series of an environment. */
export function bareEnvironment(lines: EnvironmentLines, place: Place = {}): readonly Series[] {
  const { id = 'e', name = 'x', instance = 'a', connection = 'default' } = place;
  return (Object.keys(lines) as EnvironmentKey[]).map((key) => {
    const { name: metric, labels } = ALL[key];
    const own = key === 'info' ? { ...labels, connection } : labels;
    return {
      name: metric,
      labels: { instance, environment_id: id, environment_name: name, ...own },
      line: lines[key]!,
    };
  });
}

const PROCESS = {
  up: series('up', {}, 1),
  time: series('anthropic_work_exporter_time_seconds', {}, now),
  started: series('process_start_time_seconds', {}, 1),
  reloaded: series('anthropic_work_exporter_config_last_reload_successful', {}, 1),
  hash: series('anthropic_work_exporter_config_hash', {}, 7),
  // None by default: a play says it where it matters how many of them have series.
  watched: series('anthropic_work_exporter_environments', { status: 'watched' }, 0),
  dropped: series('anthropic_work_exporter_environments', { status: 'dropped' }, 0),
  archived: series('anthropic_work_exporter_environments', { status: 'archived' }, 5),
  shards: series('anthropic_work_exporter_shards', {}, 1),
  shard: series('anthropic_work_exporter_shard_info', { shard: '0/1' }, 1),
  stateFile: series('anthropic_work_state_file_ok', {}, null),
  skew: series('anthropic_work_api_clock_skew_seconds', { connection: 'default' }, 0),
  sent: series('anthropic_work_api_budget_requests_total', { connection: 'default' }, null),
  discovery: series('anthropic_work_discovery_up', { connection: 'default' }, null),
  rejected: series('anthropic_work_credential_rejected', { connection: 'default', credential: 'api_key' }, 0),
  expiry: series(
    'anthropic_work_credential_expiry_timestamp_seconds',
    { connection: 'default', credential: 'api_key' },
    null,
  ),
  unknownState: series('anthropic_work_api_unknown_values_total', { kind: 'state' }, 0),
  unknownField: series('anthropic_work_api_unknown_values_total', { kind: 'field' }, 0),
} as const;
export type ProcessKey = keyof typeof PROCESS;
export type ProcessLines = { readonly [K in ProcessKey]?: Line };

/** The series of one exporter process and its target. */
export function exporter(
  lines: ProcessLines = {},
  place: { instance?: string; shard?: string } = {},
): readonly Series[] {
  const { shard = '0/1' } = place;
  return (Object.keys(PROCESS) as ProcessKey[]).map((key) => ({
    name: PROCESS[key].name,
    labels: {
      instance: place.instance ?? 'a',
      ...(key === 'shard' ? { shard } : PROCESS[key].labels),
    },
    line: key in lines ? lines[key]! : key === 'shards' ? Number(shard.split('/')[1]) : PROCESS[key].line,
  }));
}

/** Nothing but these series of a connection, as one process shows them. */
export function bareConnection(lines: ProcessLines, connection: string, instance = 'a'): readonly Series[] {
  return exporter(lines, { instance })
    .filter((_, index) => (Object.keys(PROCESS) as ProcessKey[])[index]! in lines)
    .map((one) => ({ ...one, labels: { ...one.labels, connection } }));
}

/** The key of an environment that the exporter reads with is refused between two minutes. */
export function exporterKey(from: number, to = Infinity): readonly Series[] {
  return bareConnection({ rejected: during(from, to, [0, 1]) }, 'default').map((one) => ({
    ...one,
    labels: { ...one.labels, credential: 'e' },
  }));
}

/** One exporter and the environment `e`. */
export function alone(lines: EnvironmentLines, own: ProcessLines = {}): readonly Series[] {
  return [...exporter(own), ...environment(lines)];
}

/** A healthy one of the same name beside it. */
export function withTwin(lines: EnvironmentLines): readonly Series[] {
  return [...alone(lines), ...environment({}, { id: 'twin' })];
}

/** Two replicas that see two things. */
export function replicas(first: EnvironmentLines, second: EnvironmentLines, own: ProcessLines = {}): readonly Series[] {
  return [
    ...exporter(own),
    ...exporter(own, { instance: 'b' }),
    ...environment(first),
    ...environment(second, { instance: 'b' }),
  ];
}

/** The exporter is away for a while: all series end, and `up` says so. */
export function lostScrapes(all: readonly Series[], [from, to]: Gap): readonly Series[] {
  return all.map((one) => ({
    ...one,
    line: (minute: number) => {
      if (minute < from || minute >= to) return valueAt(one.line, minute);
      return one.name === 'up' ? 0 : null;
    },
  }));
}
