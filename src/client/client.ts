import { type Clock, sleep } from '../base/clock.ts';
import { jitter, type Random } from '../base/random.ts';
import type { ApiOperation } from '../domain/environment.ts';
import type { FailureReason } from '../domain/failure.ts';
import { IDLE_EVENT, parseEnvironmentsPage, parseIdleEvent, parseSession } from '../wire/other-answers.ts';
import {
  ANTHROPIC_VERSION,
  MANAGED_AGENTS_BETA,
  PRESETS,
  type ProviderName,
  type ProviderPreset,
} from '../wire/presets.ts';
import { type Drift, isSafeSegment, WireError } from '../wire/read.ts';
import { cursorParameter, parseSingleItem, parseStats, parseWorkPage } from '../wire/work.ts';
import { BodyError, cachedFor, dateOf, parseBody } from './answers.ts';
import type { ApiClock } from './api-clock.ts';
import type { Budget } from './budget.ts';
import {
  ApiError,
  BAD_BODY,
  describeRequest,
  noAnswer,
  noCredential,
  refusal,
  requestIdOf,
  unsafeId,
} from './failures.ts';
import type { ChosenKey, ConnectionKeys, KeyAnswer } from './keys.ts';
import { proxyFor } from './proxy.ts';
import { type Answer, type NoAnswer, type SenderMaker, Transport, type TransportOptions } from './transport.ts';
import type {
  Asked,
  CallOptions,
  CredentialUse,
  EnvironmentsRequest,
  ItemOptions,
  PageRequest,
  Reply,
  SentRequest,
  WorkApi,
} from './work-api.ts';

/** What the client needs of a connection's configuration. */
export interface ConnectionOptions extends Omit<TransportOptions, 'origin' | 'env'> {
  readonly name: string;
  readonly provider: ProviderName;
  /** Without a trailing slash; may carry a path. */
  readonly baseUrl: string;
  readonly workspaceId: string | null;
}

/** Equal for connections that send their keys to the same place, whatever certificates are trusted there. */
export function destinationOf({
  provider,
  baseUrl,
  workspaceId,
}: Pick<ConnectionOptions, 'provider' | 'baseUrl' | 'workspaceId'>): string {
  return JSON.stringify([provider, baseUrl, workspaceId]);
}

export interface ClientDeps {
  readonly connection: ConnectionOptions;
  readonly keys: ConnectionKeys;
  readonly apiClock: ApiClock;
  /** Outlives this object: a reload passes it on to the next one. */
  readonly budget: Budget;
  /** Receives what is unknown to this version; shared by all connections, so that a new field is counted once. */
  readonly drift: Drift;
  readonly clock: Clock;
  readonly random: Random;
  /** Read for the proxy variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The version of this program, for the user agent. */
  readonly version: string;
  /** By default, sockets. */
  readonly senders?: SenderMaker | undefined;
  /** Told of each request that was sent, when it ends. Must not throw. */
  ended(request: SentRequest): void;
}

/** The next poll is a better retry than a third attempt. */
const MOST_ATTEMPTS = 2;
const RETRY_AFTER_MS = 300;
/** A server that asks for more time than this gets it from the next poll. */
const LONGEST_WAIT_MS = 2000;

const CACHED_REMEDY =
  'A proxy between here and base_url serves old answers although each request says no-cache: take the Work API out of its cache.';

/** One read, of whatever kind. */
interface Call<T> extends Asked {
  readonly path: string;
  /** Whether it asks for a page by a cursor that the API gave out. */
  readonly byCursor?: boolean;
  /** @throws WireError */
  readonly parse: (body: unknown) => T;
}

/** One try of it. */
interface Attempt<T> extends Call<T>, ChosenKey {
  readonly maxAgeMs: number;
  /** With this one. */
  readonly requests: number;
}

/** The six reads of one connection. Each takes a slot, a token, the key of that moment, and one retry if there is a token for it. */
export class HttpWorkApi implements WorkApi {
  readonly #deps: ClientDeps;
  readonly #preset: ProviderPreset;
  readonly #prefix: string;
  readonly #transport: Transport;
  readonly #headers: Readonly<Record<string, string>>;
  /** The variable that names the proxy on the way; null: there is none. */
  readonly #proxy: string | null;
  #running = 0;
  readonly #waiting = new Set<() => void>();

  /** @throws ExporterError `proxy_invalid`, `ca_invalid` */
  constructor(deps: ClientDeps) {
    const { connection, clock, env } = deps;
    const origin = new URL(connection.baseUrl);
    const preset = PRESETS[connection.provider];
    this.#deps = deps;
    this.#preset = preset;
    this.#prefix = origin.pathname.replace(/\/+$/, '') + preset.pathPrefix;
    this.#transport = new Transport({ ...connection, origin, env }, clock, deps.senders);
    this.#proxy = proxyFor(origin, env)?.variable ?? null;
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

  async stats(environmentId: string, options: CallOptions = {}) {
    const asked = { operation: 'stats', environmentId } as const;
    const path = this.#path(asked, '/environments/{environment}/work/stats');
    return this.#run({ ...asked, path, parse: (body) => parseStats(body, this.#deps.drift) }, options);
  }

  async listPage(environmentId: string, page: PageRequest, options: ItemOptions = {}) {
    const asked = { operation: 'list', environmentId } as const;
    const path = this.#path(asked, '/environments/{environment}/work') + this.#query(page);
    const parse = (body: unknown) => parseWorkPage(body, this.#context(environmentId, options));
    return this.#run({ ...asked, path, byCursor: page.page !== null, parse }, options);
  }

  async retrieve(environmentId: string, workId: string, options: ItemOptions = {}) {
    const asked = { operation: 'retrieve', environmentId } as const;
    const path = this.#path(asked, '/environments/{environment}/work/{id}', workId);
    const parse = (body: unknown) => parseSingleItem(body, this.#context(environmentId, options));
    return this.#run({ ...asked, path, parse }, options);
  }

  async listEnvironments(page: EnvironmentsRequest, options: CallOptions = {}) {
    const asked = { operation: 'environments', environmentId: null } as const;
    const path = this.#path(asked, '/environments') + this.#query(page);
    const parse = (body: unknown) => parseEnvironmentsPage(body, this.#preset.paging, this.#deps.drift);
    return this.#run({ ...asked, path, byCursor: page.page !== null, parse }, options);
  }

  async session(environmentId: string, sessionId: string, options: CallOptions = {}) {
    const asked = { operation: 'session', environmentId } as const;
    const path = this.#path(asked, '/sessions/{id}', sessionId);
    return this.#run({ ...asked, path, parse: parseSession }, options);
  }

  async lastIdleEvent(environmentId: string, sessionId: string, options: CallOptions = {}) {
    const asked = { operation: 'session', environmentId } as const;
    const path = this.#path(asked, `/sessions/{id}/events?types=${IDLE_EVENT}&order=desc&limit=1`, sessionId);
    return this.#run({ ...asked, path, parse: parseIdleEvent }, options);
  }

  credentialFor(operation: ApiOperation, environmentId: string): CredentialUse | null {
    const chosen = this.#deps.keys.choose({ operation, environmentId });
    return chosen === null ? null : { kind: chosen.kind, source: chosen.secret.source };
  }

  /** Ends all sockets at once; requests under way fail. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  #context(environmentId: string, { metadataKeys }: ItemOptions) {
    return { paging: this.#preset.paging, drift: this.#deps.drift, environmentId, metadataKeys };
  }

  /** The only place that builds a path. `work/poll` is a GET that claims work, so ids are checked, never escaped. @throws ApiError */
  #path(asked: Asked, template: string, id: string | null = null): string {
    const { environmentId } = asked;
    if (![environmentId, id].every((one) => one === null || isSafeSegment(one))) throw unsafeId(asked.operation);
    return this.#prefix + template.replace('{environment}', environmentId ?? '').replace('{id}', id ?? '');
  }

  #query(page: PageRequest | EnvironmentsRequest): string {
    const parameters = new URLSearchParams({ limit: String(page.limit) });
    if ('includeArchived' in page && page.includeArchived) parameters.set('include_archived', 'true');
    if (page.page !== null) parameters.set(...cursorParameter(page.page, this.#preset.paging));
    return `?${parameters}`;
  }

  /** @throws ApiError; the reason of the caller's signal when that aborts */
  async #run<T>(call: Call<T>, { signal, maxAgeMs = 0, retry = true }: CallOptions): Promise<Reply<T>> {
    const { clock, random, budget, keys } = this.#deps;
    // A call without a key must not wait for a token that it will not need.
    if (keys.choose(call) === null) throw noCredential(call, this.#preset);
    for (let [attempt, requests] = [1, 1]; ; attempt++, requests++) {
      const result = await this.#attempt({ ...call, maxAgeMs, requests }, signal);
      if (!(result instanceof ApiError)) return result;
      if (!retry) throw result;
      // A refused key says nothing about the environment while another key can be tried.
      if (isRefusal(result) && keys.hasUntried(call)) {
        attempt = 0;
        continue;
      }
      const waitMs = result.retryAfterMs ?? 0;
      if (attempt >= MOST_ATTEMPTS || !result.mayPass || waitMs > LONGEST_WAIT_MS) throw result;
      await sleep(clock, Math.max(jitter(RETRY_AFTER_MS, 0.5, random), waitMs), signal);
      // A retry does not queue: when the budget is empty, the next poll is the retry.
      if (!budget.isFree) throw result;
    }
  }

  /** The only place that takes from the budget, right before it sends. */
  async #attempt<T>(call: Omit<Attempt<T>, keyof ChosenKey>, signal: AbortSignal | undefined) {
    const { budget, clock, keys, connection } = this.#deps;
    signal?.throwIfAborted();
    if (this.#running < connection.maxConcurrentRequests) this.#running++;
    else await this.#slot(signal);
    let sent: SentRequest | null = null;
    try {
      await budget.take(signal);
      // Chosen now, because a reload may have swapped the key meanwhile.
      const use = keys.choose(call);
      if (use === null) throw noCredential(call, this.#preset);
      const { operation, environmentId, path } = call;
      const headers = { ...this.#headers, ...this.#credentialHeader(use) };
      // From here on the request counts as sent, so a connection that the server does not accept counts too.
      sent = {
        ...{ connection: connection.name, environmentId, operation, credential: use.kind },
        ...{ durationSeconds: null, reason: null },
      };
      const startedAt = clock.monotonic();
      const answer = await this.#transport.get(path, headers, signal);
      const durationSeconds = (clock.monotonic() - startedAt) / 1000;
      const attempt = { ...call, ...use };
      const result = this.#judge(attempt, answer);
      if ('status' in answer) this.#learn(attempt, answer, result);
      sent = { ...sent, durationSeconds, reason: result instanceof ApiError ? result.failure.reason : null };
      return result;
    } finally {
      this.#leaveSlot();
      if (sent !== null) this.#deps.ended(sent);
    }
  }

  /** Resolves when another request has left its slot, first come, first served. */
  async #slot(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = () => {
      // Given its slot in this moment, it uses it, and ends at its token.
      if (this.#waiting.delete(resolve)) reject(signal?.reason);
    };
    signal?.addEventListener('abort', giveUp, { once: true });
    this.#waiting.add(resolve);
    await promise.finally(() => signal?.removeEventListener('abort', giveUp));
  }

  #leaveSlot(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#running--;
    else {
      this.#waiting.delete(next);
      next();
    }
  }

  #credentialHeader({ kind, secret }: ChosenKey): Readonly<Record<string, string>> {
    if (kind === 'api_key' && this.#preset.apiKeyHeader === 'x-api-key') return { 'x-api-key': secret.reveal() };
    return { authorization: `Bearer ${secret.reveal()}` };
  }

  #judge<T>(attempt: Attempt<T>, answer: Answer | NoAnswer): Reply<T> | ApiError {
    const way = { preset: this.#preset, proxy: this.#proxy };
    if (!('status' in answer)) return noAnswer(attempt, answer, way, attempt.requests);
    if (answer.status === 200) return success(attempt, answer);
    return refusal({ ...attempt, ...way, now: this.#deps.clock.now() }, answer, attempt.requests);
  }

  /** What an answer says of the rate, the key and the clock. */
  #learn<T>(attempt: Attempt<T>, answer: Answer, result: Reply<T> | ApiError): void {
    const { budget, keys, apiClock } = this.#deps;
    const { status, headers, sentAt, headersAt } = answer;
    const error = result instanceof ApiError ? result : null;
    const reason = error?.failure.reason ?? null;
    budget.answered(status === 429 ? error : null);
    keys.answered(attempt, answerToKey(attempt, reason));
    const date = cachedFor(headers) === null ? dateOf(headers) : null;
    if (error === null && date !== null) apiClock.answered(date, sentAt, headersAt);
  }
}

function success<T>(attempt: Attempt<T>, answer: Answer): Reply<T> | ApiError {
  const { kind: credential, maxAgeMs, requests } = attempt;
  const { status: httpStatus, headers, body } = answer;
  const bad = (problem: string, remedy: string, more: { tooMuch?: boolean; mayPass?: boolean } = {}) => {
    const message = `${describeRequest(attempt)} was answered with 200 and ${problem}`;
    const failure = {
      reason: 'bad_response',
      httpStatus,
      requestId: requestIdOf(answer, attempt),
      message,
      remedy,
    } as const;
    return new ApiError(failure, { ...more, requests });
  };
  const age = cachedFor(headers);
  if (age === 'unknown' || (age !== null && age * 1000 > maxAgeMs)) {
    const old = `an answer from a cache ${age === 'unknown' ? 'of unknown age' : `that is ${age} s old`}`;
    // Beside it, another one may be current.
    return bad(old, CACHED_REMEDY, { mayPass: true });
  }
  try {
    return { value: attempt.parse(parseBody(body, headers)), httpStatus, credential, requests };
  } catch (error) {
    if (error instanceof BodyError) return bad(error.message, BAD_BODY, { tooMuch: error.tooMuch });
    if (error instanceof WireError) return bad(`an unexpected body: ${error.message}`, error.remedy ?? BAD_BODY);
    throw error;
  }
}

/** Whether the API refused the key, or what it was used for. */
function isRefusal({ failure: { reason } }: ApiError): boolean {
  return reason === 'unauthorized' || reason === 'forbidden';
}

function answerToKey({ kind, operation }: ChosenKey & Asked, reason: FailureReason | null): KeyAnswer {
  // An API looks for what is asked for only once it has taken the key.
  if (reason === null || reason === 'not_found' || reason === 'not_self_hosted') return 'accepted';
  if (reason !== 'unauthorized' && reason !== 'forbidden') return 'unclear';
  if (kind === 'api_key' && reason === 'unauthorized') return 'dead';
  // A session may be closed to a key that is good for its own work.
  return operation === 'session' ? 'unfit' : 'refused';
}
