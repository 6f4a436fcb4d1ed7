import type { LogEvent } from '../base/logger.ts';
import { toTenths } from '../base/to-tenths.ts';
import type { Config } from '../config/config.ts';
import { costPerMinute } from '../config/cost.ts';
import { formatProblem, type Problem } from '../config/file/problem.ts';
import type { Fleet } from '../discovery/fleet.ts';
import { shardText } from '../domain/shard.ts';
import type { Connections } from './connections/connections.ts';

/** Up to this many environments are named in the first line; beyond that, only their number. */
const NAMED = 20;

export interface Announcement {
  readonly url: string;
  readonly version: string;
  readonly config: Config;
  readonly notices: readonly Problem[];
  readonly fleet: Fleet;
  readonly connections: Connections;
}

/** The fields of the first log line: the address, what is watched, which key reads what, and what it costs. */
export function listeningFields({ url, version, config, notices, fleet, connections }: Announcement): LogEvent {
  const source = (connection: string, operation: 'stats' | 'list', id: string) =>
    connections.get(connection)?.api.credentialFor(operation, id)?.source ?? null;
  return {
    event: 'exporter.listening',
    version,
    url,
    config: config.origin,
    shard: shardText(config.shard),
    discovery: config.discovery.enabled,
    environment_count: fleet.members.length,
    environments: fleet.members.slice(0, NAMED).map(({ environment: { id, name, connection } }) => ({
      id,
      name,
      stats: source(connection, 'stats', id),
      list: source(connection, 'list', id),
    })),
    requests_per_minute: costPerMinute(config).map(({ connection, requestsPerMinute, budget }) => ({
      connection,
      wanted: toTenths(requestsPerMinute),
      budget,
    })),
    notices: notices.map(formatProblem),
  };
}
