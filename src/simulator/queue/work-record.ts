import type { EpochMs } from '../../base/clock.ts';

export type RecordState = 'queued' | 'starting' | 'active' | 'stopping' | 'stopped';
export type RecordType = 'session' | 'healthcheck';

/** A tool call that the item's session makes when a real worker serves it. */
export interface ToolCall {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

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

/**
 * One work item as the simulator keeps it; only `WorkQueue` and its `WorkTransitions` change it.
 *
 * Times ending in `At` are the API's stamps: the world's time plus the API's clock skew. Claims and leases use the
 * world's own time, so that a change of the skew does not end a lease.
 */
export interface WorkRecord {
  /** Position in order of creation; history that was added later has negative positions. */
  readonly seq: number;
  id: string;
  readonly sessionId: string;
  readonly type: RecordType;
  state: RecordState;
  metadata: Record<string, string>;
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
  /** False: polls skip it, as if the queue had lost it. */
  claimable: boolean;
  /** Created when a real worker serves its session. */
  toolCall: ToolCall | null;
  readonly conduct: SessionConduct;
  /** How long its runs take, seconds from and to; null: as long as those of its worker's fleet. */
  readonly runSeconds: readonly [number, number] | null;
}

/** Acknowledged and not stopped. */
export function isHeld(work: WorkRecord): boolean {
  return work.state === 'starting' || work.state === 'active' || work.state === 'stopping';
}

/** Metadata with a patch applied: a string sets a key, null removes it. */
export function mergeMetadata(
  metadata: Readonly<Record<string, string>>,
  patch: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const merged = Object.entries({ ...metadata, ...patch });
  return Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null));
}
