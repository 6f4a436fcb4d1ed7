import { ApiError } from '../client/api-error.ts';
import type { Reply } from '../client/work-api.ts';
import type { CredentialKind, Failure } from '../domain/failure.ts';

/** How one read of one environment ended: a value, whatever happened. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T; readonly credential: CredentialKind; readonly httpStatus: number }
  | { readonly ok: false; readonly failure: Failure; readonly retryAfterMs: number | null };

/** Runs a read and turns whatever it throws into a value: one environment's trouble is its own. */
export async function outcomeOf<T>(read: () => Promise<Reply<T>>): Promise<Outcome<T>> {
  try {
    const { value, credential, httpStatus } = await read();
    return { ok: true, value, credential, httpStatus };
  } catch (error) {
    if (error instanceof ApiError) return { ok: false, failure: error.failure, retryAfterMs: error.retryAfterMs };
    return { ok: false, failure: unexpected(error), retryAfterMs: null };
  }
}

/** A mistake of this program must show as a failing read, not end the process. Its text may quote anything: keep the name. */
function unexpected(error: unknown): Failure {
  return {
    reason: 'bad_response',
    httpStatus: null,
    requestId: null,
    message: `the read ended with an unexpected ${error instanceof Error ? error.name : typeof error}`,
    remedy: 'This is a fault of the exporter: please report it with the log at level debug.',
  };
}
