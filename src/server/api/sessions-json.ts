import type { EnvironmentState } from '../../state/environment-state.ts';
import { jsonTime } from './json-values.ts';

/**
 * How the sessions of long runs are read, as docs/reference.md#json-of-an-environment shows it; null before the first
 * look. A failure shows no text of the API: it might come from a session.
 */
export function sessionsJson({ environment, sessions }: EnvironmentState) {
  if (sessions === undefined) return null;
  const { attempted, longRuns, lastReadAt, failure } = sessions;
  return {
    status: sessionsStatus(environment.sessions.enabled, sessions),
    long_runs: longRuns,
    last_read_at: jsonTime(lastReadAt),
    error:
      failure === null || !attempted
        ? null
        : {
            reason: failure.reason,
            http_status: failure.httpStatus,
            request_id: failure.requestId,
            since: jsonTime(failure.since),
          },
  };
}

function sessionsStatus(
  enabled: boolean,
  { attempted, failure, lastReadAt }: NonNullable<EnvironmentState['sessions']>,
) {
  if (!enabled) return 'off';
  if (!attempted) return 'not_attempted';
  if (failure !== null) return 'failing';
  return lastReadAt === null ? 'pending' : 'ok';
}
