import type { EpochMs } from '../base/clock.ts';
import type { Secret } from '../base/secret.ts';
import { namePattern } from '../base/text.ts';
import type { RemoteEnvironment } from '../client/work-api.ts';
import type { Config, ConnectionConfig, DiscoveryConfig } from '../config/config.ts';
import { readsOf } from '../config/config.ts';
import type { Environment } from '../domain/environment.ts';
import { isInShard } from '../domain/shard.ts';

/** One environment to watch, with the key that reads its list. */
export interface FleetMember {
  readonly environment: Environment;
  readonly environmentKey: Secret | null;
  readonly environmentKeyExpires: EpochMs | null;
}

type Counts = ReadonlyMap<string, number>;

export interface Fleet {
  /** The configured ones first, in their order; then the discovered ones. */
  readonly members: readonly FleetMember[];
  /** Of each connection that finds any: environments to be watched, through it or otherwise, here or by another shard. */
  readonly wantedOf: Counts;
  /** Discovered, but beyond `max_environments`: how many, and of which connection. */
  readonly dropped: number;
  readonly droppedOf: Counts;
  /** How many are archived and not (or no longer) watched, by connection. */
  readonly archivedOf: Counts;
  /** With discovery: environments that other shards watch. */
  readonly elsewhere: number;
}

const NONE = { wantedOf: new Map(), dropped: 0, droppedOf: new Map(), archivedOf: new Map(), elsewhere: 0 };
export const NO_FLEET: Fleet = { ...NONE, members: [] };

/** What decides beside the configuration and the lists. */
export interface Circumstances {
  /** Ids of discovered environments that are watched now: a new one must not end the watch over another. */
  readonly watched: ReadonlySet<string>;
  /** The key of a discovered environment that is read through this connection. */
  keyOf(environmentId: string, connection: ConnectionConfig): Secret | null;
  /** Whether nothing more is to be seen in an archived environment. */
  isOver(remote: RemoteEnvironment, connection: string): boolean;
}

interface Candidate {
  readonly remote: RemoteEnvironment;
  readonly connection: string;
  /** Null: another shard watches it, and it only takes up a place. */
  readonly member: FleetMember | null;
}

/**
 * The environments that this shard watches: the configured ones and, with discovery, the others that the API lists, each
 * through the first connection that finds it. All shards see the same lists and count them against the same limit.
 *
 * @param found what each connection lists, by its name
 */
export function fleetOf(
  config: Config,
  found: ReadonlyMap<string, readonly RemoteEnvironment[]>,
  { watched, keyOf, isOver }: Circumstances,
): Fleet {
  const { discovery, connections, environments, configuredElsewhere, shard } = config;
  if (!discovery.enabled) return { ...NONE, members: environments };
  const configured = new Set([...environments.map(({ environment }) => environment.id), ...configuredElsewhere]);
  const isWanted = selects(discovery);
  const candidates = new Map<string, Candidate>();
  const archived = new Map<string, string>();
  const wanted: string[] = [];
  for (const connection of connections) {
    const { name } = connection;
    for (const remote of (found.get(name) ?? []).filter(isWanted)) {
      const { id } = remote;
      const isOwn = isInShard(shard, id);
      const member = isOwn ? memberOf(remote, connection, discovery, keyOf(id, connection)) : null;
      if (!configured.has(id) && remote.archived) {
        // Whether another shard has seen its end is not known here.
        if (member === null) continue;
        // Nor can what no key reads be seen to end.
        if (readsOf(member, connection).length === 0 || isOver(remote, name)) {
          archived.set(id, archived.get(id) ?? name);
          continue;
        }
      }
      wanted.push(name);
      if (!configured.has(id) && !candidates.has(id)) candidates.set(id, { remote, connection: name, member });
    }
  }
  // Another connection may have the key.
  for (const id of candidates.keys()) archived.delete(id);
  const ordered = [...candidates.values()].toSorted(byAge(watched));
  const own = ordered.map(({ member }, place) => (member === null || place >= discovery.maxEnvironments ? [] : member));
  const dropped = ordered.slice(discovery.maxEnvironments).filter(({ member }) => member !== null);
  return {
    members: [...environments, ...own.flat()],
    wantedOf: countsOf(wanted),
    dropped: dropped.length,
    droppedOf: countsOf(dropped.map(({ connection }) => connection)),
    archivedOf: countsOf(archived.values()),
    elsewhere: configuredElsewhere.length + ordered.filter(({ member }) => member === null).length,
  };
}

/** Self-hosted, included and not excluded, by name or id. Archived ones may be among them. */
export function selects({ include, exclude }: DiscoveryConfig) {
  const [included, excluded] = [include.map(namePattern), exclude.map(namePattern)];
  return ({ configType, id, name }: Pick<RemoteEnvironment, 'configType' | 'id' | 'name'>): boolean => {
    const isAnyOf = (patterns: typeof included) => patterns.some((matches) => matches(id) || matches(name));
    return configType === 'self_hosted' && isAnyOf(included) && !isAnyOf(excluded);
  };
}

function memberOf(
  { id, name }: RemoteEnvironment,
  { name: connection, workspaceId }: ConnectionConfig,
  { defaultsByConnection, labels }: DiscoveryConfig,
  environmentKey: Secret | null,
): FleetMember {
  const settings = defaultsByConnection[connection]!;
  const environment = { ...settings, id, name, connection, workspaceId, source: 'discovery', labels } as const;
  return { environment, environmentKey, environmentKeyExpires: null };
}

/** Watched ones first, then by age. One without a date counts as new. Ids break ties. */
function byAge(watched: ReadonlySet<string>): (a: Candidate, b: Candidate) => number {
  const age = ({ createdAt }: RemoteEnvironment) => createdAt ?? Number.MAX_SAFE_INTEGER;
  return ({ remote: a }, { remote: b }) =>
    Number(watched.has(b.id)) - Number(watched.has(a.id)) || age(a) - age(b) || (a.id < b.id ? -1 : 1);
}

/** How often each connection is among these. */
function countsOf(connections: Iterable<string>): Counts {
  const groups = Map.groupBy(connections, (connection) => connection);
  return new Map([...groups].map(([connection, { length }]) => [connection, length]));
}
