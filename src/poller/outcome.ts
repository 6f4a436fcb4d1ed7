import { ApiError } from '../client/api-error.ts';
import { failureOf } from '../client/failure-of.ts';
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
    const retryAfterMs = error instanceof ApiError ? error.retryAfterMs : null;
    return { ok: false, failure: failureOf(error), retryAfterMs };
  }
}
