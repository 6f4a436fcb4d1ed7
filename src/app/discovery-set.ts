import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { RemoteEnvironment } from '../client/work-api.ts';
import type { Config, ConnectionConfig } from '../config/config.ts';
import { Discovery } from '../discovery/discovery.ts';
import type { Failure } from '../domain/failure.ts';
import type { SelfMetrics } from '../metrics/self-metrics.ts';
import { PRESETS } from '../wire/presets.ts';
import type { Connections } from './connections.ts';

export interface DiscoverySetDeps {
  readonly connections: Connections;
  readonly self: SelfMetrics;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Resolves when they are watched. */
  found(connection: string, environments: readonly RemoteEnvironment[]): Promise<void>;
}

export interface DiscoveryEnd {
  readonly connection: string;
  readonly failure: Failure | null;
  /** Environments found by the last good one. */
  readonly found: number;
}

/** One discovery per connection that can tell its environments, while the configuration asks for it. */
export class DiscoverySet {
  readonly #deps: DiscoverySetDeps;
  readonly #running = new Map<string, Discovery>();
  readonly #last = new Map<string, DiscoveryEnd>();

  constructor(deps: DiscoverySetDeps) {
    this.#deps = deps;
  }

  /** Makes ready what the configuration asks for, and ends what ran before. */
  prepare({ connections, discovery }: Config): void {
    for (const running of this.#running.values()) void running.stop();
    const before = [...this.#running.keys()];
    this.#running.clear();
    const discovering = discovery.enabled ? connections.filter(canDiscover) : [];
    for (const name of before) if (!discovering.some((connection) => connection.name === name)) this.#forget(name);
    for (const { name } of discovering) {
      const { connections: live, self, clock, random, logger, found } = this.#deps;
      const task = new Discovery({
        connection: name,
        api: live.get(name)!.api,
        intervalMs: discovery.intervalMs,
        clock,
        random,
        logger,
        found: (environments) => {
          // Not before they are watched: until then it is not known what there is to wait for.
          const end = { connection: name, failure: null, found: environments.length };
          void found(name, environments).finally(() => this.#running.has(name) && this.#last.set(name, end));
        },
        tried: (failure) => {
          const known = this.#last.get(name)?.found ?? 0;
          if (failure !== null) this.#last.set(name, { connection: name, failure, found: known });
          self.discoveryEnded(name, failure === null, clock.now());
        },
      });
      if (!this.#last.has(name)) self.discoveryStarted(name);
      this.#running.set(name, task);
    }
  }

  /** Starts afresh: a reload is a good moment to look for new environments. */
  start(): void {
    for (const task of this.#running.values()) task.start();
  }

  /** Connections whose first discovery has not ended yet. */
  pending(): string[] {
    return [...this.#running.keys()].filter((name) => !this.#last.has(name));
  }

  /** How the latest discovery of each connection ended. */
  ends(): DiscoveryEnd[] {
    return [...this.#running.keys()].flatMap((name) => this.#last.get(name) ?? []);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map((running) => running.stop()));
    this.#running.clear();
  }

  #forget(name: string): void {
    this.#last.delete(name);
    this.#deps.self.discoveryRemoved(name);
  }
}

function canDiscover({ provider, apiKey }: ConnectionConfig): boolean {
  return apiKey !== null && PRESETS[provider].credentials.environments.length > 0;
}
