import type { LogEvent, LogFields, Logger } from '../base/logger.ts';
import { counted, toTenths } from '../base/text.ts';
import { type Config, type ConnectionConfig, costPerMinute, type DiscoveryConfig } from '../config/config.ts';
import type { LoadedConfig } from '../config/load.ts';
import { formatProblem, quote } from '../config/problem.ts';
import type { DiscoveryOutcome } from '../discovery/discovery.ts';
import type { Fleet } from '../discovery/selection.ts';
import { shardText } from '../domain/shard.ts';
import type { ConnectionProblem, ExporterProblem } from '../server/server-deps.ts';
import type { Connections } from './connections.ts';
import type { FleetDifference } from './fleet.ts';

/** Up to this many environments or files are named in a line; beyond that, only their number. */
const NAMED = 20;

/** What the first log line says of what is watched, which key reads what, and what it costs. */
export function watchedFields(config: Config, { members }: Fleet, connections: Connections): LogFields {
  const source = (connection: string, operation: 'stats' | 'list', id: string) =>
    connections.get(connection)?.api.credentialFor(operation, id)?.source ?? null;
  return {
    config: config.origin,
    shard: shardText(config.shard),
    discovery: config.discovery.enabled,
    environment_count: members.length,
    environments: members.slice(0, NAMED).map(({ environment: { id, name, connection } }) => ({
      ...{ id, name },
      stats: source(connection, 'stats', id),
      list: source(connection, 'list', id),
    })),
    requests_per_minute: costPerMinute(config).map(({ connection, requestsPerMinute, budget }) => ({
      ...{ connection, budget },
      wanted: toTenths(requestsPerMinute),
    })),
  };
}

/** Logs that a configuration has taken effect, and which keys of connections it has changed. */
export function reportReload(logger: Logger, before: Config, after: LoadedConfig, difference: FleetDifference): void {
  const { config, notices } = after;
  const { added, removed, changed, unchanged } = difference;
  const counts = { added: added.length, removed: removed.length, changed: changed.length, unchanged };
  const fields = { event: 'config.loaded', config: config.origin, ...counts, notices: notices.map(formatProblem) };
  logger.info(fields, 'configuration is in force');
  const known = new Map(before.connections.map(({ name, apiKey }) => [name, apiKey]));
  for (const { name: connection, apiKey } of config.connections) {
    const old = known.get(connection);
    if (apiKey !== null && old !== undefined && !apiKey.equals(old))
      logger.info({ event: 'secret.reloaded', connection }, 'a key was replaced');
  }
}

/** Options that differ but are only read at the start. */
export function optionsOfNextStart(before: Config, after: Config): string[] {
  const listen = before.server.host !== after.server.host || before.server.port !== after.server.port;
  return [
    ...(listen ? ['server.listen'] : []),
    ...(before.stateFile !== after.stateFile ? ['state_file'] : []),
    ...(before.log.level !== after.log.level || before.log.format !== after.log.format ? ['log'] : []),
  ];
}

/** Why a reload cannot put a configuration into force, as `check` would write it; empty where it can. */
export function reloadProblems(now: Config, next: Config, { members }: Fleet): readonly string[] {
  const [shard, otherShard] = [shardText(now.shard), shardText(next.shard)];
  // Series, state file and budgets belong to the shard as which the process started.
  if (shard !== otherShard) return [`shard: a reload cannot change ${shard} to ${otherShard}; restart the exporter`];
  if ((now.server.web.tls === null) !== (next.server.web.tls === null))
    return ['server.web_config_file: a reload cannot switch TLS on or off; restart the exporter'];
  // As with every other key in force: what spoils its file changes nothing.
  return members.flatMap(({ environment: { id, source }, environmentKey }) => {
    const fault = source === 'discovery' && environmentKey !== null ? next.discovery.unusableKeys.get(id) : undefined;
    return fault === undefined ? [] : [`discovery.environment_keys_dir: ${fault.what}; ${fault.remedy}`];
  });
}

/** Whether nothing of a connection is watched, by any shard. */
export function watchesNothing(connection: string, { members, elsewhere }: Fleet): boolean {
  return elsewhere === 0 && !members.some(({ environment }) => environment.connection === connection);
}

/** Whether a connection lists nothing to watch: neither here nor through another connection, nor over the limit. */
export function isFruitless(connection: string, fleet: Fleet): boolean {
  return watchesNothing(connection, fleet) && !fleet.wantedOf.has(connection);
}

/** For a discovery that works but finds nothing that the exporter may watch. */
export const FRUITLESS_REMEDY =
  'Only self-hosted environments that are not archived are watched: create one, or check discovery.include, discovery.exclude and the workspace of the API key.';

export type Warning = readonly [line: LogEvent, message: string];

/** That some options take effect at the next start only; null if none does. */
export function nextStartWarning(options: readonly string[]): Warning | null {
  const line = { event: 'config.loaded', options, remedy: 'Restart the exporter.' };
  return options.length === 0 ? null : [line, 'some options take effect at the next start only'];
}

/** That a discovery finds nothing to watch; null if it does. */
export function fruitlessWarning(connection: string, found: number, fleet: Fleet): Warning | null {
  const line = { event: 'discovery.fruitless', connection, found, remedy: FRUITLESS_REMEDY };
  return isFruitless(connection, fleet) ? [line, 'discovery finds nothing to watch'] : null;
}

/** Which key files are for no environment of these; null if none is. */
export function unusedKeysWarning(
  discovery: DiscoveryConfig,
  found: readonly { readonly id: string }[],
): Warning | null {
  const { environmentKeysDir: directory, environmentKeys, unusableKeys } = discovery;
  const ids = new Set(found.map(({ id }) => id));
  const unused = [...environmentKeys.keys(), ...unusableKeys.keys()].filter((name) => !ids.has(name)).toSorted();
  // Somebody may have named a file after its key.
  const files = unused.slice(0, NAMED).map((name) => quote(name));
  const remedy =
    'Name each file after the id of its environment, check the workspace of the API key, or remove the file.';
  const line = { event: 'discovery.unused_keys', directory, files, count: unused.length, remedy };
  return unused.length === 0 ? null : [line, 'key files are for no environment that was found'];
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

/**
 * What is wrong with the exporter itself. Names no file: the page may be public.
 *
 * @param facts `stateFileOk`: whether its last write succeeded; null without one
 */
export function exporterProblems(facts: {
  readonly configurationRejected: boolean;
  readonly stateFileOk: boolean | null;
  readonly environmentsDropped: number;
}): readonly ExporterProblem[] {
  const { configurationRejected, environmentsDropped, stateFileOk } = facts;
  const problems: ExporterProblem[] = [];
  if (configurationRejected)
    problems.push({
      text: 'the exporter runs an old configuration: the new one is rejected',
      remedy: 'The log says why (config.rejected), and check says the same.',
    });
  if (environmentsDropped > 0)
    problems.push({
      text: `${counted(environmentsDropped, ['environment is', 'environments are'])} not watched: the limit leaves no room`,
      remedy: 'Raise discovery.max_environments, or narrow discovery.include and discovery.exclude.',
    });
  if (stateFileOk === false)
    problems.push({
      text: 'the state file cannot be written: a restart would lose what was counted since',
      remedy: 'The log says why (state_file.failing): look at the disk and at who may write there.',
    });
  return problems;
}
