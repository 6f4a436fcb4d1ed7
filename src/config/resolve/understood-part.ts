import type { Config, ConnectionConfig } from '../config.ts';
import type { Path } from '../file/option-tree.ts';
import type { Understood, UnderstoodConnection } from '../understood.ts';
import type { ResolveContext } from './resolve-context.ts';

type Open = Pick<ResolveContext, 'values' | 'report'>;

/** What a configuration with problems says all the same. A misspelt option is no option that was left out. */
export function understoodPart(config: Config, { values, report }: Open): Understood {
  const isOpen = (...paths: readonly Path[]) => paths.some((path) => report.isBroken(path));
  // A whole file below another name leaves open what to watch, and through what.
  const isEmpty = values.api === undefined && values.connections === undefined;
  const areConnectionsOpen = isOpen(['api'], ['connections']) || (isEmpty && isOpen(['environments']));
  const connections = areConnectionsOpen
    ? null
    : config.connections.map((connection) => understoodConnection(connection, { values, report }));
  // Environments whose connection is unknown are left out. Those written in the wrong place spoil discovery.
  const isMisplaced = values.environments === undefined && isOpen(['environments'], ['discovery', 'enabled']);
  return {
    connections,
    environments: connections === null || isOpen(['environments']) || isMisplaced ? null : config.environments,
    discovery: isOpen(['discovery', 'enabled'], ['discovery', 'environment_keys_dir']) ? null : config.discovery,
    configuredElsewhere: config.configuredElsewhere,
    files: config.files,
  };
}

function understoodConnection(
  { name, provider, baseUrl, workspaceId, apiKey }: ConnectionConfig,
  { values, report }: Open,
): UnderstoodConnection {
  const above: Path = name === 'default' && values.api !== undefined ? ['api'] : ['connections', name];
  const isClear = (...options: readonly string[]) => !options.some((option) => report.isBroken([...above, option]));
  return {
    name,
    ...(isClear('provider') && { provider }),
    // The default address is the provider's.
    ...(isClear('base_url', 'provider') && { baseUrl }),
    ...(isClear('workspace_id') && { workspaceId }),
    ...(isClear('api_key', 'api_key_file') && { apiKey }),
  };
}
