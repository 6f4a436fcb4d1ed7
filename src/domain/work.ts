import type { EpochMs } from '../base/clock.ts';

/** The states of a work item that the API documents, in the order of its life. */
export const WORK_STATES = ['queued', 'starting', 'active', 'stopping', 'stopped'] as const;
/** A state this version does not know is kept as `other` and counted as drift. */
export type WorkState = (typeof WORK_STATES)[number] | 'other';

/** States in which a worker holds, or should hold, the lease. */
export const RUNNING_STATES = ['starting', 'active', 'stopping'] as const;
export type RunningState = (typeof RUNNING_STATES)[number];

/** The states exported as `items`: all but `stopped`, whose count depends on how much of the list was read. */
export const LIVE_STATES = ['queued', 'starting', 'active', 'stopping', 'other'] as const;
export type LiveState = (typeof LIVE_STATES)[number];

export const WORK_TYPES = ['session', 'healthcheck', 'other'] as const;
export type WorkType = (typeof WORK_TYPES)[number];

/** One work item as a read of the API showed it. The `secret` of the wire never gets this far. */
export interface WorkItem {
  readonly id: string;
  readonly type: WorkType;
  /** Whose work it is, if the API says; like all ids, never a label. */
  readonly sessionId: string | null;
  readonly state: WorkState;
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdAt: EpochMs | null;
  readonly acknowledgedAt: EpochMs | null;
  /** An enqueue stamp on some providers, the first heartbeat on others: the preset says which. */
  readonly startedAt: EpochMs | null;
  readonly latestHeartbeatAt: EpochMs | null;
  readonly stopRequestedAt: EpochMs | null;
  readonly stoppedAt: EpochMs | null;
}

/** The answer of `work/stats`. Null means that the API said null, never 0. */
export interface QueueStats {
  /** Items waiting to be claimed. */
  readonly depth: number;
  /** Items claimed and not yet acknowledged. */
  readonly pending: number;
  /** When the oldest waiting or pending item was queued; null when the queue is empty. */
  readonly oldestQueuedAt: EpochMs | null;
  /** Distinct workers that polled in the last 30 s; null when the API does not know. */
  readonly workersPolling: number | null;
}

/** Not stopped. */
export function isLive(state: WorkState): state is LiveState {
  return state !== 'stopped';
}

/** A worker has it, or should have. */
export function isRunning(state: WorkState): state is RunningState {
  return state === 'starting' || state === 'active' || state === 'stopping';
}

/** How far a stamp may be ahead of the clock, since two clocks differ. A stamp further ahead says nothing. */
const MOST_AHEAD_MS = 60_000;

/**
 * How long the oldest item of a queue has waited, in milliseconds: 0 if nothing waits or if its stamp is slightly
 * ahead, null if work waits and the API does not say since when. Metrics, JSON, conditions and the status page all use
 * this function.
 *
 * @param apiNow now on the API's clock
 */
export function queueAgeMs({ depth, pending, oldestQueuedAt }: QueueStats, apiNow: EpochMs): number | null {
  if (depth + pending === 0) return 0;
  if (oldestQueuedAt === null || oldestQueuedAt - apiNow > MOST_AHEAD_MS) return null;
  return Math.max(0, apiNow - oldestQueuedAt);
}

/** What a session can be doing, in the API's words; a status that this version does not know is `other`. */
export const SESSION_STATUSES = ['running', 'rescheduling', 'idle', 'terminated', 'other'] as const;
export type SessionStatus = (typeof SESSION_STATUSES)[number];

/** Why a session is idle: the stop reason of its last idle event. */
export const WAIT_REASONS = ['requires_action', 'end_turn', 'retries_exhausted', 'other'] as const;
export type WaitReason = (typeof WAIT_REASONS)[number];

/** What is kept of a session; titles, metadata and messages never get this far. */
export interface SessionFacts {
  readonly status: SessionStatus;
  /** API time; null when the API does not say. */
  readonly updatedAt: EpochMs | null;
}

/** What is kept of the last event that said that a session is idle. */
export interface IdleEvent {
  /** API time; null while the API has not processed it. */
  readonly processedAt: EpochMs | null;
  readonly reason: WaitReason;
}
