import type { EpochMs } from '../base/clock.ts';
import type { Secret } from '../base/secret.ts';
import type { RemoteEnvironment } from '../client/work-api.ts';
import type { Config } from '../config/config.ts';
import type { Environment } from '../domain/environment.ts';
import { selectEnvironments } from './select.ts';

/** One environment to watch, with the key that reads its list. */
export interface FleetMember {
  readonly environment: Environment;
  readonly environmentKey: Secret | null;
  readonly environmentKeyExpires: EpochMs | null;
}

export interface Fleet {
  /** Configured ones first, in their order; then the discovered ones. */
  readonly members: readonly FleetMember[];
  /** Discovered, but over `max_environments`. */
  readonly dropped: number;
  /** Seen by discovery and archived. */
  readonly archived: number;
}

/** What discovery knows of each connection by name, and the keys that lie ready for discovered environments by id. */
export interface Discovered {
  readonly environments: ReadonlyMap<string, readonly RemoteEnvironment[]>;
  readonly keys: ReadonlyMap<string, Secret>;
}

/** All environments to watch: those of the configuration, and with discovery those that the API has beside them. */
export function fleetOf(config: Config, discovered: Discovered): Fleet {
  const configured: FleetMember[] = [...config.environments];
  const members = [...configured];
  const taken = new Set(configured.map(({ environment }) => environment.id));
  let dropped = 0;
  let archived = 0;
  if (!config.discovery.enabled) return { members, dropped, archived };
  for (const { name, workspaceId } of config.connections) {
    const rules = {
      ...config.discovery,
      maxEnvironments: Math.max(config.discovery.maxEnvironments - (members.length - configured.length), 0),
    };
    const selection = selectEnvironments(discovered.environments.get(name) ?? [], rules, taken);
    dropped += selection.dropped.length;
    archived += selection.archived;
    for (const remote of selection.watched) {
      taken.add(remote.id);
      members.push({
        environment: discoveredEnvironment(config, remote, { connection: name, workspaceId }),
        environmentKey: discovered.keys.get(remote.id) ?? null,
        environmentKeyExpires: null,
      });
    }
  }
  return { members, dropped, archived };
}

function discoveredEnvironment(
  { discovery }: Config,
  { id, name }: RemoteEnvironment,
  where: Pick<Environment, 'connection' | 'workspaceId'>,
): Environment {
  const defaults = discovery.defaultsByConnection?.[where.connection] ?? discovery.defaults;
  return { ...defaults, id, name, ...where, source: 'discovery', labels: discovery.labels };
}
