import type { ProviderPreset } from '../../wire/presets.ts';
import type { SimEnvironment } from '../queue/sim-environment.ts';
import { isHeld, type RecordState } from '../queue/work-record.ts';
import type { DurationTotal } from '../queue/work-totals.ts';
import { DEFAULT_SESSION_LIMITS, type SessionTruth, type SessionTruthLimits } from './session-truth.ts';
import type { World } from './world.ts';

/** Requests by endpoint and HTTP status; 0 for a connection that was closed instead of answered. */
export type RequestCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

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
  readonly totals: {
    readonly created: number;
    readonly acknowledged: number;
    readonly stopped: number;
    readonly requeued: number;
    readonly lapsed: number;
  };
  /** Counts and sums of seconds of everything that has ended. */
  readonly wait: DurationTotal;
  readonly run: DurationTotal;
  readonly stop: DurationTotal;
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

export interface TruthThresholds extends SessionTruthLimits {
  /** Seconds since the latest heartbeat after which an active or stopping item is stale. */
  readonly staleHeartbeatSeconds: number;
  /** Seconds since the acknowledgement after which a starting item is stale. */
  readonly startingSeconds: number;
}

/** Default of `thresholds.state_age.starting`: docs/configuration.md#thresholds. */
const DEFAULT_STARTING_SECONDS = 180;

export function defaultThresholds(preset: ProviderPreset): TruthThresholds {
  return {
    staleHeartbeatSeconds: preset.staleHeartbeatSeconds,
    startingSeconds: DEFAULT_STARTING_SECONDS,
    ...DEFAULT_SESSION_LIMITS,
  };
}

/** The true state of an environment, counted from its items. */
export function environmentTruth(
  world: World,
  environment: SimEnvironment,
  thresholds: TruthThresholds,
): Omit<EnvironmentTruth, 'requests' | 'sessions'> {
  const { queue } = environment;
  const counts = queue.counts(world.now);
  const now = queue.stamp(world.now);
  const items = { queued: 0, starting: 0, active: 0, stopping: 0, stopped: 0 };
  const stale = { starting: 0, active: 0, stopping: 0 };
  for (const work of queue.all()) {
    items[work.state]++;
    if (!isHeld(work) || work.state === 'queued' || work.state === 'stopped') continue;
    const lastSign = work.latestHeartbeatAt ?? work.acknowledgedAt ?? now;
    const limit = work.state === 'starting' ? thresholds.startingSeconds : thresholds.staleHeartbeatSeconds;
    if (now - lastSign > limit * 1000) stale[work.state]++;
  }
  const { created, acknowledged, stopped, requeued, lapsed, wait, run, stop } = queue.totals;
  return {
    name: environment.name,
    depth: counts.depth,
    pending: counts.pending,
    oldest_queued_at: counts.oldestQueuedAt === null ? null : queue.text(counts.oldestQueuedAt),
    workers_polling: counts.workersPolling,
    items,
    stale_heartbeat_items: stale,
    totals: { created, acknowledged, stopped, requeued, lapsed },
    wait,
    run,
    stop,
  };
}
