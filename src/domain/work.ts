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
