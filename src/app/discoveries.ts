import type { RemoteEnvironment } from '../client/work-api.ts';
import type { Config } from '../config/config.ts';
import { canDiscover } from '../config/config.ts';
import { Discovery, type DiscoveryDeps, type DiscoveryOutcome } from '../discovery/discovery.ts';
import type { SelfMetrics } from '../metrics/self-metrics.ts';
import type { Connections } from './connections.ts';

export interface DiscoveriesDeps extends Pick<DiscoveryDeps, 'clock' | 'random' | 'logger' | 'found'> {
  readonly connections: Connections;
  readonly self: SelfMetrics;
}

/** One discovery per connection that can list its environments, while the configuration asks for it. */
export class Discoveries {
  readonly #deps: DiscoveriesDeps;
  readonly #running = new Map<string, Discovery>();

  constructor(deps: DiscoveriesDeps) {
    this.#deps = deps;
  }

  /** Prepares the discoveries of a configuration that is being taken into use, and stops those that it ends. */
  use({ connections, discovery: { enabled, intervalMs } }: Config): void {
    const { self, connections: live } = this.#deps;
    const listing = enabled ? connections.filter((one) => one.apiKey !== null && canDiscover(one)) : [];
    for (const connection of listing) {
      const { name } = connection;
      const { api } = live.get(name)!;
      const settings = { connection, api, place: api.place, intervalMs };
      const known = this.#running.get(name) ?? null;
      if (known?.isFor(settings)) continue;
      if (known === null) self.set('anthropic_work_discovery_up', { connection: name }, false);
      void known?.stop();
      this.#running.set(name, new Discovery(settings, this.#own(), known));
    }
    const names = new Set(listing.map(({ name }) => name));
    for (const [name, discovery] of this.#running) {
      if (names.has(name)) continue;
      void discovery.stop();
      this.#running.delete(name);
      self.set('anthropic_work_discovery_up', { connection: name }, null);
      self.set('anthropic_work_discovery_last_success_timestamp_seconds', { connection: name }, null);
      live.get(name)?.api.place.keys.left(null);
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
    this.#running.clear();
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
