import { isDeepStrictEqual } from 'node:util';
import type { Clock, EpochMs } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Secret } from '../base/secret.ts';
import type { RemoteEnvironment } from '../client/work-api.ts';
import type { Config } from '../config/config.ts';
import { type Fleet, type FleetMember, fleetOf, NO_FLEET } from '../discovery/selection.ts';
import { type Environment, OPERATIONS, type Operation } from '../domain/environment.ts';
import type { Ledger } from '../lifecycle/ledger.ts';
import type { PollLog } from '../poller/log.ts';
import type { Poller, PollTarget } from '../poller/poller.ts';
import { initialState, reconfigured, withArchivedAt, withConfigType } from '../state/changes.ts';
import type { EnvironmentState, MemoryStateStore } from '../state/environment-state.ts';
import type { Connections } from './connections/connections.ts';
import { discoveredKeys } from './keys.ts';

/** An archived environment is watched at most this long: work that is still left then will never end by itself. */
const LONGEST_DRAIN_MS = 86_400_000;

/** Ids of environments, by what happened to them between two fleets. */
export interface FleetDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  readonly unchanged: number;
  /** Environments whose key is another one now, and those that have none any more. */
  readonly newKeys: readonly string[];
  readonly lostKeys: readonly string[];
}

export interface WatchedFleetDeps {
  readonly connections: Connections;
  readonly states: MemoryStateStore;
  readonly poller: Poller;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pollLog: Pick<PollLog, 'pollEnded'>;
  /** API clock − own clock of a connection, ms. */
  skewMs(connection: string): number;
  /** Takes over what an earlier process had counted for an environment that begins to be watched. */
  resumeLedger(environmentId: string): Ledger | undefined;
  /** Called for each environment that is no longer watched, or no longer through that connection. */
  environmentLeft(environment: Environment): void;
}

type Found = ReadonlyMap<string, readonly RemoteEnvironment[]>;

/** What is watched: states, keys and reads of the environments that the configuration names and discovery finds. */
export class WatchedFleet {
  readonly #deps: WatchedFleetDeps;
  #fleet: Fleet = NO_FLEET;
  #config: Config | null = null;
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
    const { connections, poller } = this.#deps;
    const before = this.#fleet;
    const discovered = before.members.filter(({ environment }) => environment.source === 'discovery');
    this.#noteDrained(found);
    const next = fleetOf(config, found, {
      watched: new Set(discovered.map(({ environment }) => environment.id)),
      keyOf: discoveredKeys(config, { config: this.#config ?? config, fleet: before }),
      isOver: ({ id }) => this.#drained.has(id),
    });
    const fleet = { ...next, members: withKnownEnvironments(next.members, before.members) };
    takeIntoUse?.();
    this.#fleet = fleet;
    this.#config = config;
    connections.setEnvironmentKeys(keysOf(fleet.members));
    // A changed configuration has probably mended what was refused; a listing says nothing of that.
    const retry = takeIntoUse !== undefined;
    poller.watch(connections.forPolling(), this.#updateStates(config, found), { retry });
    const difference = differenceOf(before.members, fleet.members);
    const connectionNow = new Map(fleet.members.map(({ environment: { id, connection } }) => [id, connection]));
    for (const { environment } of before.members) {
      if (connectionNow.get(environment.id) !== environment.connection) this.#deps.environmentLeft(environment);
    }
    // At the start the first log line names them all.
    if (before !== NO_FLEET) this.#report(before, difference);
    return difference;
  }

  /** One that is in use again may be archived again later, with work in it: it is not remembered. */
  #noteDrained(found: Found): void {
    const { clock, states, skewMs } = this.#deps;
    const drained = new Set<string>();
    for (const [connection, remotes] of found) {
      const apiNow = clock.now() + skewMs(connection);
      for (const remote of remotes) {
        const isOver = () => isDrained(remote, states.get(remote.id), { apiNow, skewMs: skewMs(connection) });
        if (remote.archived && (this.#drained.has(remote.id) || isOver())) drained.add(remote.id);
      }
    }
    this.#drained = drained;
  }

  /** Creates, keeps and drops states. Returns the operations to read for each. */
  #updateStates(config: Config, found: Found): readonly PollTarget[] {
    const { states, pollLog } = this.#deps;
    const targets = this.#fleet.members.map(({ environment }) => this.#target(environment));
    // With discovery off, nothing would ever correct what it once said.
    const lists = [...(config.discovery.enabled ? found : [])];
    const byConnection = new Map(lists.map(([name, remotes]) => [name, new Map(remotes.map((one) => [one.id, one]))]));
    states.replaceAll(
      targets.map((target) => {
        const { id, connection } = target.environment;
        const { configType = null, archivedAt = null } = byConnection.get(connection)?.get(id) ?? {};
        const state = this.#stateOf(target);
        const typed = withConfigType(state, configType);
        pollLog.pollEnded('stats', state, typed);
        return withArchivedAt(typed, archivedAt);
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
    const { states, clock } = this.#deps;
    const known = states.get(environment.id);
    if (known === undefined) {
      const fresh = initialState(environment, attempted, clock);
      return attempted.list ? this.#withList(fresh) : fresh;
    }
    const same =
      known.environment === environment &&
      OPERATIONS.every((operation) => known.operations[operation].attempted === attempted[operation]);
    if (same) return known;
    const changed = reconfigured(known, { environment, attempted, monotonic: clock.monotonic() });
    const listBegins = attempted.list && !known.operations.list.attempted && known.ledger === undefined;
    return listBegins ? this.#withList(changed) : changed;
  }

  /** Counters continue at their value from the first scrape. */
  #withList(state: EnvironmentState): EnvironmentState {
    const ledger = this.#deps.resumeLedger(state.environment.id);
    return ledger === undefined ? state : { ...state, ledger, lifecycle: ledger.totals };
  }

  #report(before: Fleet, { added, removed }: FleetDifference): void {
    const { logger } = this.#deps;
    const members = [...before.members, ...this.#fleet.members];
    const names = new Map(members.map(({ environment: { id, name } }) => [id, name]));
    const fields = (id: string) => ({ environment_id: id, environment_name: names.get(id) });
    for (const id of added) logger.info({ event: 'environment.added', ...fields(id) }, 'environment is watched now');
    for (const id of removed)
      logger.info({ event: 'environment.removed', ...fields(id) }, 'environment is no longer watched');
  }
}

/**
 * Whether nothing more is to be seen in an archived environment: it takes no more work, and reads from after its archiving
 * saw neither waiting nor live items.
 *
 * @param apiNow on the clock that stamps the archiving, which is `skewMs` ahead of that of the reads
 */
function isDrained(
  { archivedAt = null }: RemoteEnvironment,
  state: EnvironmentState | undefined,
  { apiNow, skewMs }: { readonly apiNow: EpochMs; readonly skewMs: number },
): boolean {
  if (archivedAt === null || apiNow - archivedAt >= LONGEST_DRAIN_MS) return true;
  if (state === undefined) return false;
  const { queue, items, operations } = state;
  const isLater = (observedAt: EpochMs) => observedAt + skewMs > archivedAt;
  const emptyQueue = queue !== null && isLater(queue.observedAt) && queue.stats.depth + queue.stats.pending === 0;
  const noItems = items !== null && isLater(items.observedAt) && items.live.length === 0;
  return (emptyQueue || !operations.stats.attempted) && (noItems || !operations.list.attempted);
}

function keysOf(members: readonly FleetMember[]): ReadonlyMap<string, Secret> {
  const keyed = members.flatMap(({ environment: { id }, environmentKey }) =>
    environmentKey === null ? [] : [[id, environmentKey] as const],
  );
  return new Map(keyed);
}

/** Environments that are as before stay the same objects: the stages take those for unchanged. */
function withKnownEnvironments(next: readonly FleetMember[], before: readonly FleetMember[]): readonly FleetMember[] {
  const known = new Map(before.map(({ environment }) => [environment.id, environment]));
  return next.map((member) => {
    const same = known.get(member.environment.id);
    return isDeepStrictEqual(same, member.environment) ? { ...member, environment: same! } : member;
  });
}

function differenceOf(before: readonly FleetMember[], after: readonly FleetMember[]): FleetDifference {
  const old = new Map(before.map((member) => [member.environment.id, member]));
  const now = new Set(after.map(({ environment }) => environment.id));
  const [added, changed, newKeys, lostKeys]: [string[], string[], string[], string[]] = [[], [], [], []];
  for (const { environment, environmentKey } of after) {
    const { id } = environment;
    const known = old.get(id);
    if (known === undefined) {
      added.push(id);
      continue;
    }
    // A deep comparison does not see the value of secrets.
    const sameKey =
      environmentKey === null ? known.environmentKey === null : environmentKey.equals(known.environmentKey);
    if (!sameKey) (environmentKey === null ? lostKeys : newKeys).push(id);
    if (!sameKey || known.environment !== environment) changed.push(id);
  }
  const removed = [...old.keys()].filter((id) => !now.has(id));
  return { added, removed, changed, unchanged: after.length - added.length - changed.length, newKeys, lostKeys };
}
