import { type Clock, sleep } from '../base/clock.ts';
import { jitter, type Random } from '../base/random.ts';
import { NO_ENVELOPE, parseErrorEnvelope } from '../wire/other-answers.ts';
import {
  ANTHROPIC_VERSION,
  MANAGED_AGENTS_BETA,
  PRESETS,
  type ProviderName,
  type ProviderPreset,
} from '../wire/presets.ts';
import { Drift, WireError } from '../wire/read.ts';
import {
  BodyError,
  CACHED_REMEDY,
  dateOf,
  headerText,
  isFromCache,
  parseBody,
  retryAfterMs,
  staleAnswer,
} from './answers.ts';
import type { Budget } from './budget.ts';
import { type Call, Calls } from './calls.ts';
import type { ClientObserver, SentRequest } from './client-observer.ts';
import { type ChosenCredential, type CredentialStore, Credentials } from './credentials.ts';
import { ApiError, describeRequest, failureOfAnswer, noCredential, shownText, wentElsewhere } from './failures.ts';
import { type Answer, type Exchange, type SenderMaker, Transport } from './transport.ts';
import type { CallOptions, Reply, WorkApi } from './work-api.ts';

/** What the client needs of a connection's configuration. */
export interface ConnectionOptions {
  readonly name: string;
  readonly provider: ProviderName;
  /** Without a trailing slash; may carry a path. */
  readonly baseUrl: string;
  readonly workspaceId: string | null;
  readonly maxConcurrentRequests: number;
  /** Timeout of one request, body included. */
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  /** PEM. */
  readonly ca: string | null;
}

export interface HttpWorkApiDeps {
  readonly connection: ConnectionOptions;
  readonly credentials: CredentialStore;
  /** Outlives this object: a reload passes it on to the next one. */
  readonly budget: Budget;
  readonly observer: ClientObserver;
  readonly clock: Clock;
  readonly random: Random;
  /** Read for the proxy variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The version of this program, for the user agent. */
  readonly version: string;
  /** Shared by the connections of a process, so that a new field is counted once; by default the client has its own. */
  readonly drift?: Drift;
  /** Whether a reload has given the connection another address: then this object sends nothing more. Default: never. */
  readonly isReplaced?: () => boolean;
  /** By default, sockets. */
  readonly senders?: SenderMaker | undefined;
}

/** A `WorkApi` with sockets to close. */
export interface HttpWorkApi extends WorkApi {
  /** Ends all sockets at once; requests under way fail. */
  close(): Promise<void>;
}

/** The next poll is a better retry than a third attempt. */
const MOST_ATTEMPTS = 2;
const RETRY_AFTER_MS = 300;
/** A server that asks for more time than this gets it from the next poll. */
const LONGEST_WAIT_MS = 2000;

const BAD_BODY_REMEDY =
  'Check that base_url and provider name a Work API, and what proxies in between do; max_response_bytes bounds an answer.';
const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** The outcome of an attempt. */
type Judged<T> =
  | { readonly ok: true; readonly value: T; readonly httpStatus: number; readonly requestId: string | null }
  | { readonly ok: false; readonly error: ApiError; readonly mayPass: boolean };

/**
 * The Work API over HTTP: GETs only, redirects never followed: docs/decisions/README.md#1-the-exporter-can-only-read.
 *
 * @throws ExporterError `proxy_invalid`, `ca_invalid`
 */
export function createHttpWorkApi(deps: HttpWorkApiDeps): HttpWorkApi {
  const { connection, observer } = deps;
  const preset = PRESETS[connection.provider];
  const drift = deps.drift ?? new Drift((kind) => observer.unknownValue(kind));
  const calls = new Calls(preset, new URL(connection.baseUrl).pathname, drift);
  const client = new Client(deps, preset);
  return {
    stats: async (environmentId, options = {}) => client.run(calls.stats(environmentId), options),
    listPage: async (environmentId, page, options = {}) =>
      client.run(calls.listPage(environmentId, page, options), options),
    retrieve: async (environmentId, workId, options = {}) =>
      client.run(calls.retrieve(environmentId, workId, options), options),
    listEnvironments: async (page, options = {}) => client.run(calls.listEnvironments(page), options),
    session: async (environmentId, sessionId, options = {}) =>
      client.run(calls.session(environmentId, sessionId), options),
    lastIdleEvent: async (environmentId, sessionId, options = {}) =>
      client.run(calls.lastIdleEvent(environmentId, sessionId), options),
    credentialFor(operation, environmentId) {
      const chosen = client.credentials.choose({ operation, environmentId });
      return chosen === null ? null : { kind: chosen.kind, source: chosen.secret.source };
    },
    close: () => client.close(),
  };
}

/** Makes the calls of one connection: slot, token, key, request, one retry. */
class Client {
  readonly credentials: Credentials;
  readonly #deps: HttpWorkApiDeps;
  readonly #preset: ProviderPreset;
  readonly #transport: Transport;
  readonly #headers: Readonly<Record<string, string>>;
  #running = 0;
  readonly #waiting = new Set<() => void>();

  constructor(deps: HttpWorkApiDeps, preset: ProviderPreset) {
    const { connection, clock, env } = deps;
    this.#deps = deps;
    this.#preset = preset;
    this.credentials = new Credentials(preset.credentials, deps.credentials, clock);
    this.#transport = new Transport({ ...connection, origin: new URL(connection.baseUrl), env }, clock, deps.senders);
    this.#headers = {
      accept: 'application/json',
      // Answers are small and the network is close: compression would cost both sides more than it saves.
      'accept-encoding': 'identity',
      // Numbers from a cache would be shown as current.
      'cache-control': 'no-cache',
      'user-agent': `anthropic-work-exporter/${deps.version}`,
      ...(preset.versionHeaders && { 'anthropic-version': ANTHROPIC_VERSION, 'anthropic-beta': MANAGED_AGENTS_BETA }),
      ...(connection.workspaceId !== null && { 'anthropic-workspace-id': connection.workspaceId }),
    };
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  /** @throws ApiError; the reason of the caller's signal when that aborts */
  async run<T>(call: Call<T>, { signal, maxAgeMs = 0, retry = true }: CallOptions): Promise<Reply<T>> {
    const { clock, random, budget } = this.#deps;
    // A call without a key must not wait for a token that it will not need.
    if (this.credentials.choose(call) === null) throw noCredential(call, this.#preset);
    let requests = 0;
    for (let attempt = 1; ; attempt++) {
      requests++;
      const { judged, use } = await this.#attempt(call, { signal, maxAgeMs });
      if (judged.ok) return { ...judged, credential: use.kind, requests };
      const { error } = judged;
      if (this.#deps.isReplaced?.()) throw error.after(requests);
      const status = refusalOf(error);
      // A refused key says nothing about the environment while another key can be tried.
      if (status !== null && this.credentials.refused(call, use, status) && retry) {
        attempt = 0;
        continue;
      }
      const waitMs = error.retryAfterMs ?? 0;
      if (!retry || attempt >= MOST_ATTEMPTS || !judged.mayPass || waitMs > LONGEST_WAIT_MS)
        throw error.after(requests);
      await sleep(clock, Math.max(jitter(RETRY_AFTER_MS, 0.5, random), waitMs), signal);
      // A retry does not queue: when the budget is empty, the next poll is the retry.
      if (!budget.isFree) throw error.after(requests);
    }
  }

  async #attempt<T>(call: Call<T>, { signal, maxAgeMs }: { signal: AbortSignal | undefined; maxAgeMs: number }) {
    const { budget, clock, observer } = this.#deps;
    await this.#takeSlot(signal);
    let sent: SentRequest | null = null;
    try {
      // Called off while it waited for its slot: nothing was sent.
      signal?.throwIfAborted();
      // Without a wait if there is one: what begins a read counts on it.
      if (!budget.tryTake()) await budget.take(signal);
      if (this.#deps.isReplaced?.()) throw wentElsewhere(call);
      // Chosen now, because a reload may have swapped the key meanwhile.
      const use = this.credentials.choose(call);
      if (use === null) throw noCredential(call, this.#preset);
      const { operation, environmentId, path, mostBytes = Number.POSITIVE_INFINITY } = call;
      const headers = { ...this.#headers, ...this.#credentialHeader(use) };
      const startedAt = clock.monotonic();
      // From here on the request counts as sent, so a connection that the server does not accept counts too.
      sent = { connection: this.#deps.connection.name, environmentId, operation, credential: use.kind };
      const result = await this.#transport.get({ path, headers, signal, mostBytes });
      const durationSeconds = (clock.monotonic() - startedAt) / 1000;
      const judged = this.#judge(call, result, { use, maxAgeMs });
      this.#report(call, judged, { use, result, sent, durationSeconds });
      sent = null;
      return { judged, use };
    } finally {
      this.#releaseSlot();
      if (sent !== null) observer.requestCalledOff(sent);
    }
  }

  /** At most so many requests at once, first come, first served. */
  async #takeSlot(signal: AbortSignal | undefined): Promise<void> {
    if (this.#running < this.#deps.connection.maxConcurrentRequests) {
      this.#running++;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = () => {
      this.#waiting.delete(resolve);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', giveUp, { once: true });
    this.#waiting.add(resolve);
    await promise.finally(() => signal?.removeEventListener('abort', giveUp));
  }

  #releaseSlot(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#running--;
    else {
      this.#waiting.delete(next);
      next();
    }
  }

  #credentialHeader({ kind, secret }: ChosenCredential): Readonly<Record<string, string>> {
    if (kind === 'api_key' && this.#preset.apiKeyHeader === 'x-api-key') return { 'x-api-key': secret.reveal() };
    return { authorization: `Bearer ${secret.reveal()}` };
  }

  #judge<T>(call: Call<T>, result: Exchange, how: { use: ChosenCredential; maxAgeMs: number }): Judged<T> {
    if ('failed' in result) {
      const { reason, what, remedy, connectionLost } = result.failed;
      const message = `${describeRequest(call)} failed: ${what}`;
      return {
        ok: false,
        error: new ApiError({ reason, httpStatus: null, requestId: null, message, remedy }),
        mayPass: connectionLost,
      };
    }
    const { answer } = result;
    return answer.status === 200 ? this.#judgeSuccess(call, answer, how) : this.#judgeFailure(call, answer, how.use);
  }

  #judgeSuccess<T>(
    call: Call<T>,
    { status, headers, body }: Answer,
    { use, maxAgeMs }: { use: ChosenCredential; maxAgeMs: number },
  ): Judged<T> {
    const requestId = shownText(headerText(headers, 'request-id'), REQUEST_ID, use.secret.reveal());
    const bad = (problem: string, remedy: string, tooMuch = false): Judged<T> => {
      const message = `${describeRequest(call)} was answered with 200 and ${problem}`;
      const failure = { reason: 'bad_response', httpStatus: status, requestId, message, remedy } as const;
      // Beside an old answer from a cache, another one may be current.
      return { ok: false, error: new ApiError(failure, { tooMuch }), mayPass: remedy === CACHED_REMEDY };
    };
    const stale = staleAnswer(headers, maxAgeMs);
    if (stale !== null) return bad(stale, CACHED_REMEDY);
    try {
      if (body instanceof BodyError) throw body;
      return { ok: true, value: call.parse(parseBody(body, headers)), httpStatus: status, requestId };
    } catch (error) {
      if (error instanceof BodyError) return bad(error.problem, BAD_BODY_REMEDY, error.tooMuch);
      if (error instanceof WireError)
        return bad(`an unexpected body: ${error.message}`, error.remedy ?? BAD_BODY_REMEDY);
      throw error;
    }
  }

  #judgeFailure<T>(call: Call<T>, answer: Answer, use: ChosenCredential): Judged<T> {
    const { status, headers } = answer;
    const key = use.secret.reveal();
    const said = whatItSays(answer);
    const target = status >= 300 && status < 400 ? URL.parse(headerText(headers, 'location') ?? '') : null;
    const failure = failureOfAnswer(
      { ...call, ...said, preset: this.#preset, credential: use.kind, credentialSource: use.secret.source, status },
      {
        requestId: shownText(headerText(headers, 'request-id'), REQUEST_ID, key),
        type: shownText(said.envelope.type, /^[a-z_]{1,64}$/, key),
        // A path or query may hold anything. Relative targets stay on the host and say nothing.
        redirectTo: shownText(target?.origin ?? null, /^https?:/, key),
      },
    );
    const error = new ApiError(failure, { retryAfterMs: retryAfterMs(headers, this.#deps.clock.now()) });
    // Only what may be gone a second later: never 429 or another 4xx, which a retry would only make worse.
    const mayPass = (status === 408 || status >= 500) && headerText(headers, 'x-should-retry') !== 'false';
    return { ok: false, error, mayPass };
  }

  /** Tells all who learn from it how a request ended. One that was called off proves nothing. */
  #report(
    call: Call<unknown>,
    judged: Judged<unknown>,
    {
      use,
      result,
      sent,
      durationSeconds,
    }: { use: ChosenCredential; result: Exchange; sent: SentRequest; durationSeconds: number },
  ): void {
    const { budget, observer } = this.#deps;
    const failure = judged.ok ? null : judged.error.failure;
    const reason = failure?.reason ?? null;
    const httpStatus = judged.ok ? judged.httpStatus : judged.error.failure.httpStatus;
    if (httpStatus !== null)
      budget.answered(httpStatus === 429 && !judged.ok ? { retryAfterMs: judged.error.retryAfterMs } : null);
    if (reason === 'network' || reason === 'timeout' || reason === 'server_error') this.#transport.suspect();
    if (judged.ok) this.credentials.accepted(call, use);
    observer.requestEnded({ ...sent, durationSeconds, reason, httpStatus });
    if (httpStatus !== null) {
      const refused = judged.ok ? null : refusalOf(judged.error);
      // A session may be closed to a key that is good for its own work.
      const isVerdict = call.operation !== 'session' || (use.kind === 'api_key' && refused === 401);
      const accepted = judged.ok || (refused !== null && isVerdict ? false : null);
      const isNotFound = reason === 'not_found' || reason === 'not_self_hosted';
      observer.credentialJudged({ ...sent, secret: use.secret, isFirst: use.isFirst, accepted, isNotFound });
    }
    if (!judged.ok || !('answer' in result) || isFromCache(result.answer.headers)) return;
    const { headers, sentAt, headersAt } = result.answer;
    const date = dateOf(headers);
    if (date !== null) observer.clockSampled({ connection: sent.connection, date, sentAt, headersAt });
  }
}

/** With which status the API refused the key, or what it was used for; null: it did not. */
function refusalOf({ failure: { reason } }: ApiError): 401 | 403 | null {
  if (reason === 'unauthorized') return 401;
  return reason === 'forbidden' ? 403 : null;
}

function whatItSays({ body, headers }: Answer) {
  try {
    if (body instanceof BodyError) throw body;
    return { envelope: parseErrorEnvelope(parseBody(body, headers)), isPage: false };
  } catch (error) {
    return { envelope: NO_ENVELOPE, isPage: error instanceof BodyError && error.isPage };
  }
}
