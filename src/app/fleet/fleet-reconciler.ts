import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EpochMs } from '../../base/clock.ts';
import type { RemoteEnvironment } from '../../client/work-api.ts';
import type { Config } from '../../config/config.ts';
import { type Fleet, NO_FLEET, type WatchedNow } from '../../discovery/fleet.ts';
import { fleetOf } from '../../discovery/fleet-of.ts';
import type { Environment } from '../../domain/environment.ts';
import type { Poller } from '../../poller/poller.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import { discoveryFactsOf } from './discovery-facts.ts';
import { FruitlessLog } from './discovery-problems.ts';
import { isDraining } from './draining.ts';
import { EnvironmentKeys, type EnvironmentKeysDeps } from './environment-keys.ts';
import { differenceOf, type FleetDifference } from './fleet-difference.ts';
import { UnusedKeysLog } from './unused-keys-log.ts';
import { WatchedStates, type WatchedStatesDeps } from './watched-states.ts';

export interface FleetReconcilerDeps extends WatchedStatesDeps, EnvironmentKeysDeps {
  readonly poller: Poller;
  /** API clock − own clock of a connection, ms. */
  skewMs(connection: string): number;
  /** Called for each environment that is no longer watched, or no longer through that connection. */
  environmentLeft(environment: Environment): void;
}

/** Keeps what is watched in step with the configuration and with what discovery finds. */
export class FleetReconciler {
  readonly #deps: FleetReconcilerDeps;
  readonly #found = new Map<string, readonly RemoteEnvironment[]>();
  readonly #keys: EnvironmentKeys;
  #fleet: Fleet = NO_FLEET;
  /** Archived environments in which nothing is left. */
  readonly #drained = new Set<string>();
  readonly #fruitless: FruitlessLog;
  readonly #unusedKeys: UnusedKeysLog;
  readonly #states: WatchedStates;

  constructor(deps: FleetReconcilerDeps) {
    this.#deps = deps;
    this.#keys = new EnvironmentKeys(deps);
    this.#fruitless = new FruitlessLog(deps.logger);
    this.#unusedKeys = new UnusedKeysLog(deps.logger);
    this.#states = new WatchedStates(deps);
  }

  get fleet(): Fleet {
    return this.#fleet;
  }

  /** Discovery found these environments on a connection. */
  async discovered(config: Config, connection: string, environments: readonly RemoteEnvironment[]): Promise<void> {
    this.#found.set(connection, environments);
    await this.watch(config);
    this.#fruitless.note({ connection, failure: null, found: environments.length, skipped: 0 }, this.#fleet);
    this.#unusedKeys.note(config, this.#found, this.#keys.fileNames);
  }

  /**
   * Watches what the configuration and the latest discoveries say. An environment that stays keeps its state and its
   * schedule. `takeIntoUse` is called in the moment in which that begins, after everything that takes time.
   */
  async watch(config: Config, takeIntoUse: () => void = () => {}): Promise<FleetDifference> {
    const { connections } = this.#deps;
    const names = new Set(config.connections.map(({ name }) => name));
    // What was found before discovery was switched off may be long out of date when it is on again.
    const isKept = (name: string) => config.discovery.enabled && names.has(name);
    for (const name of this.#found.keys()) if (!isKept(name)) this.#found.delete(name);
    await this.#keys.read(config, this.#allFound(), this.#watchedNow().connections);
    this.#noteDrained();
    const fleet = fleetOf(config, { environments: this.#found, keys: this.#keys }, this.#watchedNow());
    // What follows must be done at once, and takes a tenth of a second for a large fleet: what need not be has its own turn.
    await nextTurn();
    takeIntoUse();
    const before = this.#fleet;
    this.#fleet = fleet;
    connections.setEnvironmentKeys(
      new Map(
        this.#fleet.members.flatMap(({ environment, environmentKey }) =>
          environmentKey === null ? [] : [[environment.id, environmentKey] as const],
        ),
      ),
    );
    const targets = this.#states.update(this.#fleet.members, discoveryFactsOf(config, this.#found));
    this.#deps.poller.watch(connections.forPolling(), targets);
    await nextTurn();
    const difference = differenceOf(before.members, this.#fleet.members);
    const connectionNow = new Map(this.#fleet.members.map(({ environment: { id, connection } }) => [id, connection]));
    for (const { environment } of before.members) {
      if (connectionNow.get(environment.id) !== environment.connection) this.#deps.environmentLeft(environment);
    }
    this.#report(before, difference);
    return difference;
  }

  /** Whether a discovered environment that is archived has nothing left by its latest reads. */
  hasDrained(state: EnvironmentState): boolean {
    const { archivedAt = null, environment } = state;
    if (archivedAt === null || environment.source !== 'discovery') return false;
    return !isDraining({ archivedAt }, state, this.#now(environment.connection));
  }

  #now(connection: string): { readonly now: EpochMs; readonly skewMs: number } {
    return { now: this.#deps.clock.now(), skewMs: this.#deps.skewMs(connection) };
  }

  #allFound(): readonly RemoteEnvironment[] {
    return [...this.#found.values()].flat();
  }

  /** Remembers which archived environments are drained: once their states are forgotten, nothing else would tell. */
  #noteDrained(): void {
    const { states } = this.#deps;
    const archived = [...this.#found].flatMap(([connection, remotes]) =>
      remotes.flatMap((remote) => (remote.archived ? [{ connection, remote }] : [])),
    );
    // An environment that is in use again may be archived again later, with work in it.
    const ids = new Set(archived.map(({ remote: { id } }) => id));
    for (const id of this.#drained) if (!ids.has(id)) this.#drained.delete(id);
    for (const { connection, remote } of archived) {
      if (!isDraining(remote, states.get(remote.id), this.#now(connection))) this.#drained.add(remote.id);
    }
  }

  #watchedNow(): WatchedNow {
    const discovered = this.#fleet.members.filter(({ environment }) => environment.source === 'discovery');
    return {
      connections: new Map(discovered.map(({ environment: { id, connection } }) => [id, connection])),
      isDraining: ({ id }) => !this.#drained.has(id),
    };
  }

  #report(before: Fleet, { added, removed }: FleetDifference): void {
    const { logger } = this.#deps;
    // At the start the first log line names them all.
    if (before === NO_FLEET) return;
    const names = new Map(
      [...before.members, ...this.#fleet.members].map(({ environment }) => [environment.id, environment.name]),
    );
    const fields = (id: string) => ({ environment_id: id, environment_name: names.get(id) });
    for (const id of added) logger.info({ event: 'environment.added', ...fields(id) }, 'environment is watched now');
    for (const id of removed) {
      logger.info({ event: 'environment.removed', ...fields(id) }, 'environment is no longer watched');
    }
  }
}
