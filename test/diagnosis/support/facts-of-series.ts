import type { ConnectionFacts, EnvironmentFacts, ReadFacts } from '../../../src/diagnosis/facts.ts';
import type { Operation } from '../../../src/domain/environment.ts';
import type { FailureReason } from '../../../src/domain/failure.ts';
import { valueAt } from './lines.ts';
import type { Series } from './series.ts';

type Labels = Readonly<Record<string, string>>;

/** What one process shows at a minute. */
export interface Seen {
  /** When it started: another number is another process. */
  readonly started: number;
  readonly environments: readonly EnvironmentFacts[];
  readonly connections: readonly ConnectionFacts[];
}

/** A total that is made up here, as the exporter counts it. */
interface Counted {
  lost: number;
  lostInARow: number;
  begun: number;
  silentAt: number;
  staleSince: number | null;
  endedSince: number | null;
}

/** Makes facts out of the series of one instance, as the exporter makes them of its own state. */
export class FactsOfSeries {
  readonly #byName: ReadonlyMap<string, readonly Series[]>;
  readonly #before = new Map<string, number>();
  readonly #counted = new Map<string, Counted>();
  readonly #readAt = new Map<string, { stamp: number; minute: number }>();
  readonly #failures = new Map<string, FailureReason | null>();
  readonly #limited = new Map<string, number>();
  readonly #ids: ReadonlySet<string>;
  #minute = 0;

  constructor(series: readonly Series[]) {
    this.#byName = Map.groupBy(series, ({ name, labels }) => `${name} ${labels.environment_id ?? ''}`);
    this.#ids = new Set(series.flatMap(({ labels }) => labels.environment_id ?? []));
  }

  /** Null while the process is away. */
  at(minute: number): Seen | null {
    this.#minute = minute;
    if (this.#find('up', {})[0]?.value !== 1) return null;
    const environments = [...this.#ids].flatMap((environment_id) =>
      this.#find('anthropic_work_watched_since_timestamp_seconds', { environment_id }).map(({ labels }) =>
        this.#environment(environment_id, labels.environment_name!),
      ),
    );
    const names = new Set(environments.map(({ connection }) => connection));
    for (const name of ['discovery_up', 'credential_rejected', 'api_budget_requests_total'])
      for (const { labels } of this.#find(`anthropic_work_${name}`, {})) names.add(labels.connection!);
    return {
      started: this.#find('process_start_time_seconds', {})[0]?.value ?? 0,
      environments,
      connections: [...names].map((name) => this.#connection(name)),
    };
  }

  #find(name: string, labels: Labels): readonly { labels: Labels; value: number }[] {
    return (this.#byName.get(`${name} ${labels.environment_id ?? ''}`) ?? []).flatMap((one) => {
      for (const key in labels) if (one.labels[key] !== labels[key]) return [];
      const value = valueAt(one.line, this.#minute);
      return value === null ? [] : [{ labels: one.labels, value }];
    });
  }

  #value(name: string, labels: Labels): number | null {
    return this.#find(`anthropic_work_${name}`, labels)[0]?.value ?? null;
  }

  #sum(name: string, labels: Labels): number | null {
    const found = this.#find(`anthropic_work_${name}`, labels);
    return found.length === 0 ? null : found.reduce((sum, { value }) => sum + value, 0);
  }

  #connection(connection: string): ConnectionFacts {
    const up = this.#value('discovery_up', { connection });
    const time = this.#value('exporter_time_seconds', {}) ?? this.#minute * 60;
    return {
      name: connection,
      isDiscovered: up === null ? null : up === 1,
      dropped: up === null ? 0 : (this.#value('exporter_environments', { status: 'dropped' }) ?? 0),
      refusedKeys: this.#find('anthropic_work_credential_rejected', { connection })
        .filter(({ value }) => value === 1)
        .map(({ labels }) => labels.credential!),
      expiries: this.#find('anthropic_work_credential_expiry_timestamp_seconds', { connection }).map(
        ({ labels, value }) => ({ key: labels.credential!, seconds: value - time }),
      ),
      requests: this.#value('api_budget_requests_total', { connection }) ?? 1e6 * this.#minute,
      limitedRequests: this.#limited.get(connection) ?? 0,
    };
  }

  #environment(id: string, name: string): EnvironmentFacts {
    const get = (series: string, labels: Labels = {}) => this.#value(series, { environment_id: id, ...labels });
    const connection =
      this.#find('anthropic_work_environment_info', { environment_id: id })[0]?.labels.connection ?? 'default';
    const stats = this.#reads(id, 'stats', connection);
    const list = this.#reads(id, 'list', connection);
    const by = (series: string) => ({
      critical: get(series, { severity: 'critical' })!,
      warning: get(series, { severity: 'warning' })!,
    });
    const isTruncated = get('list_truncated') === 1;
    const state = (of: string) => get('threshold_state_age_seconds', { state: of })!;
    return {
      id,
      name,
      connection,
      limits: {
        queueAgeSeconds: by('threshold_queue_age_seconds'),
        queueDepth: by('threshold_queue_depth'),
        staleHeartbeatSeconds: get('threshold_stale_heartbeat_seconds') ?? 120,
        staleHeartbeatItems: by('threshold_stale_heartbeat_items'),
        stateAgeSeconds: { starting: state('starting'), active: state('active'), stopping: state('stopping') },
        sessionWaitSeconds: get('threshold_session_wait_seconds')!,
        redeliveries: 3,
        minWorkers: get('threshold_min_workers')!,
      },
      isArchived: get('environment_archived_timestamp_seconds') !== null,
      queue: isFresh(stats) ? this.#queue(id, this.#apiNow(connection)) : null,
      items: isFresh(list) && !isTruncated ? this.#items(id, this.#apiNow(connection)) : null,
      totals: this.#totals(id),
      stats,
      list,
      isTruncated,
    };
  }

  #apiNow(connection: string): number {
    const clock = this.#value('exporter_time_seconds', {}) ?? this.#minute * 60;
    return clock + (this.#value('api_clock_skew_seconds', { connection }) ?? 0);
  }

  #queue(id: string, apiNow: number): EnvironmentFacts['queue'] {
    const get = (series: string) => this.#value(series, { environment_id: id });
    const depth = get('queue_depth');
    if (depth === null) return null;
    const pending = get('queue_pending') ?? 0;
    const waiting = depth + pending;
    const age = get('queue_age_unknown') === 1 ? null : get('queue_oldest_age_seconds');
    const head = get('queue_oldest_timestamp_seconds') ?? (age === null ? null : Math.round(apiNow - age));
    return {
      waiting,
      pending,
      ageSeconds: age,
      head: waiting === 0 ? null : head,
      polling: get('workers_polling'),
    };
  }

  #items(id: string, apiNow: number): EnvironmentFacts['items'] {
    const of = { environment_id: id };
    const counted = this.#countedOf(id);
    const state = (name: string) => this.#sum('items', { ...of, state: name });
    if (state('active') === null) return null;
    const staleOf = (name: string) => this.#value('stale_heartbeat_items', { ...of, state: name }) ?? 0;
    const alive = (name: string) => Math.max(0, (state(name) ?? 0) - staleOf(name));
    const since = (series: string, labels: Labels = {}) => {
      const stamp = this.#value(series, { ...of, ...labels });
      return stamp === null ? null : apiNow - stamp;
    };
    const endedSessions = this.#value('session_items', { ...of, status: 'terminated' }) ?? 0;
    counted.endedSince = endedSessions === 0 ? null : (counted.endedSince ?? this.#minute);
    return {
      queuedSeconds: since('oldest_item_timestamp_seconds', { state: 'queued' }),
      alive: alive('starting') + alive('active') + alive('stopping'),
      stale: staleOf('active'),
      silent: this.#silent(id, staleOf('active'), since('oldest_heartbeat_timestamp_seconds')),
      frozen: staleOf('starting'),
      startingSeconds: since('oldest_item_timestamp_seconds', { state: 'starting' }),
      activeSeconds: since('oldest_item_timestamp_seconds', { state: 'active' }),
      redelivered: this.#value('redelivered_items', of) ?? 0,
      sessionWaitSeconds: since('session_oldest_wait_timestamp_seconds', { reason: 'requires_action' }),
      endedSessions,
      endedSessionSeconds: counted.endedSince === null ? null : (this.#minute - counted.endedSince) * 60,
    };
  }

  /** A real exporter knows the silence of each item; here a count that lasts for a minute stands for it. */
  #silent(id: string, stale: number, oldestSeconds: number | null): number {
    const counted = this.#countedOf(id);
    counted.staleSince = stale === 0 ? null : (counted.staleSince ?? this.#minute);
    const limit = this.#value('threshold_stale_heartbeat_seconds', { environment_id: id }) ?? 120;
    const isSilent =
      stale > 0 && (oldestSeconds === null ? this.#minute - counted.staleSince! >= 1 : oldestSeconds >= limit + 60);
    if (isSilent) counted.silentAt = this.#minute;
    return isSilent ? stale : 0;
  }

  #totals(id: string): EnvironmentFacts['totals'] {
    const of = { environment_id: id };
    const counted = this.#countedOf(id);
    const acknowledged = this.#value('items_acknowledged_total', of);
    if (acknowledged === null) return null;
    const stopped = this.#value('items_stopped_total', of) ?? 0;
    const finished = this.#growth(`${id} stopped`, stopped);
    const lapsed = this.#growth(`${id} lapsed`, this.#value('items_lapsed_total', of) ?? 0);
    const frozen = this.#value('stale_heartbeat_items', { ...of, state: 'starting' }) ?? 0;
    if (frozen > 0) counted.silentAt = this.#minute;
    const redelivered = this.#value('redelivered_items', of) ?? 0;
    // What lapses within minutes of silence is lost; the others woke up.
    if (redelivered > 0 || this.#minute - counted.silentAt <= 6.5) {
      counted.lost += lapsed;
      counted.lostInARow += lapsed;
    }
    // Nobody knows here when a run began that finishes.
    if (finished > 0) counted.lostInARow = 0;
    if (finished > 0 || (this.#sum('items', { ...of, state: 'active' }) ?? 0) > 0) counted.begun++;
    const { lost, lostInARow, begun } = counted;
    const waits = this.#sum('queue_wait_seconds_count', of);
    const checks = waits === null ? 0 : acknowledged - waits - (this.#value('queue_wait_unknown_total', of) ?? 0);
    const runs = (le: string) => (this.#sum('run_seconds_bucket', { ...of, le }) ?? 0) - checks;
    return { acknowledged, stopped, lost, begun, lostInARow, runs: runs('+Inf'), shortRuns: runs('5.0') };
  }

  #countedOf(id: string): Counted {
    const known = this.#counted.get(id) ?? {
      ...{ lost: 0, lostInARow: 0, begun: 0, silentAt: Number.NEGATIVE_INFINITY },
      ...{ staleSince: null, endedSince: null },
    };
    this.#counted.set(id, known);
    return known;
  }

  #growth(key: string, value: number): number {
    const before = this.#before.get(key) ?? 0;
    this.#before.set(key, value);
    return value < before ? value : value - before;
  }

  #reads(id: string, operation: Operation, connection: string): ReadFacts {
    const of = { environment_id: id, operation };
    const key = `${id} ${operation}`;
    const clock = this.#value('exporter_time_seconds', {}) ?? this.#minute * 60;
    const success = this.#value('last_success_timestamp_seconds', of);
    const stamp = success ?? this.#value('watched_since_timestamp_seconds', { environment_id: id })!;
    // The exporter itself measures this on a clock that is never set.
    if (this.#readAt.get(key)?.stamp !== stamp)
      this.#readAt.set(key, { stamp, minute: this.#minute - Math.max(0, clock - stamp) / 60 });
    const unreadSeconds = (this.#minute - this.#readAt.get(key)!.minute) * 60;
    const intervalSeconds = this.#value('poll_interval_seconds', of);
    const configured = this.#value('poll_interval_configured_seconds', of);
    return {
      isAttempted:
        operation === 'stats' ? intervalSeconds !== null : this.#value('list_attempted', { environment_id: id }) === 1,
      unreadSeconds,
      hasSucceeded: success !== null,
      intervalSeconds: intervalSeconds ?? 15,
      configuredIntervalSeconds: configured ?? intervalSeconds ?? 15,
      failure: this.#failure(of, key, connection, unreadSeconds <= 2 * (intervalSeconds ?? 15)),
    };
  }

  #failure(of: Labels, key: string, connection: string, isRead: boolean): FailureReason | null {
    let failed: FailureReason | null = null;
    for (const { labels, value } of this.#find('anthropic_work_api_request_failures_total', of)) {
      const more = this.#growth(`${key} ${labels.reason}`, value);
      if (more === 0) continue;
      failed = labels.reason as FailureReason;
      if (failed === 'rate_limited') this.#limited.set(connection, (this.#limited.get(connection) ?? 0) + more);
    }
    const before = this.#failures.get(key) ?? null;
    const isPaused = this.#value('backoff_until_timestamp_seconds', of) !== null;
    const isUp = this.#value('up', of) !== 0;
    // Until an attempt has failed again, why the last one did.
    const known = failed ?? before;
    const failure = isUp && isRead ? null : (known ?? (isPaused ? 'rate_limited' : null));
    this.#failures.set(key, failure);
    return failure;
  }
}

function isFresh({ unreadSeconds, intervalSeconds }: ReadFacts): boolean {
  return unreadSeconds <= Math.max(95, 3 * intervalSeconds);
}
