import type { EpochMs } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { randomId } from './identity.ts';
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
export interface NewWork {
  readonly type?: 'session' | 'healthcheck';
  readonly metadata?: Readonly<Record<string, string>>;
  /** A tool call that its session makes when a real worker serves it. */
  readonly toolCall?: { readonly name: string; readonly input: Readonly<Record<string, unknown>> } | null;
  /** False: polls skip it, as if the queue had lost it. */
  readonly claimable?: boolean;
  readonly conduct?: SessionConduct;
  /** How long its runs take; by default as long as those of its worker's fleet. */
  readonly run?: Range | undefined;
}

/**
 * One work item as the simulator keeps it; only `WorkQueue` changes it.
 *
 * Times ending in `At` are the API's stamps: the world's time plus the API's clock skew. Claims and leases use the
 * world's own time, so that a change of the skew does not end a lease.
 */
export interface WorkRecord extends Required<Omit<NewWork, 'metadata' | 'claimable'>> {
  /** Position in order of creation; history that was added later has negative positions. */
  readonly seq: number;
  id: string;
  readonly sessionId: string;
  state: RecordState;
  metadata: Record<string, string>;
  claimable: boolean;
  readonly createdAt: EpochMs;
  /** When it was last queued. */
  queuedAt: EpochMs;
  startedAt: EpochMs | null;
  acknowledgedAt: EpochMs | null;
  latestHeartbeatAt: EpochMs | null;
  stopRequestedAt: EpochMs | null;
  stoppedAt: EpochMs | null;
  /** When a poll handed it out; null unless it still waits for its acknowledgement. */
  claimedAt: EpochMs | null;
  lease: { readonly ttlSeconds: number; readonly expiresAt: EpochMs } | null;
  /** How often it was handed out in this run. */
  deliveries: number;
  /** How often it was acknowledged since its last stop. */
  acknowledgements: number;
}

/** Acknowledged and not stopped. */
export function isHeld({ state }: WorkRecord): boolean {
  return state === 'starting' || state === 'active' || state === 'stopping';
}

/** A queued item of a new session. `seq` is its place in the order of creation. */
export function newRecord(
  { switches, random }: { readonly switches: Switches; readonly random: Random },
  { seq, createdAt }: { readonly seq: number; readonly createdAt: EpochMs },
  work: NewWork = {},
): WorkRecord {
  const sessionId = randomId('sesn', random);
  return {
    seq,
    id: switches.idForm === 'session' ? sessionId : randomId('work', random),
    sessionId,
    type: work.type ?? 'session',
    state: 'queued',
    metadata: { ...work.metadata },
    createdAt,
    queuedAt: createdAt,
    startedAt: null,
    acknowledgedAt: null,
    latestHeartbeatAt: null,
    stopRequestedAt: null,
    stoppedAt: null,
    claimedAt: null,
    lease: null,
    deliveries: 0,
    acknowledgements: 0,
    claimable: work.claimable ?? true,
    toolCall: work.toolCall ?? null,
    conduct: work.conduct ?? 'turns',
    run: work.run,
  };
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
