import { SESSION_STATUSES, type SessionFacts, type SessionStatus } from '../domain/session.ts';
import { readObject, readText, readTimestamp } from './read-value.ts';

const STATUSES: ReadonlySet<string> = new Set(SESSION_STATUSES);

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
