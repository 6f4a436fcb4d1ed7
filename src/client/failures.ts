import { ExporterError } from '../base/errors.ts';
import { hasKnownKey } from '../base/key-shape.ts';
import type { ApiOperation } from '../domain/environment.ts';
import { CREDENTIAL_NAMES, type Failure, type FailureReason, NOT_SELF_HOSTED_REMEDY } from '../domain/failure.ts';
import type { ProviderPreset } from '../wire/presets.ts';
import { type FailedRequest, REJECTED_CURSOR, REJECTED_PARAMETER, remedyFor } from './remedies.ts';

export interface ApiErrorOptions {
  /** The wait that the answer asked for with `retry-after`; null when it asked for none. */
  readonly retryAfterMs?: number | null;
  readonly cause?: unknown;
  /** There was more in the answer than is accepted of one: a smaller page may do. False when omitted. */
  readonly tooMuch?: boolean;
  /** How many requests were sent; 0 when omitted. */
  readonly requests?: number;
}

/** A call of the Work API that failed; `failure` is safe to store, export and show. `code` is `api_` plus the reason. */
export class ApiError extends ExporterError {
  readonly failure: Failure;
  readonly retryAfterMs: number | null;
  readonly tooMuch: boolean;
  /** The requests that the call took, including a retry. */
  readonly requests: number;

  constructor(failure: Failure, { cause, retryAfterMs = null, tooMuch = false, requests = 0 }: ApiErrorOptions = {}) {
    super(`api_${failure.reason}`, failure.message, { cause, remedy: failure.remedy });
    this.failure = failure;
    this.retryAfterMs = retryAfterMs;
    this.tooMuch = tooMuch;
    this.requests = requests;
  }

  /** The same failure, of a call that took this many requests. */
  after(requests: number): ApiError {
    const { failure, retryAfterMs, tooMuch, cause } = this;
    return new ApiError(failure, { retryAfterMs, tooMuch, cause, requests });
  }
}

/** Whatever a call threw, as a value that is safe to store and show. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ApiError) return error.failure;
  // A bug in this program must show as a failing read, not end the process. The error's text may quote anything.
  return {
    reason: 'bad_response',
    httpStatus: null,
    requestId: null,
    message: `the read ended with an unexpected ${error instanceof Error ? error.name : typeof error}`,
    remedy: 'This is a bug in the exporter: please report it with the log at level debug.',
  };
}

/** Whether a request with a cursor failed because of the cursor. */
export function rejectsCursor(error: unknown): error is ApiError {
  return error instanceof ApiError && REJECTED_CURSOR.includes(error.failure.httpStatus ?? 0);
}

/**
 * Whether a smaller page may succeed: the size of the first one was rejected, or the answer was larger than the client
 * accepts. `page` is the cursor of the request, null for the first page.
 */
export function rejectsPageSize(error: unknown, page: string | null): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  return error.tooMuch || (page === null && REJECTED_PARAMETER.includes(error.failure.httpStatus ?? 0));
}

/** What a call asks for. */
export interface Asked {
  readonly operation: ApiOperation;
  /** Null for the list of environments. */
  readonly environmentId: string | null;
}

const WORDS: Readonly<Record<ApiOperation, string>> = {
  stats: 'the stats',
  list: 'the list of work',
  retrieve: 'one work item',
  environments: 'the list of environments',
  session: 'one session',
};

/** What was tried, in words, to begin a message: `Reading the stats of env_1`. */
export function describeRequest({ operation, environmentId }: Asked): string {
  return environmentId === null ? `Reading ${WORDS[operation]}` : `Reading ${WORDS[operation]} of ${environmentId}`;
}

/** The words with which a service says that an environment is of another kind. */
const NOT_SELF_HOSTED =
  /only available for self-?_?hosted|only byoc and bridge environments|not (?:a )?self-?_?hosted/i;

export interface ShownParts {
  readonly requestId: string | null;
  /** The answer's `error.type`, as it may be shown. */
  readonly type: string | null;
  /** Where a redirect leads: scheme, host and port only. */
  readonly redirectTo: string | null;
}

/**
 * An answer that is not a success, as a failure. Its body decides the reason and the remedy, and is not quoted.
 *
 * It is judged by this one answer. Whether a 404 of the list really means a cloud environment is decided where the stats
 * are known too.
 */
export function failureOfAnswer(request: FailedRequest, { requestId, type, redirectTo }: ShownParts): Failure {
  const reason = reasonOf(request);
  const kind = type === null ? '' : ` ${type}`;
  const page = request.isPage ? ' and an HTML page' : '';
  const target = redirectTo === null ? '' : `, a redirect to ${redirectTo}`;
  return {
    reason,
    httpStatus: request.status,
    requestId,
    message: `${describeRequest(request)} was answered with ${request.status}${kind}${page}${target}`,
    remedy: reason === 'not_self_hosted' ? NOT_SELF_HOSTED_REMEDY : remedyFor(request),
  };
}

function reasonOf({ status, envelope, byCursor, isPage }: FailedRequest): FailureReason {
  // Somebody else answers: the key may be good, and what was asked for may be there.
  if (isPage === true && (status === 401 || status === 403 || status === 404)) return 'bad_response';
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  // Only the page is missing: its cursor came from a list that exists.
  if (status === 404 && byCursor === true) return 'client_error';
  if ((status === 404 || status === 400) && NOT_SELF_HOSTED.test(envelope.message ?? '')) return 'not_self_hosted';
  if (status === 404) return 'not_found';
  if (status === 408) return 'timeout';
  if (status === 429) return 'rate_limited';
  if (status >= 500) return 'server_error';
  // What is left: redirects and client errors, and successes without a body, such as 204.
  return status < 300 ? 'bad_response' : 'client_error';
}

const NOTHING_SENT = { httpStatus: null, requestId: null } as const;

/** A call for which no key is configured, or which the provider does not offer. */
export function noCredential(asked: Asked, preset: ProviderPreset): ApiError {
  const kinds = preset.credentials[asked.operation];
  const what = describeRequest(asked);
  if (kinds.length === 0) {
    const message = `${what} is not offered by the provider ${preset.provider}`;
    const remedy = 'Name the environments in the configuration instead.';
    return new ApiError({ ...NOTHING_SENT, reason: 'client_error', message, remedy });
  }
  const words = kinds.map((kind) => `an ${CREDENTIAL_NAMES[kind]}`).join(' or ');
  const message = `${what} needs ${words}, and none is configured`;
  const remedy = `Set ${kinds.map((kind) => `${kind}_file`).join(' or ')}.`;
  return new ApiError({ ...NOTHING_SENT, reason: 'unauthorized', message, remedy });
}

/** A call that waited until a reload gave its connection another address: the new keys must not go to the old address. */
export function wentElsewhere(asked: Asked): ApiError {
  const message = `${describeRequest(asked)} was not sent: a reload has given the connection another address`;
  const remedy = 'Nothing needs to be done: the next read goes to the new address.';
  return new ApiError({ ...NOTHING_SENT, reason: 'network', message, remedy });
}

/** An id that would change which endpoint a path names. The id itself is not quoted: it may be anything. */
export function unsafeId(asked: Asked, isFromApi: boolean): ApiError {
  const message = isFromApi
    ? `${describeRequest(asked)} was not tried: the API gave it an id that cannot stand in a request path`
    : 'Reading from an environment was not tried: its id cannot stand in a request path';
  const remedy = isFromApi
    ? 'Report this: ids from the API contain only letters, digits, _ and -.'
    : 'An id has 1 to 128 letters, digits, _ and -, and is neither poll nor stats.';
  return new ApiError({ ...NOTHING_SENT, reason: isFromApi ? 'bad_response' : 'client_error', message, remedy });
}

/** As many letters and digits of a key in a row are a part of it. In an id made by chance they are not found. */
const PART = 6;

/**
 * What of an answer is shown beside its status: what has this shape, and holds no part of the key of its request. Nothing
 * else is quoted, because services echo keys, whole, cut or masked in the middle.
 */
export function shownText(text: string | null, shape: RegExp, key: string): string | null {
  return text !== null && shape.test(text) && !hasPartOf(text, key) ? text : null;
}

function hasPartOf(text: string, key: string): boolean {
  const letters = lettersOf(text);
  const ofKey = lettersOf(key);
  if (hasKnownKey(text) || (ofKey.length < PART && letters.includes(ofKey))) return true;
  for (let at = 0; at + PART <= letters.length; at++) if (ofKey.includes(letters.slice(at, at + PART))) return true;
  return false;
}

function lettersOf(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}
