import type { Secret } from '../base/secret.ts';
import type { RemoteEnvironment } from '../client/work-api.ts';
import type { Config } from '../config/config.ts';
import { costPerMinute, leastPerMinute } from '../config/cost.ts';
import type { Environment } from '../domain/environment.ts';
import { isInShard } from '../domain/shard.ts';
import { type Fleet, type FleetMember, NO_FLEET, NOTHING_WATCHED, type WatchedNow } from './fleet.ts';
import {
  type Candidate,
  type ConnectionChoice,
  connectionsSharing,
  selectWithinLimits,
  wantedEnvironments,
} from './select.ts';

/** What discovery knows of each connection, by name, and the keys available for discovered environments. */
export interface Discovered {
  readonly environments: ReadonlyMap<string, readonly RemoteEnvironment[]>;
  readonly keys: { get(environmentId: string, connection: string): Secret | undefined };
}

/**
 * The environments that this shard watches: the configured ones and, with discovery, the others that the API lists. All
 * shards see the same list and count it against the same limit.
 */
export function fleetOf(config: Config, discovered: Discovered, now: WatchedNow = NOTHING_WATCHED): Fleet {
  const configured: readonly FleetMember[] = config.environments;
  if (!config.discovery.enabled) return { ...NO_FLEET, members: configured };
  const { found, archived } = wanted(config, discovered, now);
  const costs = costPerMinute(config);
  const capacity = new Map(costs.map((cost) => [cost.connection, cost.capacity - cost.leastRequestsPerMinute]));
  const { maxEnvironments } = config.discovery;
  const { fit, dropped } = selectWithinLimits(found, { maxEnvironments, capacity, watched: now.connections });
  const others = found.filter(({ isOwn }) => !isOwn);
  const members = [...configured, ...fit.map(({ member }) => member)];
  const watched = new Set([
    ...members.map(({ environment }) => environment.id),
    ...config.configuredElsewhere,
    ...others.map(({ remote }) => remote.id),
  ]);
  const serving = new Set([...members.map(connectionOf), ...[...others, ...dropped].map(firstConnection)]);
  return {
    members,
    dropped: dropped.length,
    droppedOf: countsOf(dropped.map(firstConnection)),
    sharing: connectionsSharing(discovered.environments, config.discovery, { watched, serving }),
    archivedOf: countsOf(archived.values()),
    elsewhere: config.configuredElsewhere.length + others.length,
  };
}

/** How an environment is watched through one of the connections that find it. */
interface MemberThroughConnection extends ConnectionChoice {
  readonly member: FleetMember;
}

/** What discovery found to be watched, here or by another shard, and what is archived and is not, with its connection. */
function wanted(
  config: Config,
  discovered: Discovered,
  now: WatchedNow,
): { readonly found: readonly Candidate<MemberThroughConnection>[]; readonly archived: ReadonlyMap<string, string> } {
  const configured = new Set([
    ...config.environments.map(({ environment }) => environment.id),
    ...config.configuredElsewhere,
  ]);
  const found = new Map<string, Candidate<MemberThroughConnection>>();
  const archived = new Map<string, string>();
  for (const connection of config.connections) {
    const { name, workspaceId } = connection;
    for (const remote of wantedEnvironments(discovered.environments.get(name) ?? [], config.discovery, configured)) {
      const isOwn = isInShard(config.shard, remote.id);
      if (!isOwn && remote.archived) continue;
      const member = {
        environment: discoveredEnvironment(config, remote, { connection: name, workspaceId }),
        environmentKey: discovered.keys.get(remote.id, name) ?? null,
        environmentKeyExpires: null,
      };
      const choice = { connection: name, member, requestsPerMinute: leastPerMinute(member, connection) };
      // What no key can read cannot be seen to drain.
      if (remote.archived && (choice.requestsPerMinute === 0 || !now.isDraining(remote))) {
        archived.set(remote.id, archived.get(remote.id) ?? name);
        continue;
      }
      const known = found.get(remote.id);
      found.set(
        remote.id,
        known ? { ...known, choices: [...known.choices, choice] } : { remote, choices: [choice], isOwn },
      );
    }
  }
  // Another connection may have the key.
  for (const id of found.keys()) archived.delete(id);
  return { found: [...found.values()], archived };
}

function connectionOf({ environment }: FleetMember): string {
  return environment.connection;
}

function firstConnection({ choices }: Candidate): string {
  return choices[0].connection;
}

/** How often each connection is among these. */
function countsOf(connections: Iterable<string>): ReadonlyMap<string, number> {
  const groups = Map.groupBy(connections, (connection) => connection);
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
