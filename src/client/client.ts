import { type Clock, jitter, type Random, sleep } from '../base/clock.ts';
import type { ApiOperation } from '../domain/environment.ts';
import type { FailureReason } from '../domain/failure.ts';
import { IDLE_EVENT, parseEnvironmentsPage, parseIdleEvent, parseSession } from '../wire/other-answers.ts';
import { ANTHROPIC_VERSION, MANAGED_AGENTS_BETA, PRESETS, type ProviderName } from '../wire/presets.ts';
import { type Drift, isSafeSegment, WireError } from '../wire/read.ts';
import { cursorParameter, parseSingleItem, parseStats, parseWorkPage } from '../wire/work.ts';
import { apiDateOf, BodyError, checkAge, parseBody } from './answers.ts';
import { ApiClock } from './api-clock.ts';
import type { Budget } from './budget.ts';
import {
  ApiError,
  badBody,
  noAnswer,
  noCredential,
  type RequestSent,
  refusal,
  type Service,
  unsafeId,
} from './failures.ts';
import { type ChosenKey, ConnectionKeys, type Verdict } from './keys.ts';
import {
  type Answer,
  type NoAnswer,
  proxyFor,
  type SenderMaker,
  Transport,
  type TransportOptions,
} from './transport.ts';
import type {
  Asked,
  CallOptions,
  CredentialUse,
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
export function destinationOf(options: Pick<ConnectionOptions, 'provider' | 'baseUrl' | 'workspaceId'>): string {
  return JSON.stringify([options.provider, options.baseUrl, options.workspaceId]);
}

/** Equal for connections that can share sockets and fixed headers, whatever their keys and budgets. */
function wayOf(options: ConnectionOptions): string {
  const { ca, timeoutMs, maxResponseBytes, maxConcurrentRequests } = options;
  return JSON.stringify([destinationOf(options), ca, timeoutMs, maxResponseBytes, maxConcurrentRequests]);
}

export interface ClientDeps {
  readonly budget: Budget;
  /** Receives what is unknown to this version; shared by all connections, so that a new field is counted once. */
  readonly drift: Drift;
  readonly clock: Clock;
  readonly random: Random;
  /** Read for the proxy variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly build: { readonly version: string };
  /** By default, sockets. */
  readonly senders?: SenderMaker | undefined;
  /** Told of each request that was sent, when it ends. Must not throw. */
  ended(request: SentRequest): void;
  /** Told of each key, by its name, when it is refused or taken again. */
  told(key: string, verdict: Verdict): void;
}

/** The next poll is a better retry than a third attempt. */
const MOST_ATTEMPTS = 2;
const RETRY_AFTER_MS = 300;
/** A server that asks for more time than this gets it from the next poll. */
const LONGEST_WAIT_MS = 2000;

/** One read, of whatever kind. */
interface Call<T> extends Asked, Pick<RequestSent, 'byCursor'>, Pick<CallOptions, 'maxAgeMs'> {
  readonly path: string;
  /** @throws WireError */
  readonly parse: (body: unknown) => T;
}

/** Where requests go, how, and what is known of keys and clock there. An answer says nothing of another place. */
interface Place extends Service {
  readonly options: ConnectionOptions;
  readonly prefix: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly transport: Transport;
  readonly keys: ConnectionKeys;
  readonly apiClock: ApiClock;
}

/**
 * The six reads of one connection, over reloads. Each request takes a slot and a token, then the place and the key of that
 * moment, and is made once more if there is a token for it.
 */
export class HttpWorkApi implements WorkApi {
  readonly #deps: ClientDeps;
  #place: Place;
  /** How many requests are sent, or wait for their token; and those that wait for one of them to end. */
  #underWay = 0;
  readonly #waiting: (() => void)[] = [];

  /** @throws ExporterError `proxy_invalid`, `ca_invalid` */
  constructor(options: ConnectionOptions, deps: ClientDeps) {
    this.#deps = deps;
    this.#place = this.#placeOf(options, null);
  }

  /** Another object after a reload that changes where requests go, or how. */
  get place(): Pick<Place, 'keys' | 'apiClock'> {
    return this.#place;
  }

  /**
   * Makes what other options need, and returns the function that takes it into use. Requests under way end where they were
   * sent: cutting them off would look like an outage.
   *
   * @throws ExporterError `proxy_invalid`, `ca_invalid`; then nothing has changed
   */
  prepare(options: ConnectionOptions): () => void {
    const before = this.#place;
    const isSame = wayOf(options) === wayOf(before.options);
    const next = isSame ? before : this.#placeOf(options, before);
    return () => {
      this.#place = next;
      // Another API may take a key that this one refused.
      if (next.keys !== before.keys) before.keys.end();
      if (next !== before) void before.transport.leave();
    };
  }

  /** Sends nothing more. Requests under way may end, and say nothing of keys any more. */
  leave(): void {
    this.#place.keys.end();
    void this.#place.transport.leave();
  }

  #placeOf(options: ConnectionOptions, before: Place | null): Place {
    const { clock, env, build, senders, told } = this.#deps;
    const { baseUrl, workspaceId } = options;
    const origin = new URL(baseUrl);
    const preset = PRESETS[options.provider];
    const isThere = before !== null && destinationOf(before.options) === destinationOf(options);
    return {
      options,
      keys: isThere ? before.keys : new ConnectionKeys(preset.credentials, clock, told),
      apiClock: isThere ? before.apiClock : new ApiClock(clock),
      ...{ preset, proxy: proxyFor(origin, env)?.words ?? null },
      transport: new Transport({ ...options, origin, env }, clock, senders),
      prefix: origin.pathname.replace(/\/+$/, '') + preset.pathPrefix,
      headers: {
        accept: 'application/json',
        // Answers are small and the network is close: compression would cost both sides more than it saves.
        'accept-encoding': 'identity',
        // Numbers from a cache would be shown as current.
        'cache-control': 'no-cache',
        'user-agent': `anthropic-work-exporter/${build.version}`,
        ...(preset.versionHeaders && { 'anthropic-version': ANTHROPIC_VERSION, 'anthropic-beta': MANAGED_AGENTS_BETA }),
        ...(workspaceId !== null && { 'anthropic-workspace-id': workspaceId }),
      },
    };
  }

  async stats(environmentId: string, options: CallOptions = {}) {
    const path = pathOf`/environments/${environmentId}/work/stats`;
    const parse = (body: unknown) => parseStats(body, this.#deps.drift);
    return this.#run({ operation: 'stats', environmentId, path, parse }, options);
  }

  async listPage(environmentId: string, page: PageRequest, options: ItemOptions = {}) {
    const path = pathOf`/environments/${environmentId}/work` + this.#query(page);
    const parse = (body: unknown) => parseWorkPage(body, this.#context(environmentId, options));
    return this.#run({ operation: 'list', environmentId, path, byCursor: page.page !== null, parse }, options);
  }

  async retrieve(environmentId: string, workId: string, options: ItemOptions = {}) {
    const path = pathOf`/environments/${environmentId}/work/${workId}`;
    const parse = (body: unknown) => parseSingleItem(body, this.#context(environmentId, options));
    return this.#run({ operation: 'retrieve', environmentId, path, parse }, options);
  }

  async listEnvironments(page: PageRequest, options: CallOptions = {}) {
    const path = `/environments${this.#query(page)}&include_archived=true`;
    const parse = (body: unknown) => parseEnvironmentsPage(body, this.#place.preset.paging, this.#deps.drift);
    const asked = { operation: 'environments', environmentId: null } as const;
    return this.#run({ ...asked, path, byCursor: page.page !== null, parse }, options);
  }

  async session(environmentId: string, sessionId: string, options: CallOptions = {}) {
    const path = pathOf`/sessions/${sessionId}`;
    return this.#run({ operation: 'session', environmentId, path, parse: parseSession }, options);
  }

  async lastIdleEvent(environmentId: string, sessionId: string, options: CallOptions = {}) {
    const path = `${pathOf`/sessions/${sessionId}/events`}?types=${IDLE_EVENT}&order=desc&limit=1`;
    return this.#run({ operation: 'session', environmentId, path, parse: parseIdleEvent }, options);
  }

  credentialFor(operation: ApiOperation, environmentId: string): CredentialUse | null {
    const chosen = this.#place.keys.choose({ operation, environmentId });
    return chosen === null ? null : { kind: chosen.kind, source: chosen.secret.source };
  }

  /** Ends all sockets at once; requests under way fail. */
  close(): Promise<void> {
    return this.#place.transport.close();
  }

  #context(environmentId: string, { metadataKeys }: ItemOptions) {
    return { paging: this.#place.preset.paging, drift: this.#deps.drift, environmentId, metadataKeys };
  }

  #query({ limit, page }: PageRequest): string {
    const parameters = new URLSearchParams({ limit: String(limit) });
    if (page !== null) parameters.set(...cursorParameter(page, this.#place.preset.paging));
    return `?${parameters}`;
  }

  /** @throws ApiError; the reason of the caller's signal when that aborts */
  async #run<T>(call: Call<T>, { signal, maxAgeMs = 0, retry = true }: CallOptions): Promise<Reply<T>> {
    const { clock, random, budget } = this.#deps;
    // A call without a key must not wait for a token that it will not need.
    if (this.#place.keys.choose(call) === null) throw noCredential(call, this.#place);
    for (let [attempt, requests] = [1, 1]; ; attempt++, requests++) {
      const result = await this.#attempt({ ...call, maxAgeMs }, signal);
      if (!(result instanceof ApiError)) return { ...result, requests };
      result.requests = requests;
      if (!retry) throw result;
      // A refused key says nothing about the environment while another key can be tried.
      if (isRefusal(result) && this.#place.keys.choose(call)?.isUntried) {
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

  /** Waits until it is one of `max_concurrent_requests`: what waited in undici would be sent later than its token says. */
  async #attempt<T>(call: Call<T>, signal: AbortSignal | undefined) {
    if (this.#underWay < this.#place.options.maxConcurrentRequests) this.#underWay++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await this.#send(call, signal);
    } finally {
      // Handed on: the pages of a long list would leave no place to anybody else.
      if (this.#waiting.length === 0 || this.#underWay > this.#place.options.maxConcurrentRequests) this.#underWay--;
      else this.#waiting.shift()!();
    }
  }

  /** The only place that takes from the budget, right before it sends. */
  async #send<T>(call: Call<T>, signal: AbortSignal | undefined): Promise<{ value: T } | ApiError> {
    const { budget, clock, ended } = this.#deps;
    await budget.take(signal);
    const place = this.#place;
    const { keys, prefix, transport, headers, options } = place;
    const key = keys.choose(call);
    if (key === null) throw noCredential(call, place);
    const { operation, environmentId, path } = call;
    const startedAt = clock.monotonic();
    let [durationSeconds, reason]: [number | null, FailureReason | null] = [null, null];
    try {
      const answer = await transport.get(prefix + path, { ...headers, ...headerOf(key, place) }, signal);
      durationSeconds = (clock.monotonic() - startedAt) / 1000;
      const result = this.#judge({ ...call, ...key }, answer, place);
      reason = result instanceof ApiError ? result.failure.reason : null;
      return result;
    } finally {
      // It counts as sent, so a connection that the server does not accept counts too.
      ended({ connection: options.name, environmentId, operation, credential: key.kind, durationSeconds, reason });
    }
  }

  /** What an answer brings, and what it says of the rate, the key and the clock. */
  #judge<T>(request: Call<T> & RequestSent, answer: Answer | NoAnswer, place: Place) {
    if (!('status' in answer)) return noAnswer(request, answer, place);
    const { status, headers, sentAt, headersAt } = answer;
    const result = status === 200 ? read(request, answer) : refusal(request, answer, place);
    const error = result instanceof ApiError ? result : null;
    this.#deps.budget.answered(status === 429 ? error : null);
    place.keys.answered(request, error?.failure.reason ?? null);
    const date = apiDateOf(headers);
    if (error === null && date !== null) place.apiClock.answered(date, sentAt, headersAt);
    return result;
  }
}

/** The only place that puts ids into a path. `work/poll` is a GET that claims work, so they are checked, never escaped. @throws ApiError */
function pathOf(texts: TemplateStringsArray, ...ids: readonly string[]): string {
  if (!ids.every(isSafeSegment)) throw unsafeId();
  return String.raw({ raw: texts }, ...ids);
}

function read<T>(request: Call<T> & RequestSent, answer: Answer): { value: T } | ApiError {
  try {
    checkAge(answer.headers, request.maxAgeMs ?? 0);
    return { value: request.parse(parseBody(answer)) };
  } catch (error) {
    if (error instanceof BodyError || error instanceof WireError) return badBody(request, answer, error);
    throw error;
  }
}

function headerOf({ kind, secret }: ChosenKey, { preset }: Service): Readonly<Record<string, string>> {
  if (kind === 'api_key' && preset.apiKeyHeader === 'x-api-key') return { 'x-api-key': secret.reveal() };
  return { authorization: `Bearer ${secret.reveal()}` };
}

/** Whether the API refused the key, or what it was used for. */
function isRefusal({ failure: { reason } }: ApiError): boolean {
  return reason === 'unauthorized' || reason === 'forbidden';
}
