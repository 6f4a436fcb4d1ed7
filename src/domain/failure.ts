/** Why a request failed: the label `reason`, in the words of docs/metrics.md#polls-and-the-api. */
export const FAILURE_REASONS = [
  'unauthorized',
  'forbidden',
  'not_found',
  'not_self_hosted',
  'rate_limited',
  'timeout',
  'network',
  'server_error',
  'bad_response',
  'client_error',
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** How many requests failed for each reason. Immutable: each change makes another. */
export type FailureCounts = Readonly<Record<FailureReason, number>>;
export const NO_FAILURES = Object.fromEntries(FAILURE_REASONS.map((reason) => [reason, 0])) as FailureCounts;

/** Which kind of key a request was sent with. */
export type CredentialKind = 'api_key' | 'environment_key';

/** What people call each kind. */
export const CREDENTIAL_NAMES: Readonly<Record<CredentialKind, string>> = {
  api_key: 'API key',
  environment_key: 'environment key',
};

/** How to fix an environment that has no work queue, whichever way that was found out. */
export const NOT_SELF_HOSTED_REMEDY =
  'Only self-hosted environments have a work queue: take this one out of the configuration, or correct its id.';

/** A failed read as a value: it is stored, exported and shown, and never holds a key or a body. */
export interface Failure {
  readonly reason: FailureReason;
  readonly httpStatus: number | null;
  readonly requestId: string | null;
  /** What was tried and what came back. */
  readonly message: string;
  /** One sentence that says what to do. */
  readonly remedy: string;
}

/**
 * Whether a proxy, a firewall or a login rejected the request, with a page where the API answers with JSON. It does so with
 * every request of that kind, and says nothing about the key.
 */
export function isRejectedOnTheWay({ reason, httpStatus }: Pick<Failure, 'reason' | 'httpStatus'>): boolean {
  return reason === 'bad_response' && (httpStatus === 401 || httpStatus === 403);
}

/** The fields of every log line about a failed read. */
export function failureFields({ reason, httpStatus, requestId, message, remedy }: Failure) {
  return { reason, http_status: httpStatus, request_id: requestId, detail: message, remedy };
}

/** What to do about findings of which the log, the page and errors tell in the same words. */

/** A list whose pages lead back to an earlier one, or to none, before the end of the list. */
export const CHAIN_BROKEN_REMEDY =
  'The pages of the API contradict each other: check that provider names the service at base_url, and what proxies in between do; else report it to the service.';

/** A 429: limits apply to everything that an organization, or all clients of a server, send. */
export const RATE_LIMITED_REMEDY =
  'The rate limit of the API is reached: lower requests_per_minute here, or find what else sends requests.';

/** A list has more live items than are followed. */
export const ROOMLESS_REMEDY = 'The exporter follows 50,000 items of a list: find out why the service lists more.';
