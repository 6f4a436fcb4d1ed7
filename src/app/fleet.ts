import { isDeepStrictEqual } from 'node:util';
import type { Clock, EpochMs } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Secret } from '../base/secret.ts';
import type { RemoteEnvironment } from '../client/work-api.ts';
import type { Config, ConnectionConfig } from '../config/config.ts';
import { type Fleet, type FleetMember, fleetOf, NO_FLEET } from '../discovery/selection.ts';
import { type Environment, OPERATIONS, type Operation } from '../domain/environment.ts';
import type { Ledger } from '../lifecycle/ledger.ts';
import type { Poller, PollTarget } from '../poller/poller.ts';
import type { ReloadResult } from '../server/server-deps.ts';
import { initialState, reconfigured } from '../state/changes.ts';
import type { EnvironmentState, MemoryStateStore } from '../state/environment-state.ts';
import type { Connections } from './connections.ts';
import type { Discoveries } from './discoveries.ts';

/** An archived environment is watched at most this long: work that is still left then will never end by itself. */
const LONGEST_DRAIN_MS = 86_400_000;

/** Ids of environments, by what happened to them between two fleets. */
export type FleetDifference = Omit<Extract<ReloadResult, { ok: true }>, 'ok' | 'atNextStart'>;

export interface WatchedFleetDeps {
  readonly connections: Connections;
  readonly states: MemoryStateStore;
  readonly poller: Poller;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Takes over what an earlier process had counted for an environment that begins to be watched. */
  resumeLedger(environmentId: string): Ledger | undefined;
  /** Called for each environment that is no longer watched, or no longer through that connection. */
  environmentLeft(environment: Environment): void;
}

/** The environments that are watched, what they are read through, and what finds more of them. */
export interface Watching {
  readonly connections: Connections;
  readonly discovery: Discoveries;
  readonly fleet: WatchedFleet;
}

type Found = ReadonlyMap<string, readonly RemoteEnvironment[]>;

/** What is watched: states, keys and reads of the environments that the configuration names and discovery finds. */
export class WatchedFleet {
  readonly #deps: WatchedFleetDeps;
  #fleet: Fleet = NO_FLEET;
  /** Archived environments in which nothing is left: once their states are forgotten, nothing else would tell. */
  #drained: ReadonlySet<string> = new Set();

  constructor(deps: WatchedFleetDeps) {
    this.#deps = deps;
  }

  get fleet(): Fleet {
    return this.#fleet;
  }

  /**
   * Watches what the configuration and the latest listings say. An environment that stays keeps its state and its
   * schedule. `takeIntoUse` is called in the moment in which that begins.
   */
  watch(config: Config, found: Found, takeIntoUse?: () => void): FleetDifference {
    const { connections, poller, environmentLeft } = this.#deps;
    const before = this.#fleet;
    const next = this.#select(config, found);
    const { members, difference, changedKeys } = compared(before.members, next.members);
    takeIntoUse?.();
    this.#fleet = { ...next, members };
    const keys = members.flatMap(({ environment: { id }, environmentKey: key }) =>
      key === null ? [] : [[id, key] as const],
    );
    connections.setEnvironmentKeys(new Map(keys));
    // A changed configuration has probably mended what was refused; a listing says nothing of that.
    const retry = takeIntoUse !== undefined;
    poller.watch(connections.forPolling(), this.#updateStates(config, found), { retry });
    const connectionNow = new Map(members.map(({ environment: { id, connection } }) => [id, connection]));
    for (const { environment } of before.members)
      if (connectionNow.get(environment.id) !== environment.connection) environmentLeft(environment);
    // At the start the first log line names them all.
    if (before !== NO_FLEET) this.#report([...before.members, ...members], difference, changedKeys);
    return difference;
  }

  #select(config: Config, found: Found): Fleet {
    const discovered = this.#fleet.members.filter(({ environment }) => environment.source === 'discovery');
    // One that is in use again may be archived again later, with work in it: only what is archived now is remembered.
    const drained = new Set<string>();
    const fleet = fleetOf(config, found, {
      watched: new Set(discovered.map(({ environment }) => environment.id)),
      keyOf: (id) => config.discovery.environmentKeys.get(id) ?? null,
      isOver: (remote, connection) => {
        const isOver = this.#drained.has(remote.id) || this.#isDrained(remote, connection);
        if (isOver) drained.add(remote.id);
        return isOver;
      },
    });
    this.#drained = drained;
    return fleet;
  }

  /**
   * Whether nothing more is to be seen in an archived environment: it takes no more work, and reads from after its archiving
   * saw neither waiting nor live items.
   */
  #isDrained({ id, archivedAt = null }: RemoteEnvironment, connection: string): boolean {
    const { clock, connections, states } = this.#deps;
    // The archiving is stamped by the API's clock, which is ahead of that of the reads.
    const skewMs = connections.correctionMs(connection);
    if (archivedAt === null || clock.now() + skewMs - archivedAt >= LONGEST_DRAIN_MS) return true;
    const state = states.get(id);
    if (state === undefined) return false;
    const { queue, items, operations } = state;
    const isLater = (observedAt: EpochMs) => observedAt + skewMs > archivedAt;
    const emptyQueue = queue !== null && isLater(queue.observedAt) && queue.stats.depth + queue.stats.pending === 0;
    const noItems = items !== null && isLater(items.observedAt) && items.live.length === 0;
    return (emptyQueue || !operations.stats.attempted) && (noItems || !operations.list.attempted);
  }

  /** Creates, keeps and drops states. Returns the operations to read for each. */
  #updateStates(config: Config, found: Found): readonly PollTarget[] {
    const { states } = this.#deps;
    const targets = this.#fleet.members.map(({ environment }) => this.#target(environment));
    // With discovery off, nothing would ever correct what it once said.
    const lists = [...(config.discovery.enabled ? found : [])];
    const byConnection = new Map(lists.map(([name, remotes]) => [name, new Map(remotes.map((one) => [one.id, one]))]));
    states.replaceAll(
      targets.map((target) => {
        const { id, connection } = target.environment;
        const { configType = null, archivedAt = null } = byConnection.get(connection)?.get(id) ?? {};
        return { ...this.#stateOf(target), configType, archivedAt };
      }),
    );
    return targets;
  }

  /** An operation is attempted when there is a credential for it. */
  #target(environment: Environment): PollTarget {
    const api = this.#deps.connections.get(environment.connection)?.api;
    const readable = (operation: Operation) => (api?.credentialFor(operation, environment.id) ?? null) !== null;
    return { environment, attempted: { stats: readable('stats'), list: readable('list') } };
  }

  #stateOf({ environment, attempted }: PollTarget): EnvironmentState {
    const { states, clock, resumeLedger } = this.#deps;
    const known = states.get(environment.id);
    const isSame =
      known?.environment === environment &&
      OPERATIONS.every((operation) => known.operations[operation].attempted === attempted[operation]);
    if (isSame) return known;
    const state =
      known === undefined
        ? initialState(environment, attempted, clock)
        : reconfigured(known, { environment, attempted, monotonic: clock.monotonic() });
    const listBegins = attempted.list && known?.operations.list.attempted !== true && state.ledger === null;
    // Counters continue at their value from the first scrape.
    const ledger = listBegins ? resumeLedger(environment.id) : undefined;
    return ledger === undefined ? state : { ...state, ledger };
  }

  #report(members: readonly FleetMember[], { added, removed }: FleetDifference, changedKeys: ChangedKeys): void {
    const { logger } = this.#deps;
    const names = new Map(members.map(({ environment: { id, name } }) => [id, name]));
    const about = (id: string) => ({ environment_id: id, environment_name: names.get(id) });
    for (const id of added) logger.info({ event: 'environment.added', ...about(id) }, 'environment is watched now');
    for (const id of removed)
      logger.info({ event: 'environment.removed', ...about(id) }, 'environment is no longer watched');
    for (const [id, key] of changedKeys) {
      const line = { event: 'secret.reloaded', environment_id: id };
      if (key === null) logger.warn(line, 'a key is gone');
      else logger.info(line, 'a key was replaced');
    }
  }
}

type ChangedKeys = ReadonlyMap<string, Secret | null>;

/** When each key of a connection expires; null where nobody said. */
export function keyExpiries({ name, apiKeyExpires }: ConnectionConfig, { members }: Fleet) {
  const own = members.filter(({ environment }) => environment.connection === name);
  const ofEnvironments = own.map((member) => ({ key: member.environment.id, at: member.environmentKeyExpires }));
  return [{ key: 'api_key', at: apiKeyExpires }, ...ofEnvironments];
}

/** Environments that are as before stay the same objects: the stages take those for unchanged. */
function compared(before: readonly FleetMember[], next: readonly FleetMember[]) {
  const old = new Map(before.map((member) => [member.environment.id, member]));
  const [added, changed]: [string[], string[]] = [[], []];
  const changedKeys = new Map<string, Secret | null>();
  const members = next.map((member): FleetMember => {
    const { environment, environmentKey } = member;
    const { id } = environment;
    const known = old.get(id);
    old.delete(id);
    if (known === undefined) {
      added.push(id);
      return member;
    }
    const isSame = isDeepStrictEqual(known.environment, environment);
    // A deep comparison does not see the value of secrets.
    const isSameKey = environmentKey?.equals(known.environmentKey) ?? known.environmentKey === null;
    if (!isSameKey) changedKeys.set(id, environmentKey);
    if (!isSame || !isSameKey) changed.push(id);
    return isSame ? { ...member, environment: known.environment } : member;
  });
  const unchanged = next.length - added.length - changed.length;
  const difference: FleetDifference = { added, removed: [...old.keys()], changed, unchanged };
  return { members, difference, changedKeys };
}
