import type { EpochMs } from '../base/clock.ts';

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
