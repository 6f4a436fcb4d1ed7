import type { Clock } from '../base/clock.ts';
import { ApiError } from '../client/api-error.ts';
import { failureOf } from '../client/failure-of.ts';
import type { WorkApi } from '../client/work-api.ts';
import type { Failure } from '../domain/failure.ts';
import type { SessionReading } from '../state/sessions-state.ts';
import type { SessionTarget } from './due-sessions.ts';

/** How the read of one session ended: a value, whatever happened. */
export type SessionOutcome =
  | { readonly kind: 'read'; readonly reading: SessionReading }
  /** The API does not know it. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly retryAfterMs: number | null };

export interface ReadSessionOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Older answers of a cache are not taken. */
  readonly maxAgeMs: number;
}

/**
 * Reads a session, and of one that is idle the last idle event; `requests` of the outcome is how many that took. The
 * first one's token has been taken.
 *
 * The status comes first: the last idle event of a session that runs again is history.
 *
 * @throws the signal's reason
 */
export async function readSession(
  api: WorkApi,
  { environmentId, sessionId, acknowledgedAt }: SessionTarget,
  { clock, signal, maxAgeMs }: ReadSessionOptions,
): Promise<SessionOutcome & { readonly requests: number }> {
  let requests = 1;
  // Nothing waits for it: what fails is tried again when its turn comes.
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
