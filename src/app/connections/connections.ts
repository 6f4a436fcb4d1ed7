import type { CancelTimer, Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { Secret } from '../../base/secret.ts';
import { ApiClock } from '../../client/api-clock.ts';
import { Budget } from '../../client/budget.ts';
import { HttpWorkApi } from '../../client/http-work-api.ts';
import type { SenderMaker } from '../../client/transport.ts';
import type { ClientObserver, JudgedCredential } from '../../client/work-api.ts';
import type { ConnectionConfig } from '../../config/config.ts';
import type { PollConnection } from '../../poller/reads.ts';
import { FALLBACK_PAGE_SIZE, PRESETS } from '../../wire/presets.ts';
import { Drift, type DriftKind } from '../../wire/read.ts';

export interface ConnectionsDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly observer: Omit<ClientObserver, 'clockSampled'>;
  /** The API said something that this version does not know. */
  unknownValue(kind: DriftKind): void;
  /** By default, sockets. */
  readonly senders?: SenderMaker;
}

/** One connection while it is in use. */
export interface LiveConnection {
  readonly config: ConnectionConfig;
  readonly api: HttpWorkApi;
  readonly budget: Budget;
  readonly apiClock: ApiClock;
  /** Those that its requests are sent with. Once it is replaced they stay: new keys must not go to an old address. */
  readonly keys: { apiKey: Secret | null; environments: ReadonlyMap<string, Secret> };
}

/** The connections of the configuration in force: their sockets, budgets, keys and clocks. */
export class Connections {
  readonly #deps: ConnectionsDeps;
  readonly #drift: Drift;
  readonly #live = new Map<string, LiveConnection>();
  /** By name, also of removed connections: one that comes back continues with the budget that it has used. */
  readonly #budgets = new Map<string, Budget>();
  /** Replaced ones, which may finish their requests until a deadline. */
  readonly #retired = new Map<HttpWorkApi, CancelTimer>();
  #environmentKeys: ReadonlyMap<string, Secret> = new Map();

  constructor(deps: ConnectionsDeps) {
    this.#deps = deps;
    this.#drift = new Drift((kind) => deps.unknownValue(kind));
  }

  get(name: string): LiveConnection | undefined {
    return this.#live.get(name);
  }

  all(): readonly LiveConnection[] {
    return [...this.#live.values()];
  }

  /** What to add to own time to get the time of a connection's API, ms: 0 while unknown, or as long as the clocks may agree. */
  correctionMs(connection: string): number {
    return this.#live.get(connection)?.apiClock.correctionMs ?? 0;
  }

  /** API clock − own clock, ms; null before enough answers agree. */
  measuredMs(connection: string): number | null {
    return this.#live.get(connection)?.apiClock.measuredMs ?? null;
  }

  /**
   * Makes what a configuration needs, and returns the function that takes it into use. A connection with only a new key
   * or budget keeps its sockets; one that goes elsewhere gets new ones. The budget of a name always stays, so reloading
   * is no way around it.
   *
   * @throws ExporterError when a proxy variable or a certificate is unusable; then nothing has changed
   */
  prepare(configs: readonly ConnectionConfig[]): () => void {
    const next = configs.map((config) => this.#connect(config));
    return () => this.#use(next);
  }

  /** The keys that read the lists, by environment id. The next request uses them. */
  setEnvironmentKeys(keys: ReadonlyMap<string, Secret>): void {
    this.#environmentKeys = keys;
    for (const connection of this.#live.values()) connection.keys.environments = keys;
  }

  /** The key that reads the list of an environment; null when there is none. */
  environmentKey(environmentId: string): Secret | null {
    return this.#environmentKeys.get(environmentId) ?? null;
  }

  /** The connections as the poller uses them. */
  forPolling(): PollConnection[] {
    return this.all().map(({ config, api, budget }) => {
      const preset = PRESETS[config.provider];
      return {
        name: config.name,
        api,
        apiKey: config.apiKey,
        budget,
        maxConcurrent: config.maxConcurrentRequests,
        pageSize: preset.maxPageSize,
        fallbackPageSize: FALLBACK_PAGE_SIZE,
        startedAtIsEnqueueStamp: preset.startedAtIsEnqueueStamp,
        idsRotate: preset.idsRotate,
        skewMs: () => this.correctionMs(config.name),
      };
    });
  }

  async close(): Promise<void> {
    for (const cancel of this.#retired.values()) cancel();
    const all = [...this.#retired.keys(), ...this.all().map(({ api }) => api)];
    this.#retired.clear();
    await Promise.all(all.map((api) => api.close()));
  }

  #use(next: readonly LiveConnection[]): void {
    const before = [...this.#live.values()];
    this.#live.clear();
    for (const connection of next) {
      const { config, budget, keys } = connection;
      budget.setLimit(config.requestsPerMinute);
      keys.apiKey = config.apiKey;
      this.#live.set(config.name, connection);
    }
    const kept = new Set(next.map(({ api }) => api));
    for (const { api, config } of before) if (!kept.has(api)) this.#retire(api, config.timeoutMs);
  }

  /** Cutting off requests under way would look like an outage of environments that nobody changed. */
  #retire(api: HttpWorkApi, deadlineMs: number): void {
    const close = () => {
      this.#retired.delete(api);
      void api.close();
    };
    this.#retired.set(api, this.#deps.clock.setTimer(deadlineMs, close));
  }

  #connect(config: ConnectionConfig): LiveConnection {
    const { clock, random } = this.#deps;
    const { name } = config;
    const known = this.#live.get(name);
    const budget = this.#budgets.get(name) ?? new Budget(config.requestsPerMinute, { clock, random });
    this.#budgets.set(name, budget);
    if (known !== undefined && transport(known.config) === transport(config)) return { ...known, config };
    const apiClock = known?.config.baseUrl === config.baseUrl ? known.apiClock : new ApiClock(clock);
    const keys: LiveConnection['keys'] = { apiKey: config.apiKey, environments: this.#environmentKeys };
    const api: HttpWorkApi = new HttpWorkApi({
      ...this.#deps,
      connection: config,
      credentials: { apiKey: () => keys.apiKey, environmentKey: (id) => keys.environments.get(id) ?? null },
      budget,
      drift: this.#drift,
      // Answers that arrive once it is replaced count as requests, but say nothing of the present server's clock or keys.
      observer: {
        ...this.#deps.observer,
        clockSampled: (sample) => this.#live.get(name)?.api === api && apiClock.answered(sample),
        credentialJudged: (event) =>
          this.#live.get(name)?.api === api && hasKey(keys, event) && this.#deps.observer.credentialJudged(event),
      },
    });
    return { config, api, budget, apiClock, keys };
  }
}

/** Whether a key is in use: an answer to the one before it says nothing of this one. */
function hasKey(keys: LiveConnection['keys'], { credential, environmentId, secret }: JudgedCredential): boolean {
  const key = credential === 'api_key' ? keys.apiKey : (keys.environments.get(environmentId ?? '') ?? null);
  return key === secret || secret.equals(key);
}

/** Equal for connections that can share sockets and fixed headers, whatever their keys. */
function transport(config: ConnectionConfig): string {
  const { apiKey, apiKeyExpires, requestsPerMinute, ...rest } = config;
  return JSON.stringify(rest);
}

/**
 * The address that all of these connections have, if it is the public one of a service that takes requests as the
 * runbooks have them, with `x-api-key` and the version headers. Null otherwise: any other address is only known to whoever
 * configured it, and requests to other services look different.
 */
export function wellKnownAddress(
  connections: readonly Pick<ConnectionConfig, 'provider' | 'baseUrl'>[],
): string | null {
  const [first] = connections;
  if (first === undefined || connections.some(({ baseUrl }) => baseUrl !== first.baseUrl)) return null;
  const { defaultBaseUrl, versionHeaders, apiKeyHeader } = PRESETS[first.provider];
  const isPlain = versionHeaders && apiKeyHeader === 'x-api-key';
  return isPlain && first.baseUrl === defaultBaseUrl ? first.baseUrl : null;
}
