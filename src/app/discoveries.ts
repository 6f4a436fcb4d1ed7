import type { RemoteEnvironment } from '../client/work-api.ts';
import type { Config } from '../config/config.ts';
import { canDiscover } from '../config/cost.ts';
import { Discovery, type DiscoveryDeps, type DiscoveryOutcome } from '../discovery/discovery.ts';
import type { SelfMetrics } from '../metrics/self-metrics.ts';
import { FALLBACK_PAGE_SIZE, PRESETS } from '../wire/presets.ts';
import type { Connections } from './connections/connections.ts';
import type { CredentialVerdicts } from './connections/credential-verdicts.ts';
import { destinationOf } from './keys.ts';

export interface DiscoveriesDeps extends Pick<DiscoveryDeps, 'clock' | 'random' | 'logger' | 'found'> {
  readonly connections: Connections;
  readonly self: SelfMetrics;
  readonly credentials: CredentialVerdicts;
}

/** One discovery per connection that can list its environments, while the configuration asks for it. */
export class Discoveries {
  readonly #deps: DiscoveriesDeps;
  #running: ReadonlyMap<string, Discovery> = new Map();

  constructor(deps: DiscoveriesDeps) {
    this.#deps = deps;
  }

  /** Prepares the discoveries of a configuration that is being taken into use, and stops those that it changes or ends. */
  use({ connections, discovery }: Config): void {
    const { self, credentials } = this.#deps;
    const before = this.#running;
    const running = new Map<string, Discovery>();
    for (const connection of discovery.enabled ? connections : []) {
      const { name, provider, apiKey } = connection;
      if (apiKey === null || !canDiscover(connection)) continue;
      const settings = {
        connection: name,
        api: this.#deps.connections.get(name)!.api,
        apiKey,
        intervalMs: discovery.intervalMs,
        pageSize: PRESETS[provider].maxEnvironmentsPageSize,
        fallbackPageSize: FALLBACK_PAGE_SIZE,
        destination: destinationOf(connection),
      };
      const known = before.get(name);
      if (known === undefined) self.set('anthropic_work_discovery_up', { connection: name }, false);
      running.set(name, known?.continuesWith(settings) ? known : new Discovery(settings, this.#own(), known));
    }
    this.#running = running;
    for (const [name, discovery] of before) {
      if (running.get(name) !== discovery) void discovery.stop();
      if (running.has(name)) continue;
      self.set('anthropic_work_discovery_up', { connection: name }, null);
      self.set('anthropic_work_discovery_last_success_timestamp_seconds', { connection: name }, null);
      credentials.discoveryStopped(name);
    }
  }

  /** Starts what is not running. */
  start(): void {
    for (const discovery of this.#running.values()) discovery.start();
  }

  /** What each connection lists, as far as a configuration asks for it. */
  found({ connections, discovery }: Config): ReadonlyMap<string, readonly RemoteEnvironment[]> {
    const listing = discovery.enabled ? connections.filter(canDiscover) : [];
    return new Map(listing.map(({ name }) => [name, this.#running.get(name)?.known ?? []]));
  }

  /** Connections whose first listing has not ended. */
  pending(): string[] {
    return [...this.#running].flatMap(([name, { outcome }]) => (outcome === null ? [name] : []));
  }

  /** Of each connection whose first listing has ended. */
  outcomes(): DiscoveryOutcome[] {
    return [...this.#running.values()].flatMap(({ outcome }) => outcome ?? []);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map((discovery) => discovery.stop()));
    this.#running = new Map();
  }

  #own(): DiscoveryDeps {
    const { self, clock } = this.#deps;
    return {
      ...this.#deps,
      chainBroken: () => self.add('anthropic_work_api_unknown_values_total', { kind: 'field' }),
      tried(connection, ok) {
        self.set('anthropic_work_discovery_up', { connection }, ok);
        if (ok) self.set('anthropic_work_discovery_last_success_timestamp_seconds', { connection }, clock.now() / 1000);
      },
    };
  }
}
