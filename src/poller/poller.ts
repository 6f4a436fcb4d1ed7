import { OPERATIONS } from '../domain/environment.ts';
import { ConnectionPoller, type PollerDeps } from './connection-poller.ts';
import type { PollConnection, PollTarget } from './poll-connection.ts';
import type { EarlyRead } from './scheduler.ts';

/** Reads every watched environment on its schedule; the set of environments can be replaced while it runs. */
export class Poller {
  readonly #deps: PollerDeps;
  readonly #pollers = new Map<string, ConnectionPoller>();
  /** Removed connections with reads still under way. */
  readonly #leaving = new Set<Promise<void>>();
  #isStarted = false;

  constructor(deps: PollerDeps) {
    this.#deps = deps;
  }

  /**
   * Watches exactly `targets` from now on. Environments that stay keep their due times; new ones are due at once, in the
   * given order. Reads of removed environments are called off.
   */
  watch(connections: readonly PollConnection[], targets: readonly PollTarget[]): void {
    const names = new Set(connections.map(({ name }) => name));
    for (const [name, poller] of this.#pollers) {
      if (names.has(name)) continue;
      this.#pollers.delete(name);
      const left = poller.stop().finally(() => this.#leaving.delete(left));
      this.#leaving.add(left);
    }
    for (const connection of connections) {
      const own = targets.filter(({ environment }) => environment.connection === connection.name);
      const jobs = own.flatMap(({ environment, attempted }) =>
        OPERATIONS.filter((operation) => attempted[operation]).map((operation) => ({ environment, operation })),
      );
      const known = this.#pollers.get(connection.name);
      const poller = known ?? new ConnectionPoller(connection, this.#deps);
      this.#pollers.set(connection.name, poller);
      poller.use(connection, jobs);
      if (known === undefined && this.#isStarted) poller.start();
    }
  }

  /** Starts to read what is watched now, and what is added later. */
  start(): void {
    this.#isStarted = true;
    for (const poller of this.#pollers.values()) poller.start();
  }

  /** Reads the stats of an environment ahead of its schedule; a read under way is shared. */
  async readEarly(environmentId: string): Promise<EarlyRead> {
    for (const poller of this.#pollers.values()) {
      const result = await poller.readEarly(environmentId);
      if (result !== undefined) return result;
    }
    return 'not_now';
  }

  /** Calls off every read and resolves when none is under way. */
  async stop(): Promise<void> {
    const pollers = [...this.#pollers.values()];
    this.#pollers.clear();
    await Promise.all([...pollers.map((poller) => poller.stop()), ...this.#leaving]);
    this.#deps.log.end();
  }
}
