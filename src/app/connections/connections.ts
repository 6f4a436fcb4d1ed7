import type { CancelTimer, Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { Secret } from '../../base/secret.ts';
import { Budget } from '../../client/budget.ts';
import { createHttpWorkApi, type HttpWorkApi } from '../../client/client.ts';
import type { ClientObserver, JudgedCredential } from '../../client/client-observer.ts';
import type { SenderMaker } from '../../client/transport.ts';
import type { ConnectionConfig } from '../../config/config.ts';
import type { PollConnection } from '../../poller/poll-connection.ts';
import { FALLBACK_PAGE_SIZE, PRESETS } from '../../wire/presets.ts';
import { Drift } from '../../wire/read.ts';
import { whileInForce } from './observer.ts';

export interface ConnectionsDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly observer: ClientObserver;
  /** API clock − own clock of a connection, ms. */
  skewMs(connection: string): number;
  /** By default, sockets. */
  readonly senders?: SenderMaker;
}

/** One connection while it is in use. */
export interface LiveConnection {
  readonly config: ConnectionConfig;
  readonly api: HttpWorkApi;
  readonly budget: Budget;
}

/** The connections of the configuration in force: their sockets, budgets and keys. */
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
    this.#drift = new Drift((kind) => deps.observer.unknownValue(kind));
  }

  get(name: string): LiveConnection | undefined {
    return this.#live.get(name);
  }

  all(): readonly LiveConnection[] {
    return [...this.#live.values()];
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

  #use(next: readonly LiveConnection[]): void {
    const before = [...this.#live.values()];
    this.#live.clear();
    for (const connection of next) {
      connection.budget.setLimit(connection.config.requestsPerMinute);
      this.#live.set(connection.config.name, connection);
    }
    const kept = new Set(next.map(({ api }) => api));
    for (const { api, config } of before) if (!kept.has(api)) this.#retire(api, config.timeoutMs);
  }

  /** The keys that read the lists, by environment id. The next request uses them. */
  setEnvironmentKeys(keys: ReadonlyMap<string, Secret>): void {
    this.#environmentKeys = keys;
  }

  /** The key that reads the list of an environment; null when there is none. */
  environmentKey(environmentId: string): Secret | null {
    return this.#environmentKeys.get(environmentId) ?? null;
  }

  /** Whether this key of a connection is the one that its next request would use. */
  hasKey({ connection, credential, environmentId, secret }: JudgedCredential): boolean {
    const live = this.#live.get(connection);
    if (live === undefined) return false;
    const key = credential === 'api_key' ? live.config.apiKey : this.environmentKey(environmentId ?? '');
    return key === secret || secret.equals(key);
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
        skewMs: () => this.#deps.skewMs(config.name),
      };
    });
  }

  async close(): Promise<void> {
    for (const cancel of this.#retired.values()) cancel();
    const all = [...this.#retired.keys(), ...this.all().map(({ api }) => api)];
    this.#retired.clear();
    await Promise.all(all.map((api) => api.close()));
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
    const known = this.#live.get(config.name);
    const budget = this.#budgets.get(config.name) ?? new Budget(config.requestsPerMinute, { clock, random });
    this.#budgets.set(config.name, budget);
    if (known !== undefined && transport(known.config) === transport(config)) return { config, api: known.api, budget };
    const credentials = {
      apiKey: () => this.#live.get(config.name)?.config.apiKey ?? null,
      environmentKey: (id: string) => this.environmentKey(id),
    };
    const drift = this.#drift;
    const observer = whileInForce(this.#deps.observer, () => this.#live.get(config.name)?.api === api);
    const isReplaced = () => {
      const now = this.#live.get(config.name);
      // The texts are compared only if the API was replaced, because this is called before each request.
      return now === undefined || (now.api !== api && destination(now.config) !== destination(config));
    };
    const { env } = this.#deps;
    const own = { connection: config, credentials, budget, drift, observer, isReplaced, env };
    const api: HttpWorkApi = createHttpWorkApi({ ...this.#deps, ...own });
    return { config, api, budget };
  }
}

/** Equal for connections that send their keys to the same place. */
function destination({ provider, baseUrl, workspaceId, ca }: ConnectionConfig): string {
  return JSON.stringify([provider, baseUrl, workspaceId, ca]);
}

/** Equal for connections that can share sockets and fixed headers, whatever their keys. */
function transport(config: ConnectionConfig): string {
  const { apiKey, apiKeyExpires, requestsPerMinute, ...rest } = config;
  return JSON.stringify(rest);
}
