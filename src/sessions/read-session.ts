import type { Clock } from '../base/clock.ts';
import { ApiError } from '../client/failure/api-error.ts';
import { failureOf } from '../client/failure/failure-of.ts';
import type { WorkApi } from '../client/work-api.ts';
import type { Failure } from '../domain/failure.ts';
import type { SessionReading } from '../state/sessions-state.ts';
import type { SessionTarget } from './due-sessions.ts';

/** The outcome of reading one session: a value, whatever happened. */
export type SessionOutcome =
  | { readonly kind: 'read'; readonly reading: SessionReading }
  /** The API does not know it. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly retryAfterMs: number | null };

export interface ReadSessionOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Older cached answers are not accepted. */
  readonly maxAgeMs: number;
}

/**
 * Reads a session and, if it is idle, its last idle event; `requests` is how many requests that took. The token for the
 * first has been taken.
 *
 * The status comes first: the last idle event of a session that is running again is history.
 *
 * @throws the signal's reason
 */
export async function readSession(
  api: WorkApi,
  { environmentId, sessionId, acknowledgedAt }: SessionTarget,
  { clock, signal, maxAgeMs }: ReadSessionOptions,
): Promise<SessionOutcome & { readonly requests: number }> {
  let requests = 1;
  // Nothing waits for it: a failed read is repeated when its turn comes.
  const options = { signal, maxAgeMs, retry: false };
  try {
    const { value: facts } = await api.session(environmentId, sessionId, { ...options, prepaid: true });
    let idle = null;
    if (facts.status === 'idle') {
      requests++;
      idle = (await api.lastIdleEvent(environmentId, sessionId, options)).value;
    }
    return { kind: 'read', reading: { acknowledgedAt, readAt: clock.now(), facts, idle }, requests };
  } catch (error) {
    signal.throwIfAborted();
    const failure = failureOf(error);
    if (failure.reason === 'not_found') return { kind: 'gone', requests };
    return { kind: 'failed', failure, retryAfterMs: error instanceof ApiError ? error.retryAfterMs : null, requests };
  }
}
