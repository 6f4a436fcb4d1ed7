import type { EpochMs, Random } from '../base/clock.ts';
import type { Switches } from './switches.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 24;

/** A random id in the API's format, such as `sesn_01…`. */
export function randomId(prefix: string, random: Random): string {
  let text = `${prefix}_01`;
  for (let i = 2; i < ID_LENGTH; i++) text += BASE62[Math.floor(random() * BASE62.length)];
  return text;
}

/** The API's clock, which may be ahead of the world's, and its stamps, in microseconds. */
export class ApiStamps {
  /** Milliseconds by which the API's stamps are ahead of the world's time. */
  skewMs = 0;
  readonly #isWholeSeconds: boolean;

  constructor({ wholeSeconds }: Pick<Switches, 'wholeSeconds'>) {
    this.#isWholeSeconds = wholeSeconds;
  }

  /** The stamp of a moment. */
  at(now: EpochMs): EpochMs {
    return toMicroseconds(now + this.skewMs);
  }

  /** The moment of a stamp, in the world's time. */
  moment(stamp: EpochMs): EpochMs {
    return stamp - this.skewMs;
  }

  /** A stamp later than the previous one, however quickly they follow, so that no two are equal. */
  after(now: EpochMs, previous: EpochMs | null): EpochMs {
    return Math.max(this.at(now), toMicroseconds((previous ?? 0) + 0.001));
  }

  /** A stamp as the API writes it, with six digits of a second or none. */
  text(stamp: EpochMs): string {
    if (this.#isWholeSeconds) return new Date(Math.round(stamp / 1000) * 1000).toISOString().replace('.000', '');
    const micros = Math.round(stamp * 1000);
    const text = new Date(Math.floor(micros / 1000)).toISOString();
    return `${text.slice(0, -1)}${String(micros % 1000).padStart(3, '0')}Z`;
  }

  textOrNull(stamp: EpochMs | null): string | null {
    return stamp === null ? null : this.text(stamp);
  }
}

function toMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

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
  readonly type: 'session' | 'healthcheck' = 'session';
  /** A tool call that its session makes when a real worker serves it. */
  readonly toolCall: { readonly name: string; readonly input: Readonly<Record<string, unknown>> } | null = null;
  readonly conduct: SessionConduct = 'turns';
  /** How long its runs take; by default as long as those of its worker's fleet. */
  readonly run: Range | undefined;
  metadata: Readonly<Record<string, string>> = {};
  /** What its session was created with: an update of the item leaves the session alone. */
  readonly sessionMetadata: Readonly<Record<string, string>>;
  /** False: polls skip it, as if the queue had lost it. */
  claimable = true;
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

  constructor(ids: Pick<WorkRecord, 'seq' | 'id' | 'sessionId' | 'createdAt'>, work: NewWork) {
    this.seq = ids.seq;
    this.id = ids.id;
    this.sessionId = ids.sessionId;
    this.createdAt = ids.createdAt;
    this.queuedAt = ids.createdAt;
    Object.assign(this, work);
    this.sessionMetadata = this.metadata;
  }
}

/** Acknowledged and not stopped. */
export function isHeld({ state }: WorkRecord): boolean {
  return state === 'starting' || state === 'active' || state === 'stopping';
}

/** An item as the API shows it (docs/design/work-api.md#work-item). @param now the API's stamp of this moment */
export function workJson(
  work: WorkRecord,
  { switches, stamps }: { readonly switches: Switches; readonly stamps: ApiStamps },
  { environmentId, now, secret = null }: { environmentId: string; now: EpochMs; secret?: string | null | undefined },
): Readonly<Record<string, unknown>> {
  // The enqueue stamp is set a moment after creation: until then the item does not show it.
  const isStarted = work.startedAt === null || work.startedAt <= now;
  return {
    id: work.id,
    type: 'work',
    environment_id: environmentId,
    data: { type: work.type, id: work.sessionId },
    state: work.state,
    metadata: work.metadata,
    ...(switches.secret !== 'missing' || secret !== null ? { secret } : {}),
    ...(switches.actor ? { actor: null } : {}),
    created_at: stamps.text(work.createdAt),
    acknowledged_at: stamps.textOrNull(work.acknowledgedAt),
    started_at: isStarted ? stamps.textOrNull(work.startedAt) : null,
    latest_heartbeat_at: stamps.textOrNull(work.latestHeartbeatAt),
    stop_requested_at: stamps.textOrNull(work.stopRequestedAt),
    stopped_at: stamps.textOrNull(work.stoppedAt),
  };
}

/** Everything that has ever happened in an environment, counted where it happens. */
export class WorkTotals {
  created = 0;
  acknowledged = 0;
  stopped = 0;
  requeued = 0;
  lapsed = 0;
  /** Counts and sums of seconds, as of a histogram: acknowledged − queued, sessions only; … */
  readonly wait = { count: 0, sum: 0 };
  /** … stopped − acknowledged; and stopped − stop requested. */
  readonly run = { count: 0, sum: 0 };
  readonly stop = { count: 0, sum: 0 };

  /** An item that has just been acknowledged. */
  countAcknowledged(work: WorkRecord, { startedAtIsEnqueueStamp }: Switches): void {
    this.acknowledged++;
    const enqueued = startedAtIsEnqueueStamp ? (work.startedAt ?? work.queuedAt) : work.queuedAt;
    if (work.type === 'session') add(this.wait, work.acknowledgedAt! - enqueued);
  }

  /** An item that has just stopped, whether it ran or not. */
  countStopped(work: WorkRecord): void {
    this.stopped++;
    const ran = work.acknowledgedAt !== null && work.acknowledgedAt >= work.queuedAt;
    if (ran) add(this.run, work.stoppedAt! - work.acknowledgedAt!);
    if (work.stopRequestedAt !== null) add(this.stop, work.stoppedAt! - work.stopRequestedAt);
  }
}

/** Adds a duration, milliseconds; a negative one counts as 0. */
function add(total: { count: number; sum: number }, durationMs: number): void {
  total.count++;
  total.sum += Math.max(0, durationMs) / 1000;
}
