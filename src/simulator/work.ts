import type { EpochMs } from '../base/clock.ts';
import type { ApiStamps } from './identity.ts';
import type { Switches } from './switches.ts';

export type RecordState = 'queued' | 'starting' | 'active' | 'stopping' | 'stopped';

/** Seconds, least and most; values are uniformly distributed. */
export type Range = readonly [number, number];

/**
 * What a session does when its item is served.
 *
 * - `turns`: works and ends its turn.
 * - `wedges`: calls a tool whose result is refused with 403, and waits for it forever.
 * - `awaits-approval`: calls a tool that needs approval, which nobody gives.
 * - `terminates`: ends for good half a minute after it began, and its worker does not notice.
 * - `kills-worker`: kills whichever worker serves it.
 */
export const SESSION_CONDUCTS = ['turns', 'wedges', 'awaits-approval', 'terminates', 'kills-worker'] as const;
export type SessionConduct = (typeof SESSION_CONDUCTS)[number];

/** What an item is made of. */
export type NewWork = Partial<Pick<WorkRecord, 'type' | 'metadata' | 'toolCall' | 'claimable' | 'conduct' | 'run'>>;

/**
 * One work item as the simulator keeps it; only `WorkQueue` changes it.
 *
 * Times ending in `At` are the API's stamps: the world's time plus the API's clock skew. Claims and leases use the
 * world's own time, so that a change of the skew does not end a lease.
 */
export class WorkRecord {
  /** Position in order of creation; history that was added later has negative positions. */
  readonly seq: number;
  id: string;
  readonly sessionId: string;
  readonly type: 'session' | 'healthcheck';
  /** A tool call that its session makes when a real worker serves it. */
  readonly toolCall: { readonly name: string; readonly input: Readonly<Record<string, unknown>> } | null;
  readonly conduct: SessionConduct;
  /** How long its runs take; by default as long as those of its worker's fleet. */
  readonly run: Range | undefined;
  metadata: Readonly<Record<string, string>>;
  /** False: polls skip it, as if the queue had lost it. */
  claimable: boolean;
  state: RecordState = 'queued';
  readonly createdAt: EpochMs;
  /** When it was last queued. */
  queuedAt: EpochMs;
  startedAt: EpochMs | null = null;
  acknowledgedAt: EpochMs | null = null;
  latestHeartbeatAt: EpochMs | null = null;
  stopRequestedAt: EpochMs | null = null;
  stoppedAt: EpochMs | null = null;
  /** When a poll handed it out; null unless it still waits for its acknowledgement. */
  claimedAt: EpochMs | null = null;
  lease: { readonly ttlSeconds: number; readonly expiresAt: EpochMs } | null = null;
  /** How often it was handed out in this run. */
  deliveries = 0;
  /** How often it was acknowledged since its last stop. */
  acknowledgements = 0;
  /** As it is shown since it stopped: most items of a long list have stopped long ago. */
  stopped: { readonly at: EpochMs | null; readonly metadata: object; readonly json: WorkJson } | null = null;

  constructor(ids: Pick<WorkRecord, 'seq' | 'id' | 'sessionId' | 'createdAt'>, work: NewWork) {
    this.seq = ids.seq;
    this.id = ids.id;
    this.sessionId = ids.sessionId;
    this.createdAt = ids.createdAt;
    this.queuedAt = ids.createdAt;
    this.type = work.type ?? 'session';
    this.toolCall = work.toolCall ?? null;
    this.conduct = work.conduct ?? 'turns';
    this.run = work.run;
    this.metadata = { ...work.metadata };
    this.claimable = work.claimable ?? true;
  }
}

/** Acknowledged and not stopped. */
export function isHeld({ state }: WorkRecord): boolean {
  return state === 'starting' || state === 'active' || state === 'stopping';
}

type WorkJson = Readonly<Record<string, unknown>>;

/** How a service makes and shows items. */
export interface Service {
  readonly switches: Switches;
  readonly stamps: ApiStamps;
}

/** An item as the API shows it (docs/design/work-api.md#work-item). @param now the API's stamp of this moment */
export function workJson(
  work: WorkRecord,
  { switches, stamps }: Service,
  { environmentId, now, secret = null }: { environmentId: string; now: EpochMs; secret?: string | null | undefined },
): WorkJson {
  const { stopped, stoppedAt, metadata } = work;
  const isStopped = work.state === 'stopped' && secret === null;
  if (isStopped && stopped?.at === stoppedAt && stopped.metadata === metadata) return stopped.json;
  // The enqueue stamp is set a moment after creation: until then the item does not show it.
  const isStarted = work.startedAt === null || work.startedAt <= now;
  const json = {
    id: work.id,
    type: 'work',
    environment_id: environmentId,
    data: { type: work.type, id: work.sessionId },
    state: work.state,
    metadata,
    ...(switches.secret !== 'missing' || secret !== null ? { secret } : {}),
    ...(switches.actor ? { actor: null } : {}),
    created_at: stamps.text(work.createdAt),
    acknowledged_at: stamps.textOrNull(work.acknowledgedAt),
    started_at: isStarted ? stamps.textOrNull(work.startedAt) : null,
    latest_heartbeat_at: stamps.textOrNull(work.latestHeartbeatAt),
    stop_requested_at: stamps.textOrNull(work.stopRequestedAt),
    stopped_at: stamps.textOrNull(stoppedAt),
  };
  if (isStopped && isStarted) work.stopped = { at: stoppedAt, metadata, json };
  return json;
}

/** A count and a sum of seconds: enough to check a histogram. */
export interface DurationTotal {
  readonly count: number;
  readonly sum: number;
}

/** Everything that has ever happened in an environment, counted where it happens. */
export class WorkTotals {
  created = 0;
  acknowledged = 0;
  stopped = 0;
  requeued = 0;
  lapsed = 0;
  /** Acknowledged − queued, sessions only. */
  wait: DurationTotal = { count: 0, sum: 0 };
  /** Stopped − acknowledged. */
  run: DurationTotal = { count: 0, sum: 0 };
  /** Stopped − stop requested. */
  stop: DurationTotal = { count: 0, sum: 0 };

  /** An item that has just been acknowledged; `startedAt` says what the stamp of that name means. */
  countAcknowledged(work: WorkRecord, startedAt: Switches['startedAt']): void {
    this.acknowledged++;
    const enqueued = startedAt === 'enqueue' ? (work.startedAt ?? work.queuedAt) : work.queuedAt;
    if (work.type === 'session') this.wait = plus(this.wait, work.acknowledgedAt! - enqueued);
  }

  /** An item that has just stopped, whether it ran or not. */
  countStopped(work: WorkRecord): void {
    this.stopped++;
    const ran = work.acknowledgedAt !== null && work.acknowledgedAt >= work.queuedAt;
    if (ran) this.run = plus(this.run, work.stoppedAt! - work.acknowledgedAt!);
    if (work.stopRequestedAt !== null) this.stop = plus(this.stop, work.stoppedAt! - work.stopRequestedAt);
  }
}

/** Adds one duration, milliseconds; a negative one counts as 0. */
function plus({ count, sum }: DurationTotal, durationMs: number): DurationTotal {
  return { count: count + 1, sum: sum + Math.max(0, durationMs) / 1000 };
}
