import { errors } from 'undici';
import { ExporterError, systemErrorCode } from '../base/errors.ts';
import { hasKnownKey } from '../base/key-shape.ts';
import type { ApiOperation } from '../domain/environment.ts';
import {
  CREDENTIAL_NAMES,
  type CredentialKind,
  type Failure,
  type FailureReason,
  NOT_SELF_HOSTED_REMEDY,
  RATE_LIMITED_REMEDY,
} from '../domain/failure.ts';
import type { ErrorEnvelope } from '../wire/other-answers.ts';
import type { ProviderPreset } from '../wire/presets.ts';

export interface ApiErrorOptions {
  /** The wait that the answer asked for with `retry-after`; null when it asked for none. */
  readonly retryAfterMs?: number | null;
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

  constructor(failure: Failure, { retryAfterMs = null, tooMuch = false, requests = 0 }: ApiErrorOptions = {}) {
    super(`api_${failure.reason}`, failure.message, { remedy: failure.remedy });
    this.failure = failure;
    this.retryAfterMs = retryAfterMs;
    this.tooMuch = tooMuch;
    this.requests = requests;
  }

  /** The same failure, of a call that took this many requests. */
  after(requests: number): ApiError {
    return new ApiError(this.failure, { ...this, requests });
  }
}

/** Whatever a call threw, as a value that is safe to store and show. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ApiError) return error.failure;
  // A bug in this program must show as a failing read, not end the process. The error's text may quote anything.
  const message = `the read ended with an unexpected ${error instanceof Error ? error.name : typeof error}`;
  const remedy = 'This is a bug in the exporter: please report it with the log at level debug.';
  return { reason: 'bad_response', httpStatus: null, requestId: null, message, remedy };
}

/** The statuses for a parameter that is not accepted; 422 is that of frameworks which check parameters themselves. */
const REJECTED_PARAMETER: readonly number[] = [400, 422];
/** The statuses for a cursor that is no longer accepted: nothing else in a request with a cursor can be wrong. */
const REJECTED_CURSOR: readonly number[] = [...REJECTED_PARAMETER, 404, 410];

/** Whether a request with a cursor failed because of the cursor. */
export function rejectsCursor(error: unknown): error is ApiError {
  return error instanceof ApiError && REJECTED_CURSOR.includes(error.failure.httpStatus ?? 0);
}

/** Whether a smaller page may succeed. `page` is the cursor of the request, null for the first page. */
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

function notSent(reason: FailureReason, message: string, remedy: string): ApiError {
  return new ApiError({ reason, httpStatus: null, requestId: null, message, remedy });
}

/** A call for which no key is configured, or which the provider does not offer. */
export function noCredential(asked: Asked, preset: ProviderPreset): ApiError {
  const kinds = preset.credentials[asked.operation];
  const what = describeRequest(asked);
  if (kinds.length === 0) {
    const message = `${what} is not offered by the provider ${preset.provider}`;
    return notSent('client_error', message, 'Name the environments in the configuration instead.');
  }
  const message = `${what} needs ${kinds.map((kind) => `an ${CREDENTIAL_NAMES[kind]}`).join(' or ')}, and none is configured`;
  return notSent('unauthorized', message, `Set ${kinds.map((kind) => `${kind}_file`).join(' or ')}.`);
}

/** An id that would change which endpoint a path names. The id itself is not quoted: it may be anything. */
export function unsafeId(asked: Asked, isFromApi: boolean): ApiError {
  if (!isFromApi) {
    const message = 'Reading from an environment was not tried: its id cannot stand in a request path';
    return notSent(
      'client_error',
      message,
      'An id has 1 to 128 letters, digits, _ and -, and is neither poll nor stats.',
    );
  }
  const message = `${describeRequest(asked)} was not tried: the API gave it an id that cannot stand in a request path`;
  return notSent('bad_response', message, 'Report this: ids from the API contain only letters, digits, _ and -.');
}

/** What went wrong below HTTP, in words. */
export interface NetworkFailure {
  readonly reason: FailureReason;
  /** Ends the sentence `Reading … failed: `. */
  readonly what: string;
  readonly remedy: string;
  /** The other side ended the connection; if no byte of the answer had arrived, one retry makes sense. */
  readonly connectionLost: boolean;
}

const REACH = 'Check base_url, the network policy, and HTTPS_PROXY and NO_PROXY.';
const SPEAKS = 'Check scheme and port of base_url, or of HTTPS_PROXY: most proxies are http:// ones, also for https.';
const NO_ROUTE = /^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EACCES|EPERM)$/;
const LOST = /^(ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET)$/;

type Row = readonly [codes: RegExp, what: string, remedy: string, reason?: FailureReason];

/** By the code of errors of Node, OpenSSL and undici; the first match counts. The reason is `network` where none is given. */
const NETWORK: readonly Row[] = [
  [/^(ENOTFOUND|EAI_.*)$/, 'the name of the host cannot be resolved', REACH],
  [/^ECONNREFUSED$/, 'the connection was refused', REACH],
  [NO_ROUTE, 'there is no route to the host', REACH],
  [/^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/, 'the connection timed out', REACH, 'timeout'],
  [LOST, 'the connection was closed by the other side', SPEAKS],
  [/^(EMFILE|ENFILE)$/, 'this process may open no more files', 'Raise its limit of open files (ulimit -n).'],
  [
    /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|CERT_UNTRUSTED|INVALID_CA|CERT_CHAIN_TOO_LONG/,
    "the server's certificate is not signed by a known authority",
    'Set ca_file to the certificate (PEM) of the authority that signed it, e.g. that of your TLS-inspecting proxy.',
  ],
  [
    /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    "the server's certificate is not valid at this time",
    "Renew the certificate of the server or of its authority (ca_file), or set this machine's clock.",
  ],
  [
    /^(ERR_TLS_CERT_ALTNAME_INVALID|UND_ERR_PRX_TLS)$/,
    "the server's certificate is for another name",
    'Use the host name of the certificate in base_url (or in HTTPS_PROXY, for a proxy).',
  ],
  [/^(EPROTO|ERR_SSL_.*|ERR_TLS_.*)$/, 'no TLS connection could be established', SPEAKS],
  [
    /^(UND_ERR_PRX_CONN|UND_ERR_ABORTED)$/,
    'the proxy refused to connect to the host',
    'Check the user and password in HTTPS_PROXY, what the proxy allows, and NO_PROXY.',
  ],
  [
    /^UND_ERR_INVALID_ARG$/,
    'the request could not be made, or the proxy asks for a password',
    'Check the user and password in HTTP_PROXY, and the key for characters that no header may carry.',
    'client_error',
  ],
  [/HEADERS?_OVERFLOW$/, 'the answer has headers of more than 16 KiB', 'Look at what proxies add.', 'bad_response'],
  [
    /^(HPE_.*|ERR_ASSERTION|UND_ERR_RES_CONTENT_LENGTH_MISMATCH)$/,
    'the answer is not HTTP',
    'Check that base_url names a Work API and that nothing else listens there.',
    'bad_response',
  ],
];

/** Anything that undici or Node throws during a request. `proxy`: the variable that names the one in use. */
export function networkFailure(error: unknown, proxy: string | null): NetworkFailure {
  const code = codeOf(error);
  const row = NETWORK.find(([codes]) => codes.test(code)) ?? ([LOST, 'the request failed', REACH] as const);
  const [, what, remedy, reason = 'network'] = row;
  return { reason, what: `${what}${through(proxy)} (${code})`, remedy, connectionLost: LOST.test(code) };
}

/** A request whose time ended. Without a connection until then, as where a firewall drops what is sent, the API is not slow. */
export function timedOut(timeoutMs: number, hadConnection: boolean, proxy: string | null): NetworkFailure {
  const what = `no ${hadConnection ? 'complete answer' : 'connection'}${through(proxy)} within ${timeoutMs / 1000} s`;
  const slow = 'The API or a proxy in between is slow: if it lasts, raise timeout.';
  return { reason: 'timeout', what, remedy: hadConnection ? slow : REACH, connectionLost: false };
}

/** Only the variable: the page and the log need not show where a proxy is. */
const through = (proxy: string | null) => (proxy === null ? '' : ` through the proxy of ${proxy}`);

/** The most specific code: for a host with several addresses, Node throws an AggregateError with one error for each. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    const codes = error.errors.map(codeOf);
    // As of a machine without IPv6, for the IPv6 addresses of a host: the others say what is wrong.
    return codes.find((code) => !NO_ROUTE.test(code)) ?? codes[0]!;
  }
  const code = systemErrorCode(error);
  if (code !== null && code !== 'UND_ERR') return code;
  // Not every error of its parser has a code.
  if (error instanceof errors.HTTPParserError) return 'HPE_INVALID';
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? 'unknown' : codeOf(cause);
}

/** What is known of a request that was not answered with a success. The texts in `envelope` are compared and not shown. */
export interface FailedRequest extends Asked {
  readonly preset: Pick<ProviderPreset, 'credentials' | 'remedies'>;
  /** Whether it asked for a page by a cursor that the API gave out. */
  readonly byCursor?: boolean | undefined;
  readonly credential: CredentialKind;
  /** Where the key was configured, in words. */
  readonly credentialSource: string;
  readonly status: number;
  readonly envelope: ErrorEnvelope;
  /** The answer was an HTML page: a proxy, a firewall or a login answers, and the key may be good. */
  readonly isPage: boolean;
}

export interface ShownParts {
  readonly requestId: string | null;
  /** The answer's `error.type`, as it may be shown. */
  readonly type: string | null;
  /** Where a redirect leads: scheme, host and port only. */
  readonly redirectTo: string | null;
}

/**
 * An answer that is not a success, as a failure. It is judged by this one answer: whether a 404 of the list really means a
 * cloud environment is decided where the stats are known too.
 */
export function failureOfAnswer(request: FailedRequest, { requestId, type, redirectTo }: ShownParts): Failure {
  const { status } = request;
  const page = request.isPage ? ' and an HTML page' : '';
  const target = redirectTo === null ? '' : `, a redirect to ${redirectTo}`;
  const answer = `${status}${type === null ? '' : ` ${type}`}${page}${target}`;
  const [reason, remedy] = judgementOf(request);
  return {
    reason,
    httpStatus: status,
    requestId,
    message: `${describeRequest(request)} was answered with ${answer}`,
    remedy,
  };
}

type Judgement = readonly [reason: FailureReason, remedy: string];

const FAILING = 'The API, or a gateway before it, is failing.';
const ELSEWHERE =
  'Check base_url and provider, and what proxies in between do; else report it to the service, with the request id.';
const ADMIN = 'an administrator must resolve it with the service.';
const NOT_THE_API =
  'The API answers with JSON, never with a page: a proxy, a firewall or a login before it refuses the request, or base_url leads elsewhere. This says nothing about the key.';

/** By status or, for all others, by its first digit. */
const STATUSES: Readonly<Record<number, Judgement>> = {
  2: ['bad_response', ELSEWHERE],
  3: ['client_error', 'Redirects are never followed: set base_url to the address of the API itself, with https.'],
  4: ['client_error', ELSEWHERE],
  5: ['server_error', FAILING],
  400: ['client_error', 'The API does not accept this request: check that provider fits base_url.'],
  402: ['client_error', `A billing problem blocks the API: ${ADMIN}`],
  408: ['timeout', FAILING],
  429: ['rate_limited', RATE_LIMITED_REMEDY],
  529: ['server_error', 'The API is overloaded: nothing to do here, the exporter tries again by itself.'],
};

/** What the API says beside its status, where that says more. */
const SAID: readonly (readonly [statuses: readonly number[], text: RegExp, remedy: string, reason?: FailureReason])[] =
  [
    [[400, 401, 403], /organization_on_hold/i, `The organization is on hold: ${ADMIN}`],
    [
      [400, 401, 403],
      /claude_code_key_creator_not_member/i,
      'The person who created the key has left the organization: make another one.',
    ],
    [
      [401],
      /x-api-key header is required/i,
      'No credential reached the API: check that no proxy removes request headers.',
    ],
    [[429], /spend_limit/i, `A spend limit is reached: ${ADMIN}`],
    [
      [400, 404],
      /only available for self-?_?hosted|only byoc and bridge environments|not (?:a )?self-?_?hosted/i,
      NOT_SELF_HOSTED_REMEDY,
      'not_self_hosted',
    ],
  ];

function judgementOf(request: FailedRequest): Judgement {
  const { status, envelope, isPage, byCursor, operation, environmentId, preset } = request;
  const isKey = status === 401 || status === 403;
  if (isPage && (isKey || status === 404)) return ['bad_response', NOT_THE_API];
  if (byCursor && REJECTED_CURSOR.includes(status))
    return ['client_error', 'The API no longer accepts a cursor that it gave out: the exporter starts the list over.'];
  const [reason, remedy] = isKey
    ? ([status === 401 ? 'unauthorized' : 'forbidden', keyRemedy(request)] as const)
    : status === 404
      ? (['not_found', missing(operation, environmentId)] as const)
      : (STATUSES[status] ?? STATUSES[Math.floor(status / 100)] ?? STATUSES[5]!);
  const text = `${envelope.errorCode ?? ''} ${envelope.message ?? ''}`;
  const said = SAID.find(([statuses, pattern]) => statuses.includes(status) && pattern.test(text));
  if (said !== undefined) return [said[3] ?? reason, said[2]];
  return [reason, remedy === FAILING ? `${FAILING} ${preset.remedies.failing}` : remedy];
}

function missing(operation: ApiOperation, environmentId: string | null): string {
  if (operation === 'environments') return 'Check base_url and provider: the list of environments is not there.';
  return `Check that ${environmentId} exists in the workspace of the key and was not deleted or archived; if the API knows no environment at all, check base_url and provider.`;
}

/** What the API answers to wrong keys: docs/design/work-api.md#what-a-wrong-key-gets. */
function keyRemedy({
  status,
  credential,
  operation,
  environmentId,
  envelope,
  preset,
  ...request
}: FailedRequest): string {
  const key = `the key from ${request.credentialSource}`;
  if (status === 401 && !/not (?:valid|authorized) for this environment/i.test(envelope.message ?? ''))
    return `Check that ${key} is complete, and was neither revoked nor has expired; or create one ${preset.remedies.keysMade[credential]}, and replace it.`;
  if (credential === 'api_key')
    return `Check that ${key} belongs to the workspace of ${environmentId ?? 'the environments'}, and workspace_id if it is set.`;
  if (/scope requirement/i.test(envelope.message ?? '') && preset.credentials[operation].includes('api_key'))
    return `An environment key may not do this (${operation}): set api_key_file to a file with an API key of the same workspace.`;
  return `An environment key reaches only its own environment: check that ${key} and the id ${environmentId} belong together.`;
}

/** As many letters and digits of a key in a row are a part of it. In an id made by chance they are not found. */
const PART = 6;

/**
 * What of an answer is shown beside its status: what has this shape, and holds no part of the key of its request. Nothing
 * else is quoted, because services echo keys, whole, cut or masked in the middle.
 */
export function shownText(text: string | null, shape: RegExp, key: string): string | null {
  if (text === null || !shape.test(text) || hasKnownKey(text)) return null;
  const [shown, secret] = [lettersOf(text), lettersOf(key)];
  const length = Math.min(PART, secret.length);
  for (let at = 0; at + length <= shown.length; at++) if (secret.includes(shown.slice(at, at + length))) return null;
  return text;
}

function lettersOf(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}
