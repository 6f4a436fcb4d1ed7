import {
  type IdleEvent,
  SESSION_STATUSES,
  type SessionFacts,
  type SessionStatus,
  WAIT_REASONS,
  type WaitReason,
} from '../domain/session.ts';
import { readArray, readObject, readText, readTimestamp } from './read-value.ts';

/** The type of event that says that a session is idle, and why. */
export const IDLE_EVENT = 'session.status_idle';

const STATUSES: ReadonlySet<string> = new Set(SESSION_STATUSES);
const REASONS: ReadonlySet<string> = new Set(WAIT_REASONS);

/**
 * One session. Two fields are read and nothing else, not even the names of the others: a session holds what people
 * wrote (docs/decisions/0021-what-is-read-of-a-session.md).
 *
 * @throws WireError
 */
export function parseSession(body: unknown): SessionFacts {
  const session = readObject(body, '');
  const status = readText(session.status, 'status');
  return {
    status: STATUSES.has(status) ? (status as SessionStatus) : 'other',
    updatedAt: readTimestamp(session.updated_at, 'updated_at'),
  };
}

/**
 * The first event of a page if it says that the session is idle; otherwise null. A service that ignores the filter
 * answers with events of any type, and nothing is read of those.
 *
 * @throws WireError
 */
export function parseIdleEvent(body: unknown): IdleEvent | null {
  const [first] = readArray(readObject(body, '').data, 'data');
  if (first === undefined) return null;
  const event = readObject(first, 'data[0]');
  if (event.type !== IDLE_EVENT) return null;
  return {
    processedAt: readTimestamp(event.processed_at, 'data[0].processed_at'),
    reason: readReason(event.stop_reason),
  };
}

function readReason(stopReason: unknown): WaitReason {
  const type = typeof stopReason === 'object' && stopReason !== null && 'type' in stopReason ? stopReason.type : null;
  return typeof type === 'string' && REASONS.has(type) ? (type as WaitReason) : 'other';
}
