import type { EpochMs } from '../base/clock.ts';
import type { Secret } from '../base/secret.ts';
import type { RemoteEnvironment } from '../client/work-api.ts';
import type { Config } from '../config/config.ts';
import { costPerMinute, leastPerMinute } from '../config/cost.ts';
import type { Environment } from '../domain/environment.ts';
import { isOf } from '../domain/shard.ts';
import { type Candidate, fitting, wantedEnvironments } from './select.ts';

/** One environment to watch, with the key that reads its list. */
export interface FleetMember {
  readonly environment: Environment;
  readonly environmentKey: Secret | null;
  readonly environmentKeyExpires: EpochMs | null;
}

export interface Fleet {
  /** The configured ones first, in their order; then the discovered ones. */
  readonly members: readonly FleetMember[];
  /** Discovered, but beyond `max_environments` or the budget. */
  readonly dropped: number;
  /** The same by connection, for those of which any are dropped. */
  readonly droppedOf: ReadonlyMap<string, number>;
  /** Connections that find only environments which are watched through another one. */
  readonly sharing: ReadonlySet<string>;
  /** Found by discovery, archived and not (or no longer) watched. */
  readonly archived: number;
  /** With discovery: environments that other shards watch. */
  readonly elsewhere: number;
}

export const NO_FLEET: Fleet = {
  members: [],
  dropped: 0,
  droppedOf: new Map(),
  sharing: new Set(),
  archived: 0,
  elsewhere: 0,
};

/** What discovery knows of each connection, by name, and the keys available for discovered environments, by id. */
export interface Discovered {
  readonly environments: ReadonlyMap<string, readonly RemoteEnvironment[]>;
  readonly keys: ReadonlyMap<string, Secret>;
}

/** What is watched now, as far as it decides what is watched next. */
export interface WatchedNow {
  readonly ids: ReadonlySet<string>;
  /** Whether an archived environment must still be watched, because work may be left in it. */
  isDraining(remote: RemoteEnvironment): boolean;
}

export const NOTHING_WATCHED: WatchedNow = { ids: new Set(), isDraining: () => false };

/**
 * The environments that this shard watches: the configured ones and, with discovery, the others that the API lists. All
 * shards see the same list and count it against the same limit.
 */
export function fleetOf(config: Config, discovered: Discovered, now: WatchedNow = NOTHING_WATCHED): Fleet {
  const configured: FleetMember[] = [...config.environments];
  if (!config.discovery.enabled) return { ...NO_FLEET, members: configured };
  const taken = new Set([...configured.map(({ environment }) => environment.id), ...config.configuredElsewhere]);
  const candidates: (Candidate & { readonly member: FleetMember })[] = [];
  let archived = 0;
  for (const connection of config.connections) {
    const { name, workspaceId } = connection;
    const remotes = discovered.environments.get(name) ?? [];
    for (const remote of wantedEnvironments(remotes, config.discovery, taken)) {
      const isOwn = isOf(config.shard, remote.id);
      if (!isOwn && remote.archived) continue;
      if (remote.archived && !now.isDraining(remote)) {
        archived++;
        continue;
      }
      taken.add(remote.id);
      const member = {
        environment: discoveredEnvironment(config, remote, { connection: name, workspaceId }),
        environmentKey: discovered.keys.get(remote.id) ?? null,
        environmentKeyExpires: null,
      };
      candidates.push({
        remote,
        connection: name,
        member,
        requestsPerMinute: leastPerMinute(member, connection),
        isOwn,
      });
    }
  }
  const costs = costPerMinute(config);
  const capacity = new Map(costs.map((cost) => [cost.connection, cost.capacity - cost.leastRequestsPerMinute]));
  const { maxEnvironments } = config.discovery;
  const { fit, dropped } = fitting(candidates, { maxEnvironments, capacity, watched: now.ids });
  const elsewhere = config.configuredElsewhere.length + candidates.filter(({ isOwn }) => !isOwn).length;
  const members = [...configured, ...fit.map(({ member }) => member)];
  const droppedOf = countsByConnection(dropped);
  const serving = new Set([...configured, ...candidates.map(({ member }) => member)].map(connectionOf));
  for (const { remote } of dropped) taken.delete(remote.id);
  const sharing = connectionsSharing(taken, serving, { config, discovered });
  return { members, dropped: dropped.length, droppedOf, sharing, archived, elsewhere };
}

function connectionOf({ environment }: FleetMember): string {
  return environment.connection;
}

/** Connections that serve nothing, but find some that are watched. */
function connectionsSharing(
  watched: ReadonlySet<string>,
  serving: ReadonlySet<string>,
  { config, discovered }: { readonly config: Config; readonly discovered: Discovered },
): ReadonlySet<string> {
  const finds = (name: string) =>
    wantedEnvironments(discovered.environments.get(name) ?? [], config.discovery, new Set());
  const others = config.connections.map(({ name }) => name).filter((name) => !serving.has(name));
  return new Set(others.filter((name) => finds(name).some(({ id }) => watched.has(id))));
}

function countsByConnection(candidates: readonly Candidate[]): ReadonlyMap<string, number> {
  const groups = Map.groupBy(candidates, ({ connection }) => connection);
  return new Map([...groups].map(([connection, { length }]) => [connection, length]));
}

function discoveredEnvironment(
  { discovery }: Config,
  { id, name }: RemoteEnvironment,
  where: Pick<Environment, 'connection' | 'workspaceId'>,
): Environment {
  const defaults = discovery.defaultsByConnection?.[where.connection] ?? discovery.defaults;
  return { ...defaults, id, name, ...where, source: 'discovery', labels: discovery.labels };
}
