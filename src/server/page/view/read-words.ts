import {
  CREDENTIAL_NAMES,
  type CredentialKind,
  type FailureReason,
  isRejectedOnTheWay,
} from '../../../domain/failure.ts';

/** Why a read failed, in a few words of our own: the API's text may be long and name a key. */
const REASONS: Readonly<Record<FailureReason, (key: string) => string>> = {
  unauthorized: (key) => `${key} refused (401)`,
  forbidden: (key) => `${key} refused (403)`,
  not_found: () => 'unknown to the API',
  not_self_hosted: () => 'not a self-hosted environment',
  rate_limited: () => 'rate-limited by the API (429)',
  timeout: () => 'the API does not answer in time',
  network: () => 'the API cannot be reached',
  server_error: () => 'the API fails (5xx)',
  bad_response: () => 'the answers of the API cannot be understood',
  client_error: () => 'the API rejects the request (4xx)',
};

/** Of an answer that is no JSON of the API, with 401 or 403: something in between gave it. */
const rejectedOnTheWay = (status: number) => `something before the API rejects the request (${status})`;

/**
 * `credential`: the key of the failed request; null if it is not known, or if it does not matter. `httpStatus`: of the
 * answer; null if there was none, or if it is not known.
 */
export function failureWords(
  reason: FailureReason,
  credential: CredentialKind | null,
  httpStatus: number | null = null,
): string {
  if (httpStatus !== null && isRejectedOnTheWay({ reason, httpStatus })) return rejectedOnTheWay(httpStatus);
  return REASONS[reason](credential === null ? 'key' : CREDENTIAL_NAMES[credential]);
}
