import type { ProviderPreset } from '../wire/presets.ts';
import type { Endpoint } from './faults.ts';
import type { Sessions, SimSessionStatus } from './sessions.ts';
import { isHeld, type RecordState, type WorkTotals } from './work.ts';
import type { SimEnvironment, World } from './world.ts';

/** Requests by endpoint and HTTP status; 0 for a connection that was closed instead of answered. */
export type RequestCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The true state of the sessions of long runs, and of items that came back. */
export interface SessionTruth {
  /** Items whose run is older than the limit, by the status of their session. */
  readonly items: Readonly<Record<SimSessionStatus, number>>;
  /** The idle ones, by the stop reason of the last idle event. */
  readonly waiting: Readonly<Record<string, number>>;
  /** Since when the longest-waiting session has been idle, by reason, in the API's format. */
  readonly oldest_wait: Readonly<Record<string, string>>;
  /** The most acknowledgements of a live item since its last stop. */
  readonly deliveries_max: number;
  /** Live items that were acknowledged again at least as often as the limit. */
  readonly redelivered: number;
}

export interface EnvironmentTruth {
  readonly name: string;
  readonly depth: number;
  readonly pending: number;
  /** In the API's format. */
  readonly oldest_queued_at: string | null;
  readonly workers_polling: number;
  readonly items: Readonly<Record<RecordState, number>>;
  /** Running items whose last sign of life is too old, by state. */
  readonly stale_heartbeat_items: Readonly<Record<'starting' | 'active' | 'stopping', number>>;
  readonly totals: Readonly<Pick<WorkTotals, 'created' | 'acknowledged' | 'stopped' | 'requeued' | 'lapsed'>>;
  /** Counts and sums of seconds of everything that has ended. */
  readonly wait: WorkTotals['wait'];
  readonly run: WorkTotals['run'];
  readonly stop: WorkTotals['stop'];
  readonly sessions: SessionTruth;
  readonly requests: RequestCounts;
}

export interface Truth {
  readonly scenario: string;
  /** Simulated time as the API would stamp it. */
  readonly now: string;
  /** By environment id: self-hosted environments that are not archived. */
  readonly environments: Readonly<Record<string, EnvironmentTruth>>;
  /** Requests that belong to no environment: the list of environments, sessions. */
  readonly requests: RequestCounts;
}

export interface TruthThresholds {
  /** Seconds since the latest heartbeat after which an active or stopping item is stale. */
  readonly staleHeartbeatSeconds: number;
  /** Seconds since the acknowledgement after which a starting item is stale. */
  readonly startingSeconds: number;
  /** Seconds since the acknowledgement after which a run counts as long. */
  readonly sessionsAfterSeconds: number;
  /** Acknowledgements beyond the first that make an item count as redelivered. */
  readonly redeliveries: number;
}

/** What the truth is counted from. */
interface Counted {
  readonly world: World;
  readonly sessions: Sessions;
  readonly requests: RequestLog;
  readonly preset: Pick<ProviderPreset, 'staleHeartbeatSeconds'>;
}

/** The defaults are those of the exporter: docs/configuration.md#thresholds and #sessions. */
export function truthOf(
  { world, sessions, requests, preset: { staleHeartbeatSeconds } }: Counted,
  thresholds: Partial<TruthThresholds>,
): Truth {
  const usual = { staleHeartbeatSeconds, startingSeconds: 180, sessionsAfterSeconds: 600, redeliveries: 3 };
  const compared = { ...usual, ...thresholds };
  const environments = world.live().map((environment): [string, EnvironmentTruth] => [
    environment.id,
    {
      ...environmentTruth(world, environment, compared),
      sessions: sessionTruth(sessions, world, environment, compared),
      requests: requests.of(environment.id),
    },
  ]);
  return {
    scenario: world.script.name,
    now: world.stamps.text(world.stamps.at(world.now)),
    environments: Object.fromEntries(environments),
    requests: requests.of(null),
  };
}

/** The true state of an environment, counted from its items. */
function environmentTruth(
  { now: moment, stamps }: World,
  { name, queue }: SimEnvironment,
  thresholds: TruthThresholds,
): Omit<EnvironmentTruth, 'requests' | 'sessions'> {
  const counts = queue.counts(moment);
  const now = stamps.at(moment);
  const items = { queued: 0, starting: 0, active: 0, stopping: 0, stopped: 0 };
  const stale = { starting: 0, active: 0, stopping: 0 };
  for (const work of queue.all()) {
    items[work.state]++;
    if (work.state === 'queued' || work.state === 'stopped') continue;
    const lastSign = work.latestHeartbeatAt ?? work.acknowledgedAt ?? now;
    const limit = work.state === 'starting' ? thresholds.startingSeconds : thresholds.staleHeartbeatSeconds;
    if (now - lastSign > limit * 1000) stale[work.state]++;
  }
  const { created, acknowledged, stopped, requeued, lapsed, wait, run, stop } = queue.totals;
  return {
    name,
    depth: counts.depth,
    pending: counts.pending,
    oldest_queued_at: stamps.textOrNull(counts.oldestQueuedAt),
    workers_polling: counts.workersPolling,
    items,
    stale_heartbeat_items: stale,
    totals: { created, acknowledged, stopped, requeued, lapsed },
    wait,
    run,
    stop,
  };
}

/** Counted from the items of an environment and their sessions. */
function sessionTruth(
  sessions: Sessions,
  { now: moment, stamps }: World,
  { queue }: SimEnvironment,
  { sessionsAfterSeconds, redeliveries }: TruthThresholds,
): SessionTruth {
  const now = stamps.at(moment);
  const items = { running: 0, idle: 0, terminated: 0 };
  const live = queue.all().filter(({ state }) => state !== 'stopped');
  const long = live.filter(
    (work) => work.type === 'session' && isHeld(work) && now - work.acknowledgedAt! > sessionsAfterSeconds * 1000,
  );
  const waits = long.flatMap((work) => {
    const status = sessions.status(sessions.find(work.sessionId));
    items[status]++;
    return status === 'idle' ? [sessions.lastIdle(work) ?? { at: now, reason: 'other' }] : [];
  });
  const byReason = [...Map.groupBy(waits, ({ reason }) => reason)];
  return {
    items,
    waiting: Object.fromEntries(byReason.map(([reason, { length }]) => [reason, length])),
    oldest_wait: Object.fromEntries(
      byReason.map(([reason, all]) => [reason, stamps.text(Math.min(...all.map(({ at }) => at)))]),
    ),
    deliveries_max: live.reduce((most, { acknowledgements }) => Math.max(most, acknowledgements), 0),
    redelivered: live.filter(({ acknowledgements }) => acknowledgements - 1 >= redeliveries).length,
  };
}

/** The status that counts requests whose connection was closed instead of answered. */
export const CUT = 0;

/** Counts the HTTP requests by environment, endpoint and status. */
export class RequestLog {
  readonly #counts = new Map<string, Record<string, Record<string, number>>>();

  /** `environmentId` is null for requests that belong to no environment. */
  count(environmentId: string | null, endpoint: Endpoint, status: number): void {
    const byEndpoint = this.#counts.get(environmentId ?? '') ?? {};
    this.#counts.set(environmentId ?? '', byEndpoint);
    byEndpoint[endpoint] ??= {};
    byEndpoint[endpoint][status] = (byEndpoint[endpoint][status] ?? 0) + 1;
  }

  of(environmentId: string | null): RequestCounts {
    return structuredClone(this.#counts.get(environmentId ?? '') ?? {});
  }
}
