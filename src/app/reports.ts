import { ExporterError, errorText } from '../base/errors.ts';
import type { LogEvent, Logger } from '../base/logger.ts';
import { counted, toTenths } from '../base/text.ts';
import type { Config, ConnectionConfig } from '../config/config.ts';
import { costPerMinute } from '../config/cost.ts';
import { formatProblem, type Problem } from '../config/problem.ts';
import type { DiscoveryOutcome } from '../discovery/discovery.ts';
import type { Fleet } from '../discovery/selection.ts';
import { shardText } from '../domain/shard.ts';
import type { ConnectionProblem, ExporterProblem, ReloadResult } from '../server/server-deps.ts';
import type { Connections } from './connections/connections.ts';
import type { FleetDifference } from './fleet.ts';
import { newApiKeys } from './keys.ts';

/** Up to this many environments are named in the first line; beyond that, only their number. */
const NAMED = 20;

/** For a discovery that works but finds nothing that the exporter may watch. */
export const FRUITLESS_REMEDY =
  'Only self-hosted environments that are not archived are watched: create one, or check discovery.include, discovery.exclude and the workspace of the API key.';

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

export interface Reloaded {
  readonly before: Config;
  readonly after: Config;
  readonly difference: FleetDifference;
  /** Of the configuration that is now in force. */
  readonly notices: readonly Problem[];
}

/** What an accepted reload has changed, and what it could not change. */
export function reportReload(logger: Logger, { before, after, difference, notices }: Reloaded): void {
  const { added, removed, changed, unchanged, newKeys, lostKeys } = difference;
  const counts = { added: added.length, removed: removed.length, changed: changed.length, unchanged };
  const fields = { event: 'config.loaded', config: after.origin, ...counts, notices: notices.map(formatProblem) };
  logger.info(fields, 'configuration is in force');
  for (const id of newKeys) logger.info({ event: 'secret.reloaded', environment_id: id }, 'a key was replaced');
  for (const id of lostKeys) logger.warn({ event: 'secret.reloaded', environment_id: id }, 'a key is gone');
  for (const connection of newApiKeys(before, after)) {
    logger.info({ event: 'secret.reloaded', connection }, 'a key was replaced');
  }
  const options = optionsOfNextStart(before, after);
  if (options.length === 0) return;
  const later = { event: 'config.loaded', options, remedy: 'Restart the exporter.' };
  logger.warn(later, 'some options take effect at the next start only');
}

/** The answer to a request for a reload. `started` is the configuration at the start of the process. */
export function answerOfReload(reload: {
  readonly started: Config;
  readonly after: Config;
  readonly difference: FleetDifference;
}): ReloadResult {
  const { added, removed, changed, unchanged } = reload.difference;
  const atNextStart = optionsOfNextStart(reload.started, reload.after);
  return { ok: true, added, removed, changed, unchanged, atNextStart };
}

/** Why the connections of a configuration cannot be used, as `check` would write it. */
export function connectionProblem(error: unknown): string {
  const remedy = error instanceof ExporterError ? error.remedy : null;
  return remedy === null ? errorText(error) : `${errorText(error)}; ${remedy}`;
}

/** Why a reload cannot put a configuration into force, as `check` would write it; empty where it can. */
export function restartProblems(now: Config, next: Config): readonly string[] {
  const [shard, otherShard] = [shardText(now.shard), shardText(next.shard)];
  // Series, state file and budgets belong to the shard as which the process started.
  if (shard !== otherShard) return [`shard: a reload cannot change ${shard} to ${otherShard}; restart the exporter`];
  if ((now.server.web.tls === null) !== (next.server.web.tls === null)) {
    return ['server.web_config_file: a reload cannot switch TLS on or off; restart the exporter'];
  }
  return [];
}

/** Options that differ but are only read at the start. */
function optionsOfNextStart(before: Config, after: Config): string[] {
  const listen = before.server.host !== after.server.host || before.server.port !== after.server.port;
  return [
    ...(listen ? ['server.listen'] : []),
    ...(before.stateFile !== after.stateFile ? ['state_file'] : []),
    ...(before.log.level !== after.log.level || before.log.format !== after.log.format ? ['log'] : []),
  ];
}

/** Whether nothing of a connection is watched, by any shard. */
export function watchesNothing(connection: string, { members, elsewhere }: Fleet): boolean {
  return elsewhere === 0 && !members.some(({ environment }) => environment.connection === connection);
}

/** Whether a connection lists nothing to watch: neither here nor through another connection, nor over the limit. */
export function isFruitless(connection: string, fleet: Fleet): boolean {
  return watchesNothing(connection, fleet) && !fleet.wantedOf.has(connection);
}

/** Logs that a discovery finds nothing to watch: once, and again when it had found something meanwhile. */
export class FruitlessLog {
  readonly #logger: Logger;
  readonly #logged = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  note(connection: string, found: number, fleet: Fleet): void {
    if (!isFruitless(connection, fleet)) {
      this.#logged.delete(connection);
    } else if (!this.#logged.has(connection)) {
      this.#logged.add(connection);
      const fields = { event: 'discovery.fruitless', connection, found, remedy: FRUITLESS_REMEDY };
      this.#logger.warn(fields, 'discovery finds nothing to watch');
    }
  }
}

/** Discoveries that failed or found nothing to watch: what is not watched shows up nowhere else. */
export function discoveryProblems(
  outcomes: readonly DiscoveryOutcome[],
  fleet: Fleet,
  connections: readonly Pick<ConnectionConfig, 'name' | 'apiKey'>[],
): ConnectionProblem[] {
  const keySources = new Map(connections.map(({ name, apiKey }) => [name, apiKey?.source]));
  return outcomes.flatMap(({ connection, failure, found }) => {
    if (failure !== null) {
      const text = `discovery of connection ${connection} fails (${failure.reason}): ${failure.message}`;
      const source = keySources.get(connection);
      // Health is open to everyone, so the option names the key, and only the log names its file.
      const remedy = source?.startsWith('file ') ? failure.remedy.replaceAll(source, 'its file') : failure.remedy;
      return [{ connection, text, remedy }];
    }
    if (!isFruitless(connection, fleet)) return [];
    const text = `discovery of connection ${connection} found nothing to watch among ${counted(found)}`;
    return [{ connection, text, remedy: FRUITLESS_REMEDY }];
  });
}

export interface ExporterFacts {
  /** The last reload failed: the configuration in force is not the one last written. */
  readonly configurationRejected: boolean;
  /** Whether the last write of the state file succeeded; null without one. */
  readonly stateFileOk: boolean | null;
  /** Environments that were found but exceed the limit. */
  readonly environmentsDropped: number;
}

/** What is wrong with the exporter itself. Names no file: the page may be public. */
export function exporterProblems({ configurationRejected, stateFileOk, environmentsDropped }: ExporterFacts) {
  const problems: ExporterProblem[] = [];
  if (configurationRejected) {
    problems.push({
      text: 'the exporter runs an old configuration: the new one is rejected',
      remedy: 'The log says why (config.rejected), and check says the same.',
    });
  }
  if (environmentsDropped > 0) {
    const what = counted(environmentsDropped, ['environment is', 'environments are']);
    problems.push({
      text: `${what} not watched: the limit leaves no room`,
      remedy: 'Raise discovery.max_environments, or narrow discovery.include and discovery.exclude.',
    });
  }
  if (stateFileOk === false) {
    problems.push({
      text: 'the state file cannot be written: a restart would lose what was counted since',
      remedy: 'The log says why (state_file.failing): look at the disk and at who may write there.',
    });
  }
  return problems;
}
