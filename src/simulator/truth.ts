import type { EpochMs } from '../base/clock.ts';
import type { ProviderPreset } from '../wire/presets.ts';
import type { Endpoint } from './faults.ts';
import type { ApiStamps } from './identity.ts';
import type { Script } from './script.ts';
import type { Sessions } from './sessions.ts';
import { isHeld, type WorkRecord } from './work.ts';
import type { SimEnvironment } from './work-queue.ts';

/** Requests by endpoint and HTTP status; 0 for a connection that was closed instead of answered. */
export type RequestCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** `environments` by id: those that are self-hosted and not archived; `requests`: those that belong to no environment. */
export type Truth = ReturnType<typeof truthOf>;
export type EnvironmentTruth = ReturnType<typeof environmentTruth>;

/** The exporter's own: after how long a starting item is stale and a run is long, and how many acknowledgements too many there are. */
const USUAL = { startingSeconds: 180, sessionsAfterSeconds: 600, redeliveries: 3 };
/** `staleHeartbeatSeconds`: that of the provider by default. */
export type TruthThresholds = typeof USUAL & { readonly staleHeartbeatSeconds: number };

/** What the truth is counted from. */
interface Counted {
  readonly scenario: Pick<Script, 'name'>;
  readonly now: EpochMs;
  readonly stamps: ApiStamps;
  readonly environments: readonly SimEnvironment[];
  readonly sessions: Sessions;
  readonly requests: RequestLog;
  readonly preset: Pick<ProviderPreset, 'staleHeartbeatSeconds'>;
}

export function truthOf(world: Counted, changed: Partial<TruthThresholds>) {
  const { staleHeartbeatSeconds } = world.preset;
  const thresholds = { ...USUAL, staleHeartbeatSeconds, ...changed };
  return {
    scenario: world.scenario.name,
    now: world.stamps.text(world.stamps.at(world.now)),
    environments: Object.fromEntries<EnvironmentTruth>(
      world.environments.map((one) => [one.id, environmentTruth(world, one, thresholds)]),
    ),
    requests: world.requests.of(null),
  };
}

/** Counted from the items of an environment and their sessions. */
function environmentTruth(world: Counted, { id, name, queue }: SimEnvironment, limits: TruthThresholds) {
  const now = world.stamps.at(world.now);
  const stats = queue.stats(world.now);
  const items = { queued: 0, starting: 0, active: 0, stopping: 0, stopped: 0 };
  const stale = { starting: 0, active: 0, stopping: 0 };
  for (const { state } of queue.all()) items[state]++;
  const live = queue.live();
  for (const work of live) {
    const { state } = work;
    if (state === 'queued' || state === 'stopped') continue;
    const lastSign = work.latestHeartbeatAt ?? work.acknowledgedAt ?? now;
    const limit = state === 'starting' ? limits.startingSeconds : limits.staleHeartbeatSeconds;
    if (now - lastSign > limit * 1000) stale[state]++;
  }
  const { created, acknowledged, stopped, requeued, lapsed, wait, run, stop } = queue.totals;
  return {
    name,
    ...stats,
    items,
    /** Running items whose last sign of life is too old. */
    stale_heartbeat_items: stale,
    totals: { created, acknowledged, stopped, requeued, lapsed },
    ...{ wait, run, stop },
    sessions: sessionTruth(world, live, limits),
    requests: world.requests.of(id),
  };
}

function sessionTruth(
  { sessions, stamps, now: moment }: Counted,
  live: readonly WorkRecord[],
  { sessionsAfterSeconds, redeliveries }: TruthThresholds,
) {
  const now = stamps.at(moment);
  const items = { running: 0, idle: 0, terminated: 0 };
  const long = live.filter(
    (work) => work.type === 'session' && isHeld(work) && now - work.acknowledgedAt! > sessionsAfterSeconds * 1000,
  );
  const waits = long.flatMap((work) => {
    const status = sessions.status(work);
    items[status]++;
    return status === 'idle' ? [sessions.lastIdle(work) ?? { at: now, reason: 'other' }] : [];
  });
  const byReason = [...Map.groupBy(waits, ({ reason }) => reason)];
  const oldest = (all: readonly { readonly at: EpochMs }[]) => stamps.text(Math.min(...all.map(({ at }) => at)));
  return {
    /** Items of long runs, by the status of their session. */
    items,
    /** The idle ones, by the stop reason of the last idle event, and since when the first of them has been. */
    waiting: Object.fromEntries(byReason.map(([reason, { length }]) => [reason, length])),
    oldest_wait: Object.fromEntries(byReason.map(([reason, all]) => [reason, oldest(all)])),
    /** The most acknowledgements of a live item since its last stop, and how many items have had too many. */
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
