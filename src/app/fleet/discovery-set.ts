import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Secret } from '../../base/secret.ts';
import type { RemoteEnvironment, WorkApi } from '../../client/work-api.ts';
import { canDiscover } from '../../config/can-discover.ts';
import type { Config } from '../../config/config.ts';
import { Discovery } from '../../discovery/discovery.ts';
import type { Failure } from '../../domain/failure.ts';
import type { SelfMetrics } from '../../metrics/self/self-metrics.ts';
import { FALLBACK_PAGE_SIZE, PRESETS, type ProviderName } from '../../wire/presets.ts';
import type { Connections } from '../connections/connections.ts';
import type { CredentialVerdicts } from '../connections/credential-verdicts.ts';

export interface DiscoverySetDeps {
  readonly connections: Connections;
  readonly self: SelfMetrics;
  readonly credentials: CredentialVerdicts;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** A discovery has found these. Resolves when they are watched. */
  environmentsFound(connection: string, environments: readonly RemoteEnvironment[]): Promise<void>;
}

/** How the latest discovery of a connection ended. */
export interface DiscoveryOutcome {
  readonly connection: string;
  readonly failure: Failure | null;
  /** Environments found by the last successful one. */
  readonly found: number;
  /** Entries that it left out. */
  readonly skipped: number;
}

/** What a discovery was started with: while this is the same, it continues over a reload. */
interface Settings {
  readonly api: WorkApi;
  readonly apiKey: Secret;
  readonly provider: ProviderName;
  readonly intervalMs: number;
  /** Where its requests go. Equal where the same list is read: a new key nearly always sees what the old one saw. */
  readonly destination: string;
}

/** One discovery per connection that can list its environments, while the configuration asks for it. */
export class DiscoverySet {
  readonly #deps: DiscoverySetDeps;
  readonly #running = new Map<string, { readonly task: Discovery; readonly settings: Settings }>();
  readonly #last = new Map<string, DiscoveryOutcome>();

  constructor(deps: DiscoverySetDeps) {
    this.#deps = deps;
  }

  /** Prepares the discoveries of the configuration, and stops those that it no longer contains or has changed. */
  prepare({ connections, discovery }: Config): void {
    const { connections: live, self } = this.#deps;
    const before = new Map(this.#running);
    this.#running.clear();
    for (const connection of discovery.enabled ? connections : []) {
      const { name, provider, baseUrl, workspaceId, apiKey } = connection;
      if (apiKey === null || !canDiscover(connection)) continue;
      const { api } = live.get(name)!;
      const destination = JSON.stringify([provider, baseUrl, workspaceId]);
      const settings = { api, apiKey, provider, intervalMs: discovery.intervalMs, destination };
      const known = before.get(name);
      const same = known !== undefined && areSame(known.settings, settings);
      if (!this.#last.has(name)) self.discoveryStarted(name);
      const task = same
        ? known.task
        : this.#discovery(name, settings, known?.settings.destination === destination ? known.task.known : []);
      this.#running.set(name, { task, settings });
    }
    for (const [name, { task }] of before) {
      const now = this.#running.get(name);
      if (now === undefined) this.#forget(name);
      if (now?.task !== task) void task.stop();
    }
  }

  /**
   * Starts what is not running. A running discovery is left alone, so its failures are logged once and its retries keep
   * their pace.
   */
  start(): void {
    for (const { task } of this.#running.values()) task.start();
  }

  /** Connections whose first discovery has not ended. */
  pending(): string[] {
    return [...this.#running.keys()].filter((name) => !this.#last.has(name));
  }

  /** Of each connection whose first discovery has ended. */
  outcomes(): DiscoveryOutcome[] {
    return [...this.#running.keys()].flatMap((name) => this.#last.get(name) ?? []);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ task }) => task.stop()));
    this.#running.clear();
  }

  /** @param known what was found before at the same destination, with other settings */
  #discovery(name: string, { api, provider, intervalMs }: Settings, known: readonly RemoteEnvironment[]): Discovery {
    const { self, clock, random, logger, environmentsFound } = this.#deps;
    return new Discovery({
      connection: name,
      api,
      intervalMs,
      pageSize: PRESETS[provider].maxEnvironmentsPageSize,
      fallbackPageSize: FALLBACK_PAGE_SIZE,
      clock,
      random,
      logger,
      known,
      found: ({ environments, skipped }) => {
        // Not before they are watched: until then it is unknown what health has to wait for.
        const end = { connection: name, failure: null, found: environments.length, skipped: skipped.length };
        void environmentsFound(name, environments).finally(() => this.#running.has(name) && this.#last.set(name, end));
      },
      chainBroken: () => self.unknownValue('field'),
      tried: (failure) => {
        const { found: known = 0, skipped = 0 } = this.#last.get(name) ?? {};
        if (failure !== null) this.#last.set(name, { connection: name, failure, found: known, skipped });
        self.discoveryEnded(name, failure === null, clock.now());
      },
    });
  }

  #forget(name: string): void {
    this.#last.delete(name);
    this.#deps.self.discoveryRemoved(name);
    this.#deps.credentials.discoveryStopped(name);
  }
}

/** A connection that goes elsewhere has another API; another key may see other environments. */
function areSame(one: Settings, other: Settings): boolean {
  return one.api === other.api && one.intervalMs === other.intervalMs && one.apiKey.equals(other.apiKey);
}
