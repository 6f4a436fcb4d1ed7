import type { Clock } from '../../base/clock.ts';
import type { FileReader } from '../../base/files/file-reader.ts';
import type { Logger } from '../../base/logger.ts';
import type { RemoteEnvironment } from '../../client/work-api.ts';
import type { Config } from '../../config/config.ts';
import { type Fleet, fleetOf, NO_FLEET, type WatchedNow } from '../../discovery/fleet.ts';
import { type Environment, OPERATIONS, type Operation } from '../../domain/environment.ts';
import type { Ledger } from '../../lifecycle/ledger.ts';
import type { Poller } from '../../poller/poller.ts';
import type { PollTarget } from '../../poller/reads/poll-connection.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import { initialState, reconfigured, withArchivedAt } from '../../state/initial-state.ts';
import { withConfigType } from '../../state/self-hosted.ts';
import type { MemoryStateStore } from '../../state/store.ts';
import type { Connections } from '../connections/connections.ts';
import { type DiscoveryFacts, discoveryFactsOf, isDraining, logNotSelfHosted } from './discovery-facts.ts';
import { FruitlessLog } from './discovery-problems.ts';
import { EnvironmentKeys } from './environment-keys.ts';
import { differenceOf, type FleetDifference } from './fleet-difference.ts';
import { UnusedKeysLog } from './unused-keys-log.ts';

export interface FleetReconcilerDeps {
  readonly connections: Connections;
  readonly states: MemoryStateStore;
  readonly poller: Poller;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly files: FileReader;
  /** API clock − own clock of a connection, ms. */
  skewMs(connection: string): number;
  /** What an earlier process had counted for an environment; called when it begins to be watched. */
  restored(environmentId: string): Ledger | undefined;
  /** Called for each environment that is no longer watched, or no longer through that connection. */
  left(environment: Environment): void;
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

  constructor(deps: FleetReconcilerDeps) {
    this.#deps = deps;
    this.#keys = new EnvironmentKeys(deps);
    this.#fruitless = new FruitlessLog(deps.logger);
    this.#unusedKeys = new UnusedKeysLog(deps.logger);
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
    for (const name of this.#found.keys()) if (!names.has(name)) this.#found.delete(name);
    await this.#keys.read(config.discovery, this.#allFound());
    takeIntoUse();
    this.#noteDrained();
    const before = this.#fleet;
    this.#fleet = fleetOf(config, { environments: this.#found, keys: this.#keys.byEnvironment }, this.#watchedNow());
    connections.setEnvironmentKeys(
      new Map(
        this.#fleet.members.flatMap(({ environment, environmentKey }) =>
          environmentKey === null ? [] : [[environment.id, environmentKey] as const],
        ),
      ),
    );
    const targets = this.#fleet.members.map((member) => this.#target(member.environment));
    this.#updateStates(targets, discoveryFactsOf(config, this.#found));
    this.#deps.poller.watch(connections.forPolling(), targets);
    const difference = differenceOf(before.members, this.#fleet.members);
    const connectionNow = new Map(this.#fleet.members.map(({ environment: { id, connection } }) => [id, connection]));
    for (const { environment } of before.members) {
      if (connectionNow.get(environment.id) !== environment.connection) this.#deps.left(environment);
    }
    this.#report(before, difference);
    return difference;
  }

  #allFound(): readonly RemoteEnvironment[] {
    return [...this.#found.values()].flat();
  }

  /** One that is drained gets no new work. Once its state is forgotten, nothing else would tell that it is drained. */
  #noteDrained(): void {
    const { states, clock, skewMs } = this.#deps;
    const archived = [...this.#found].flatMap(([connection, remotes]) =>
      remotes.flatMap((remote) => (remote.archived ? [{ connection, remote }] : [])),
    );
    // One that is back in use may be archived again, with work in it.
    const ids = new Set(archived.map(({ remote: { id } }) => id));
    for (const id of this.#drained) if (!ids.has(id)) this.#drained.delete(id);
    for (const { connection, remote } of archived) {
      const now = { now: clock.now(), skewMs: skewMs(connection) };
      if (!isDraining(remote, states.get(remote.id), now)) this.#drained.add(remote.id);
    }
  }

  #watchedNow(): WatchedNow {
    const discovered = this.#fleet.members.filter(({ environment }) => environment.source === 'discovery');
    return {
      connections: new Map(discovered.map(({ environment: { id, connection } }) => [id, connection])),
      isDraining: ({ id }) => !this.#drained.has(id),
    };
  }

  /** An operation is attempted when there is a credential for it. */
  #target(environment: Environment): PollTarget {
    const api = this.#deps.connections.get(environment.connection)?.api;
    const readable = (operation: Operation) => (api?.credentialFor(operation, environment.id) ?? null) !== null;
    const attempted = { stats: readable('stats'), list: readable('list') };
    return { environment, attempted };
  }

  #updateStates(targets: readonly PollTarget[], factsOf: (environment: Environment) => DiscoveryFacts): void {
    const { states, logger } = this.#deps;
    states.replaceAll(
      targets.map((target) => {
        const state = this.#stateOf(target);
        const { configType, archivedAt } = factsOf(target.environment);
        const told = withConfigType(state, configType);
        logNotSelfHosted(logger, state, told);
        return withArchivedAt(told, archivedAt);
      }),
    );
  }

  #stateOf({ environment, attempted }: PollTarget): EnvironmentState {
    const { states, clock } = this.#deps;
    const known = states.get(environment.id);
    if (known === undefined) {
      const fresh = initialState(environment, attempted, clock.now());
      return attempted.list ? this.#withList(fresh) : fresh;
    }
    const same =
      known.environment === environment &&
      OPERATIONS.every((operation) => known.operations[operation].attempted === attempted[operation]);
    if (same) return known;
    const changed = reconfigured(known, environment, attempted);
    const listBegins = attempted.list && !known.operations.list.attempted && known.ledger === undefined;
    // What happened before the list had a key is history.
    return listBegins ? this.#withList(changed) : changed;
  }

  #withList(state: EnvironmentState): EnvironmentState {
    const { clock, restored } = this.#deps;
    return withLedger({ ...state, listedSince: clock.monotonic() }, restored(state.environment.id));
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

/** Counters continue at their value from the first scrape. */
function withLedger(state: EnvironmentState, ledger: Ledger | undefined): EnvironmentState {
  return ledger === undefined ? state : { ...state, ledger, lifecycle: ledger.totals };
}
