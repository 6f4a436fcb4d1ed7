import type { CancelTimer } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Secret } from '../base/secret.ts';
import { ApiClock } from '../client/api-clock.ts';
import { Budget } from '../client/budget.ts';
import { type ClientDeps, destinationOf, HttpWorkApi } from '../client/client.ts';
import { API_KEY, ConnectionKeys, type Verdict } from '../client/keys.ts';
import type { SentRequest } from '../client/work-api.ts';
import type { ConnectionConfig } from '../config/config.ts';
import type { SelfMetrics } from '../metrics/self-metrics.ts';
import type { PollConnection } from '../poller/reads.ts';
import type { SharedLines } from '../poller/shared-lines.ts';
import { requestCounted } from '../state/changes.ts';
import type { StateStore } from '../state/environment-state.ts';
import { sessionRequestCounted } from '../state/sessions.ts';
import { FALLBACK_PAGE_SIZE, PRESETS } from '../wire/presets.ts';
import { Drift } from '../wire/read.ts';

export interface ConnectionsDeps extends Pick<ClientDeps, 'clock' | 'random' | 'env' | 'senders'> {
  readonly build: { readonly version: string };
  readonly logger: Logger;
  readonly states: StateStore;
  readonly self: Pick<SelfMetrics, 'set' | 'add' | 'requestEnded'>;
  readonly shared: SharedLines;
  /** The API refused a key: the file that it came from may hold a new one. */
  keyRefused(): void;
}

/** One connection while it is in use. */
export interface LiveConnection extends Pick<ClientDeps, 'budget' | 'keys' | 'apiClock'> {
  readonly config: ConnectionConfig;
  readonly api: HttpWorkApi;
}

/** The connections of the configuration in force: their sockets, budgets, keys and clocks. */
export class Connections {
  readonly #deps: ConnectionsDeps;
  readonly #drift: Drift;
  #live: ReadonlyMap<string, LiveConnection> = new Map();
  /** By name, also of removed connections: one that comes back continues with the budget that it has used. */
  readonly #budgets = new Map<string, Budget>();
  /** Replaced ones, which may finish their requests until a deadline. */
  readonly #retired = new Map<HttpWorkApi, CancelTimer>();
  #environmentKeys: ReadonlyMap<string, Secret> = new Map();

  constructor(deps: ConnectionsDeps) {
    this.#deps = deps;
    this.#drift = new Drift((kind) => deps.self.add('anthropic_work_api_unknown_values_total', { kind }));
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

  /**
   * Makes what a configuration needs, and returns the function that takes it into use. A connection with only a new key
   * or budget keeps its sockets; one that goes elsewhere gets new ones. The budget of a name always stays, so reloading
   * is no way around it.
   *
   * @throws ExporterError when a proxy variable or a certificate is unusable; then nothing has changed
   */
  prepare(configs: readonly ConnectionConfig[]): () => void {
    const next = new Map(configs.map((config) => [config.name, this.#connect(config)]));
    return () => this.#use(next);
  }

  /** The keys that read the lists, by environment id. The next request uses them. */
  setEnvironmentKeys(environmentKeys: ReadonlyMap<string, Secret>): void {
    this.#environmentKeys = environmentKeys;
    for (const { keys, config } of this.#live.values()) keys.use(config.apiKey, environmentKeys);
  }

  /** The connections as the poller uses them. */
  forPolling(): PollConnection[] {
    return this.all().map(({ config, api, budget }) => {
      const { maxPageSize: pageSize, startedAtIsEnqueueStamp, idsRotate } = PRESETS[config.provider];
      return {
        ...{ name: config.name, api, apiKey: config.apiKey, budget, maxConcurrent: config.maxConcurrentRequests },
        ...{ pageSize, fallbackPageSize: FALLBACK_PAGE_SIZE, startedAtIsEnqueueStamp, idsRotate },
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

  #use(next: ReadonlyMap<string, LiveConnection>): void {
    const before = this.#live;
    this.#live = next;
    for (const { config, budget, keys } of next.values()) {
      budget.setLimit(config.requestsPerMinute);
      keys.use(config.apiKey, this.#environmentKeys);
    }
    for (const [name, { api, config, keys }] of before) {
      const now = next.get(name);
      // Another API may take a key that this one refused. Its own keys stay: new ones must not go to an old address.
      if (now?.keys !== keys) keys.end();
      if (now?.api !== api) this.#retire(api, config.timeoutMs);
    }
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
    const { clock, random, build } = this.#deps;
    const { name } = config;
    const known = this.#live.get(name);
    const budget = this.#budgets.get(name) ?? new Budget(config.requestsPerMinute, { clock, random });
    this.#budgets.set(name, budget);
    if (known !== undefined && transport(known.config) === transport(config)) return { ...known, config };
    const ofDestination = known !== undefined && destinationOf(known.config) === destinationOf(config);
    const { apiClock, keys } = ofDestination ? known : { apiClock: new ApiClock(clock), keys: this.#keysOf(config) };
    const parts = { connection: config, keys, apiClock, budget, drift: this.#drift, version: build.version };
    const api = new HttpWorkApi({ ...this.#deps, ...parts, ended: (request) => this.#count(request) });
    return { config, api, budget, apiClock, keys };
  }

  #keysOf({ name, provider, apiKey }: ConnectionConfig): ConnectionKeys {
    const keys = new ConnectionKeys(PRESETS[provider].credentials, this.#deps.clock, (key, verdict) => {
      this.#tell(name, key, verdict);
    });
    keys.use(apiKey, this.#environmentKeys);
    return keys;
  }

  /** Without a line a dead key would go unnoticed while another one replaces it. */
  #tell(connection: string, key: string, { isRefused, wasRefused, operation }: Verdict): void {
    const { self, shared, logger } = this.#deps;
    self.set('anthropic_work_credential_rejected', { connection, credential: key }, isRefused);
    if (isRefused === null || (!isRefused && !wasRefused)) return;
    const about = { connection, ...(isRefused && { operation }) };
    if (key !== API_KEY) {
      const fields = { ...about, credential: 'environment_key', environment_id: key };
      shared.add(isRefused ? 'rejected' : 'accepted', connection, fields);
    } else if (isRefused) {
      const line = { event: 'credential.rejected', ...about, credential: 'api_key', environment_id: null };
      logger.warn(line, 'the API refuses the key');
    } else {
      const line = { event: 'credential.accepted', ...about, credential: 'api_key', environment_id: null };
      logger.info(line, 'the API takes the key again');
    }
  }

  /**
   * A request that ends after a reload has removed its connection must not bring the series of that back. It still counts for
   * its environment, which may be read through another connection by now.
   */
  #count({ connection, environmentId, operation, credential, durationSeconds, reason }: SentRequest): void {
    const { states, self, keyRefused } = this.#deps;
    if (this.#live.has(connection)) {
      if (durationSeconds !== null) self.requestEnded(operation, durationSeconds);
      self.add('anthropic_work_api_budget_requests_total', { connection });
    }
    if (reason === 'unauthorized' || reason === 'forbidden') keyRefused();
    if (environmentId === null) return;
    states.update(environmentId, (state) => {
      if (operation === 'session') return sessionRequestCounted(state, reason);
      // Single reads of items count for the list: docs/metrics.md#polls-and-the-api.
      return requestCounted(state, operation === 'stats' ? 'stats' : 'list', { credential, reason });
    });
  }
}

/** Equal for connections that can share sockets and fixed headers, whatever their keys. */
function transport(config: ConnectionConfig): string {
  const { apiKey, apiKeyExpires, requestsPerMinute, ...rest } = config;
  return JSON.stringify(rest);
}

/**
 * The address of all these connections if it is the public one of a service that takes requests as the runbooks have them;
 * null otherwise: another one is only known to whoever configured it, and requests to other services look different.
 */
export function wellKnownAddress(connections: readonly Pick<ConnectionConfig, 'provider' | 'baseUrl'>[]) {
  const isPlain = ({ provider, baseUrl }: Pick<ConnectionConfig, 'provider' | 'baseUrl'>) => {
    const { defaultBaseUrl, versionHeaders, apiKeyHeader } = PRESETS[provider];
    return versionHeaders && apiKeyHeader === 'x-api-key' && baseUrl === defaultBaseUrl;
  };
  const [first = null] = new Set(connections.map(({ baseUrl }) => baseUrl));
  return connections.every((one) => isPlain(one) && one.baseUrl === first) ? first : null;
}
