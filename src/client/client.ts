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
import { WireError } from '../wire/read.ts';
import { BodyError, dateOf, headerText, isFromCache, parseBody, retryAfterMs, staleAnswer } from './answers.ts';
import type { Budget } from './budget.ts';
import { type ChosenCredential, type CredentialStore, Credentials } from './credentials.ts';
import { ApiError, type Asked, describeRequest, failureOfAnswer, noCredential, shownText } from './failures.ts';
import { type Answer, type Exchange, type SenderMaker, Transport } from './transport.ts';
import type { CallOptions, ClientObserver, Reply, SentRequest } from './work-api.ts';

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

export interface ClientDeps {
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
  /** By default, sockets. */
  readonly senders?: SenderMaker | undefined;
}

/** The next poll is a better retry than a third attempt. */
const MOST_ATTEMPTS = 2;
const RETRY_AFTER_MS = 300;
/** A server that asks for more time than this gets it from the next poll. */
const LONGEST_WAIT_MS = 2000;

const BAD_BODY_REMEDY =
  'Check that base_url and provider name a Work API, and what proxies in between do; max_response_bytes bounds an answer.';
const CACHED_REMEDY =
  'A proxy between here and base_url serves old answers although each request says no-cache: take the Work API out of its cache.';
const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** One read, of whatever kind. */
export interface Call<T> extends Asked {
  readonly path: string;
  /** Whether it asks for a page by a cursor that the API gave out. */
  readonly byCursor?: boolean;
  /** The most bytes of its answer; `max_response_bytes` limits them all. Absent: that alone. */
  readonly mostBytes?: number;
  /** @throws WireError */
  readonly parse: (body: unknown) => T;
}

/** The outcome of an attempt. `mayPass`: another one may succeed. */
type Judged<T> =
  | { readonly ok: true; readonly value: T; readonly httpStatus: number; readonly requestId: string | null }
  | { readonly ok: false; readonly error: ApiError; readonly mayPass: boolean };

interface Attempt<T> {
  readonly call: Call<T>;
  readonly use: ChosenCredential;
  readonly maxAgeMs: number;
}

/** Makes the calls of one connection: slot, token, the key of that moment, request; and one retry, if there is a token for it. */
export class Client {
  readonly credentials: Credentials;
  readonly #deps: ClientDeps;
  readonly #preset: ProviderPreset;
  readonly #transport: Transport;
  readonly #headers: Readonly<Record<string, string>>;
  #running = 0;
  readonly #waiting = new Set<() => void>();

  /** @throws ExporterError `proxy_invalid`, `ca_invalid` */
  constructor(deps: ClientDeps) {
    const { connection, clock, env } = deps;
    const preset = PRESETS[connection.provider];
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

  /** Ends all sockets at once; requests under way fail. */
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
      const { judged, use } = await this.#attempt(call, maxAgeMs, signal);
      if (judged.ok) return { ...judged, credential: use.kind, requests };
      const { error, mayPass } = judged;
      const status = refusalOf(error);
      // A refused key says nothing about the environment while another key can be tried.
      if (status !== null && this.credentials.refused(call, use, status) && retry) {
        attempt = 0;
        continue;
      }
      const waitMs = error.retryAfterMs ?? 0;
      if (!retry || attempt >= MOST_ATTEMPTS || !mayPass || waitMs > LONGEST_WAIT_MS) throw error.after(requests);
      await sleep(clock, Math.max(jitter(RETRY_AFTER_MS, 0.5, random), waitMs), signal);
      // A retry does not queue: when the budget is empty, the next poll is the retry.
      if (!budget.isFree) throw error.after(requests);
    }
  }

  async #attempt<T>(call: Call<T>, maxAgeMs: number, signal: AbortSignal | undefined) {
    const { budget, clock, observer } = this.#deps;
    await this.#takeSlot(signal);
    let sent: SentRequest | null = null;
    try {
      // Called off while it waited for its slot: nothing was sent.
      signal?.throwIfAborted();
      await budget.take(signal);
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
      const judged = this.#judge({ call, use, maxAgeMs }, result);
      this.#report(judged, use, { ...sent, durationSeconds });
      if (judged.ok && 'status' in result) this.#readClock(result);
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

  #judge<T>(attempt: Attempt<T>, result: Exchange): Judged<T> {
    if ('status' in result)
      return result.status === 200 ? judgeSuccess(attempt, result) : this.#judgeFailure(attempt, result);
    const { reason, what, connectionLost } = result.failed;
    const message = `${describeRequest(attempt.call)} failed: ${what}`;
    const isUnreachable = reason === 'network' || reason === 'timeout';
    const remedy = [isUnreachable ? this.#preset.remedies.unreachable : '', result.failed.remedy].join(' ').trim();
    const error = new ApiError({ reason, httpStatus: null, requestId: null, message, remedy });
    return { ok: false, error, mayPass: connectionLost };
  }

  #judgeFailure<T>({ call, use }: Attempt<T>, answer: Answer): Judged<T> {
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
    judged: Judged<unknown>,
    use: ChosenCredential,
    sent: SentRequest & { readonly durationSeconds: number },
  ): void {
    const { budget, observer } = this.#deps;
    const { httpStatus } = judged.ok ? judged : judged.error.failure;
    const reason = judged.ok ? null : judged.error.failure.reason;
    observer.requestEnded({ ...sent, reason, httpStatus });
    if (httpStatus === null) return;
    budget.answered(httpStatus === 429 && !judged.ok ? judged.error : null);
    if (judged.ok) this.credentials.accepted(sent, use);
    const refused = judged.ok ? null : refusalOf(judged.error);
    // An API looks for what is asked for only once it has taken the key.
    const isTaken = judged.ok || reason === 'not_found' || reason === 'not_self_hosted';
    // A session may be closed to a key that is good for its own work.
    const isVerdict = sent.operation !== 'session' || (use.kind === 'api_key' && refused === 401);
    const accepted = isTaken ? true : refused !== null && isVerdict ? false : null;
    observer.credentialJudged({ ...sent, secret: use.secret, accepted });
  }

  #readClock({ headers, sentAt, headersAt }: Answer): void {
    const date = isFromCache(headers) ? null : dateOf(headers);
    if (date !== null) this.#deps.observer.clockSampled({ date, sentAt, headersAt });
  }
}

function judgeSuccess<T>({ call, use, maxAgeMs }: Attempt<T>, { status, headers, body }: Answer): Judged<T> {
  const requestId = shownText(headerText(headers, 'request-id'), REQUEST_ID, use.secret.reveal());
  const bad = (problem: string, remedy: string, { tooMuch = false, mayPass = false } = {}): Judged<T> => {
    const message = `${describeRequest(call)} was answered with 200 and ${problem}`;
    const error = new ApiError({ reason: 'bad_response', httpStatus: status, requestId, message, remedy }, { tooMuch });
    return { ok: false, error, mayPass };
  };
  const stale = staleAnswer(headers, maxAgeMs);
  // Beside an old answer from a cache, another one may be current.
  if (stale !== null) return bad(stale, CACHED_REMEDY, { mayPass: true });
  try {
    return { ok: true, value: call.parse(parseBody(body, headers)), httpStatus: status, requestId };
  } catch (error) {
    if (error instanceof BodyError) return bad(error.problem, BAD_BODY_REMEDY, error);
    if (error instanceof WireError) return bad(`an unexpected body: ${error.message}`, error.remedy ?? BAD_BODY_REMEDY);
    throw error;
  }
}

/** With which status the API refused the key, or what it was used for; null: it did not. */
function refusalOf({ failure: { reason } }: ApiError): 401 | 403 | null {
  if (reason === 'unauthorized') return 401;
  return reason === 'forbidden' ? 403 : null;
}

function whatItSays({ body, headers }: Answer) {
  try {
    return { envelope: parseErrorEnvelope(parseBody(body, headers)), isPage: false };
  } catch (error) {
    return { envelope: NO_ENVELOPE, isPage: error instanceof BodyError && error.isPage };
  }
}
