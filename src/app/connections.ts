import type { EpochMs } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Secret } from '../base/secret.ts';
import { Budget } from '../client/budget.ts';
import { type ClientDeps, HttpWorkApi } from '../client/client.ts';
import { API_KEY, type Verdict } from '../client/keys.ts';
import type { SentRequest } from '../client/work-api.ts';
import type { ConnectionConfig } from '../config/config.ts';
import type { SelfMetrics } from '../metrics/self-metrics.ts';
import type { SharedLines } from '../poller/log.ts';
import type { PollConnection } from '../poller/reads.ts';
import { requestCounted } from '../state/changes.ts';
import type { StateStore } from '../state/environment-state.ts';
import { sessionRequestCounted } from '../state/sessions.ts';
import { FALLBACK_PAGE_SIZE, PRESETS } from '../wire/presets.ts';
import { Drift } from '../wire/read.ts';

export interface ConnectionsDeps extends Pick<ClientDeps, 'clock' | 'random' | 'env' | 'build' | 'senders'> {
  readonly logger: Logger;
  readonly states: StateStore;
  readonly self: Pick<SelfMetrics, 'set' | 'add' | 'requestEnded'>;
  readonly shared: SharedLines;
  /** The API refused a key: the file that it came from may hold a new one. */
  keyRefused(): void;
}

/** One connection while it is in use. */
export interface LiveConnection {
  readonly config: ConnectionConfig;
  readonly api: HttpWorkApi;
  readonly budget: Budget;
}

/** The connections of the configuration in force: their sockets, budgets, keys and clocks. */
export class Connections {
  readonly #deps: ConnectionsDeps;
  readonly #drift: Drift;
  #live: ReadonlyMap<string, LiveConnection> = new Map();
  /** By name, also of removed connections: one that comes back continues with the budget that it has used. */
  readonly #budgets = new Map<string, Budget>();
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
    return this.#live.get(connection)?.api.place.apiClock.correctionMs ?? 0;
  }

  /** Until when nothing is sent over a connection after a 429, on the own clock in whole seconds; null when it is not paused. */
  pausedUntil(connection: string): EpochMs | null {
    const pauseMs = this.#live.get(connection)?.budget.pauseMs ?? 0;
    return pauseMs > 0 ? Math.ceil((this.#deps.clock.now() + pauseMs) / 1000) * 1000 : null;
  }

  /**
   * Makes what a configuration needs, and returns the function that takes it into use. The budget of a name always stays, so
   * reloading is no way around it.
   *
   * @throws ExporterError when a proxy variable or a certificate is unusable; then nothing has changed
   */
  prepare(configs: readonly ConnectionConfig[]): () => void {
    const next = configs.map((config) => {
      const known = this.#live.get(config.name);
      return { ...(known ?? this.#connect(config)), config, takeIntoUse: known?.api.prepare(config) };
    });
    return () => {
      const before = this.#live;
      this.#live = new Map(next.map((one) => [one.config.name, one]));
      for (const { config, api, budget, takeIntoUse } of next) {
        takeIntoUse?.();
        budget.setLimit(config.requestsPerMinute);
        api.place.keys.use(config.apiKey, this.#environmentKeys);
      }
      for (const [name, { api }] of before) if (!this.#live.has(name)) api.leave();
    };
  }

  /** The keys that read the lists, by environment id. The next request uses them. */
  setEnvironmentKeys(environmentKeys: ReadonlyMap<string, Secret>): void {
    this.#environmentKeys = environmentKeys;
    for (const { api, config } of this.#live.values()) api.place.keys.use(config.apiKey, environmentKeys);
  }

  /** The connections as the poller uses them. */
  forPolling(): PollConnection[] {
    return this.all().map(({ config, api, budget }) => {
      const { maxPageSize: pageSize, startedAtIsEnqueueStamp, idsRotate } = PRESETS[config.provider];
      return {
        ...{ name: config.name, api, apiKey: config.apiKey, budget, maxConcurrent: config.maxConcurrentRequests },
        place: api.place,
        ...{ pageSize, fallbackPageSize: FALLBACK_PAGE_SIZE, startedAtIsEnqueueStamp, idsRotate },
        skewMs: () => this.correctionMs(config.name),
      };
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.all().map(({ api }) => api.close()));
  }

  #connect(config: ConnectionConfig) {
    const budget = this.#budgets.get(config.name) ?? new Budget(config.requestsPerMinute, this.#deps);
    this.#budgets.set(config.name, budget);
    const api = new HttpWorkApi(config, {
      ...{ ...this.#deps, budget, drift: this.#drift },
      ended: (request) => this.#count(request),
      told: (key, verdict) => this.#tell(config.name, key, verdict),
    });
    return { api, budget };
  }

  /** Without a line a dead key would go unnoticed while another one replaces it. */
  #tell(connection: string, key: string, { isRefused, wasRefused, operation }: Verdict): void {
    const { self, shared, logger } = this.#deps;
    self.set('anthropic_work_credential_rejected', { connection, credential: key }, isRefused);
    if (isRefused === null || (!isRefused && !wasRefused)) return;
    const about = { connection, ...(isRefused && { operation }) };
    const ofApiKey = { ...about, credential: 'api_key', environment_id: null };
    if (key !== API_KEY) {
      const fields = { ...about, credential: 'environment_key', environment_id: key };
      shared.add(isRefused ? 'rejected' : 'accepted', connection, fields);
    } else if (isRefused) logger.warn({ event: 'credential.rejected', ...ofApiKey }, 'the API refuses the key');
    else logger.info({ event: 'credential.accepted', ...ofApiKey }, 'the API takes the key again');
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
