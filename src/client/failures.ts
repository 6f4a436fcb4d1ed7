import { errors } from 'undici';
import { ExporterError, systemErrorCode } from '../base/errors.ts';
import { hasKnownKey } from '../base/secret.ts';
import type { ApiOperation } from '../domain/environment.ts';
import { type Failure, type FailureReason, NOT_SELF_HOSTED_REMEDY, RATE_LIMITED_REMEDY } from '../domain/failure.ts';
import { type ErrorEnvelope, parseErrorEnvelope } from '../wire/other-answers.ts';
import type { ProviderPreset } from '../wire/presets.ts';
import type { WireError } from '../wire/read.ts';
import { BAD_BODY, BodyError, headerText, parseBody, retryAfterMs } from './answers.ts';
import type { ChosenKey } from './keys.ts';
import { type Answer, LATE, type NoAnswer } from './transport.ts';
import type { Asked } from './work-api.ts';

/** A call of the Work API that failed; `failure` is safe to store, export and show. `code` is `api_` plus the reason. */
export class ApiError extends ExporterError {
  readonly failure: Failure;
  /** The wait that the answer asked for with `retry-after`; null when it asked for none. */
  readonly retryAfterMs: number | null;
  /** There was more in the answer than is accepted of one: a smaller page may do. */
  readonly tooMuch: boolean;
  /** It may be gone a second later. */
  readonly mayPass: boolean;
  /** How many requests the call took: the client counts them. */
  requests = 0;

  constructor(failure: Failure, { retryAfterMs = null, tooMuch = false, mayPass = false }: Hints = {}) {
    super(`api_${failure.reason}`, failure.message, { remedy: failure.remedy });
    this.failure = failure;
    this.retryAfterMs = retryAfterMs;
    this.tooMuch = tooMuch;
    this.mayPass = mayPass;
  }
}

/** What may be done about it at once. */
type Hints = Partial<Pick<ApiError, 'retryAfterMs' | 'tooMuch' | 'mayPass'>>;

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

const WORDS: Readonly<Record<ApiOperation, string>> = {
  stats: 'the stats',
  list: 'the list of work',
  retrieve: 'one work item',
  environments: 'the list of environments',
  session: 'one session',
};

/** Where requests go, and through what. */
export interface Service {
  readonly preset: ProviderPreset;
  /** What names the proxy on the way: the page and the log need not show where it is. Null: there is none. */
  readonly proxy: string | null;
}

/** A request that was sent. */
export interface RequestSent extends Asked, ChosenKey {
  /** Whether it asked for a page by a cursor that the API gave out. */
  readonly byCursor?: boolean;
}

/** The message is what was tried, in words, and what came of it: `Reading the stats of env_1 failed: …`. */
function failed(
  { operation, environmentId }: Asked,
  came: string,
  failure: Pick<Failure, 'reason' | 'remedy'> & Partial<Failure>,
  hints?: Hints,
): ApiError {
  const read = `Reading ${WORDS[operation]}${environmentId === null ? '' : ` of ${environmentId}`}`;
  return new ApiError({ httpStatus: null, requestId: null, ...failure, message: `${read} ${came}` }, hints);
}

/** A call that no key that is configured can make. */
export function noCredential(asked: Asked, { preset }: Service): ApiError {
  const remedy = `Set ${preset.credentials[asked.operation].map((kind) => `${kind}_file`).join(' or ')}.`;
  return failed(asked, 'needs a key, and none is configured', { reason: 'unauthorized', remedy });
}

/** An id that would change which endpoint a path names. The id itself is not quoted: it may be anything. */
export function unsafeId(): ApiError {
  const message = 'A read was not tried: an id cannot stand in a request path';
  const remedy = 'Report this: ids of the API contain only letters, digits, _ and -.';
  return new ApiError({ reason: 'bad_response', httpStatus: null, requestId: null, message, remedy });
}

const REACH = 'Check base_url, the network policy, and HTTPS_PROXY and NO_PROXY.';
const SPEAKS = 'Check scheme and port of base_url, or of HTTPS_PROXY: most proxies are http:// ones, also for https.';
const SLOW = 'The API or a proxy in between is slow: if it lasts, raise timeout.';
const AUTHORITY =
  'Set ca_file to the certificate (PEM) of the authority that signed it, e.g. that of your TLS-inspecting proxy.';
const VALIDITY = "Renew the certificate of the server or of its authority (ca_file), or set this machine's clock.";
const PROXY_ACCESS = 'Check the user and password in HTTPS_PROXY, what the proxy allows, and NO_PROXY.';
const BAD_HEADER = 'Check the user and password in HTTP_PROXY, and the key for characters that no header may carry.';
const OTHER_NAME = 'Use the host name of the certificate in base_url (or in HTTPS_PROXY, for a proxy).';

const TOO_LONG = /^UND_ERR_RES_EXCEEDED_MAX_SIZE$/;
const NO_ROUTE = /^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EACCES|EPERM)$/;
const LOST = /^(ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET)$/;
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|CERT_UNTRUSTED|INVALID_CA|CERT_CHAIN_TOO_LONG/;
const UNREADABLE = /HEADERS?_OVERFLOW$|^(HPE_.*|ERR_ASSERTION|UND_ERR_RES_CONTENT_LENGTH_MISMATCH)$/;

type Row = readonly [codes: RegExp, reason: FailureReason, what: string, remedy: string];

/** By the code of errors of Node, OpenSSL and undici, and two of our own; the first match counts. */
const NETWORK: readonly Row[] = [
  [/^(ENOTFOUND|EAI_.*)$/, 'network', 'the name of the host cannot be resolved', REACH],
  [/^ECONNREFUSED$/, 'network', 'the connection was refused', REACH],
  [NO_ROUTE, 'network', 'there is no route to the host', REACH],
  // As where a firewall drops what is sent: then it is not the API that is slow.
  [/^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT|UNCONNECTED)$/, 'timeout', 'no connection before timeout', REACH],
  [/^LATE$/, 'timeout', 'no complete answer before timeout', SLOW],
  [LOST, 'network', 'the connection was closed by the other side', SPEAKS],
  [UNTRUSTED, 'network', "the server's certificate is not signed by a known authority", AUTHORITY],
  [/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/, 'network', "the server's certificate is not valid at this time", VALIDITY],
  [/ALTNAME_INVALID$|^UND_ERR_PRX_TLS$/, 'network', "the server's certificate is for another name", OTHER_NAME],
  [/^(EPROTO|ERR_SSL_.*|ERR_TLS_.*)$/, 'network', 'no TLS connection could be established', SPEAKS],
  [/^UND_ERR_(PRX_CONN|ABORTED)$/, 'network', 'the proxy refused to connect to the host', PROXY_ACCESS],
  [/^UND_ERR_INVALID_ARG$/, 'client_error', 'no request could be made, or the proxy asks for a password', BAD_HEADER],
  [TOO_LONG, 'bad_response', 'an answer of more bytes than max_response_bytes', BAD_BODY],
  [UNREADABLE, 'bad_response', 'the answer is not HTTP, or has headers of more than 16 KiB', BAD_BODY],
  [/^(Z_|ERR__ERROR_FORMAT|ERR_BROTLI|unknown$)/, 'bad_response', 'a compressed body that cannot be read', BAD_BODY],
  [/./, 'network', 'the request failed', REACH],
];

/** Why there was no answer. That says nothing about the key of the request. */
export function noAnswer(
  asked: Asked,
  { error, hadConnection, begun }: NoAnswer,
  { preset, proxy }: Service,
): ApiError {
  const code = error === LATE ? (hadConnection ? 'LATE' : 'UNCONNECTED') : codeOf(error);
  const [, reason, what, remedy] = NETWORK.find(([codes]) => codes.test(code))!;
  const isUnreachable = reason === 'network' || reason === 'timeout';
  const through = proxy === null ? '' : ` through the proxy of ${proxy}`;
  return failed(
    asked,
    `failed: ${what}${through} (${code})`,
    { reason, remedy: isUnreachable ? `${preset.remedies.unreachable} ${remedy}`.trim() : remedy },
    // A connection lost in the middle of an answer is not the closed connection that a retry is for.
    { tooMuch: TOO_LONG.test(code), mayPass: LOST.test(code) && !begun },
  );
}

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

/** An answer without what was asked for: with an error, or with a body that cannot be used. */
function answered(
  request: RequestSent,
  { status, headers }: Answer,
  came: string,
  failure: Pick<Failure, 'reason' | 'remedy'>,
  hints: Hints,
): ApiError {
  const requestId = shownText(headerText(headers, 'request-id'), /^[\w.:-]{1,128}$/, request.secret.reveal());
  return failed(request, `was answered with ${came}`, { ...failure, httpStatus: status, requestId }, hints);
}

/** A 200 whose body is not what was asked for. */
export function badBody(request: RequestSent, answer: Answer, error: BodyError | WireError): ApiError {
  const problem = error instanceof BodyError ? error.message : `an unexpected body: ${error.message}`;
  const failure = { reason: 'bad_response', remedy: error.remedy ?? BAD_BODY } as const;
  return answered(request, answer, `200 and ${problem}`, failure, error instanceof BodyError ? error : {});
}

/**
 * Any other status. It is judged by this one answer: whether a 404 of the list really means a cloud environment is decided
 * where the stats are known.
 */
export function refusal(request: RequestSent, answer: Answer, { preset }: Service): ApiError {
  const { status, headers } = answer;
  const said = saidBy(answer);
  const type = shownText(said.type, /^[a-z_]{1,64}$/, request.secret.reveal());
  const came = `${status}${type === null ? '' : ` ${type}`}${said.isPage ? ' and an HTML page' : ''}`;
  const [reason, remedy] = judgementOf(request, preset, status, said);
  // Only what may be gone a second later: never 429 or another 4xx, which a retry would only make worse.
  const mayPass = (status === 408 || status >= 500) && headerText(headers, 'x-should-retry') !== 'false';
  return answered(request, answer, came, { reason, remedy }, { retryAfterMs: retryAfterMs(headers), mayPass });
}

/** An HTML page: a proxy, a firewall or a login answers, and the key may be good. */
function saidBy(answer: Answer): ErrorEnvelope & { readonly isPage: boolean } {
  try {
    return { ...parseErrorEnvelope(parseBody(answer)), isPage: false };
  } catch (error) {
    return { type: null, text: '', isPage: error instanceof BodyError && error.isPage };
  }
}

type Preset = Service['preset'];
type Remedy = string | ((request: RequestSent, preset: Preset, said: string) => string);
type Judgement = readonly [reason: FailureReason, remedy: Remedy];

const ELSEWHERE =
  'Check base_url and provider, and what proxies in between do; else report it to the service, with the request id.';
const ADMIN = 'an administrator must resolve it with the service.';
const NOT_THE_API =
  'The API answers with JSON, never with a page: a proxy, a firewall or a login before it refuses the request, or base_url leads elsewhere. This says nothing about the key.';
const CURSOR = 'The API no longer accepts a cursor that it gave out: the exporter starts the list over.';

/** By status or, for all others, by its first digit. What the API answers to wrong keys: docs/design/work-api.md#what-a-wrong-key-gets. */
const STATUSES: Readonly<Record<number, Judgement>> = {
  2: ['bad_response', ELSEWHERE],
  3: ['client_error', 'Redirects are never followed: set base_url to the address of the API itself, with https.'],
  4: ['client_error', ELSEWHERE],
  5: ['server_error', failing],
  401: ['unauthorized', newKey],
  402: ['client_error', `A billing problem blocks the API: ${ADMIN}`],
  403: ['forbidden', otherKey],
  404: ['not_found', missing],
  408: ['timeout', failing],
  429: ['rate_limited', RATE_LIMITED_REMEDY],
  529: ['server_error', 'The API is overloaded: nothing to do here, the exporter tries again by itself.'],
};

type Said = readonly [text: RegExp, statuses: readonly number[], remedy: string, reason?: FailureReason];
const GONE_CREATOR = 'The person who created the key has left the organization: make another one.';
const NO_HEADER = 'No credential reached the API: check that no proxy removes request headers.';
const NO_QUEUE = /only available for self-?_?hosted|only byoc and bridge environments|not (?:a )?self-?_?hosted/i;
const OTHER_ENVIRONMENT = /not (?:valid|authorized) for this environment/i;

/** What the API says beside its status, where that says more. */
const SAID: readonly Said[] = [
  [/organization_on_hold/i, [400, 401, 403], `The organization is on hold: ${ADMIN}`],
  [/claude_code_key_creator_not_member/i, [400, 401, 403], GONE_CREATOR],
  [/x-api-key header is required/i, [401], NO_HEADER],
  [/spend_limit/i, [429], `A spend limit is reached: ${ADMIN}`],
  [NO_QUEUE, [400, 404], NOT_SELF_HOSTED_REMEDY, 'not_self_hosted'],
];

function judgementOf(
  request: RequestSent,
  preset: Preset,
  status: number,
  { text, isPage }: ReturnType<typeof saidBy>,
): readonly [reason: FailureReason, remedy: string] {
  if (isPage && [401, 403, 404].includes(status)) return ['bad_response', NOT_THE_API];
  if (request.byCursor && REJECTED_CURSOR.includes(status)) return ['client_error', CURSOR];
  const [reason, remedy] = STATUSES[status] ?? STATUSES[Math.floor(status / 100)] ?? STATUSES[5]!;
  const more = SAID.find(([pattern, statuses]) => statuses.includes(status) && pattern.test(text));
  if (more !== undefined) return [more[3] ?? reason, more[2]];
  return [reason, typeof remedy === 'string' ? remedy : remedy(request, preset, text)];
}

function failing(_: RequestSent, { remedies }: Preset): string {
  return `The API, or a gateway before it, is failing. ${remedies.failing}`;
}

function missing({ environmentId }: Asked): string {
  if (environmentId === null) return 'Check base_url and provider: the list of environments is not there.';
  return `Check that ${environmentId} exists in the workspace of the key and was not deleted or archived; if the API knows no environment at all, check base_url and provider.`;
}

const MAY_NOT_LIST =
  'This key may not list environments, which says nothing of what else it reads: allow it to (on AWS by the action ListEnvironments), or set discovery.enabled to false and name each environment in the configuration.';

function newKey(request: RequestSent, preset: Preset, said: string): string {
  if (OTHER_ENVIRONMENT.test(said)) return otherKey(request, preset, said);
  return `Check that the key from ${request.secret.source} is complete, and was neither revoked nor has expired; or create one ${preset.remedies.keysMade[request.kind]}, and replace it.`;
}

/** The key is good, but for something else. */
function otherKey(
  { kind, secret, operation, environmentId }: RequestSent,
  { credentials }: Preset,
  said: string,
): string {
  if (operation === 'environments') return MAY_NOT_LIST;
  if (kind === 'api_key')
    return `Check that the key from ${secret.source} belongs to the workspace of ${environmentId}, and workspace_id if it is set.`;
  if (/scope requirement/i.test(said) && credentials[operation].includes('api_key'))
    return `An environment key may not do this (${operation}): set api_key_file to a file with an API key of the same workspace.`;
  return `An environment key reaches only its own environment: check that the key from ${secret.source} and the id ${environmentId} belong together.`;
}

/** As many letters and digits of a key in a row are a part of it. In an id made by chance they are not found. */
const PART = 6;

/**
 * What of an answer is shown beside its status: what has this shape, and holds no part of the key of its request. Nothing
 * else is quoted, because services echo keys, whole, cut or masked in the middle.
 */
function shownText(text: string | null, shape: RegExp, key: string): string | null {
  if (text === null || !shape.test(text) || hasKnownKey(text)) return null;
  const [shown, secret] = [lettersOf(text), lettersOf(key)];
  const length = Math.min(PART, secret.length);
  for (let at = 0; at + length <= shown.length; at++) if (secret.includes(shown.slice(at, at + length))) return null;
  return text;
}

function lettersOf(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}
