import { SESSION_STATUSES, type SessionFacts, type SessionStatus } from '../domain/session.ts';
import { readObject, readText, readTimestamp } from './read-value.ts';

const STATUSES: ReadonlySet<string> = new Set(SESSION_STATUSES);

/**
 * One session. Four fields are read and nothing else, not even the names of the others: a session holds what people
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
    archivedAt: readTimestamp(session.archived_at, 'archived_at'),
    activeSeconds: readActiveSeconds(session.stats),
  };
}

/** Only shown to people, so anything but a number counts as unknown. */
function readActiveSeconds(stats: unknown): number | null {
  const seconds =
    typeof stats === 'object' && stats !== null && 'active_seconds' in stats ? stats.active_seconds : null;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}
