import type { Config, ConnectionConfig } from '../config.ts';
import type { Path } from '../file/option-tree.ts';
import type { PartialConfig, PartialConnection } from '../partial-config.ts';
import type { ResolveContext } from './resolve-context.ts';

type PartialContext = Pick<ResolveContext, 'values' | 'report'>;

/** What a configuration with problems still says. What a misspelt option was meant to say is unknown, not left out. */
export function partialConfigOf(config: Config, { values, report }: PartialContext): PartialConfig {
  const isUnknown = (...paths: readonly Path[]) => paths.some((path) => report.isInvalid(path));
  // A whole file below another name hides what to watch, and through what.
  const hasNoConnection = values.api === undefined && values.connections === undefined;
  const areConnectionsUnknown = isUnknown(['api'], ['connections']) || (hasNoConnection && isUnknown(['environments']));
  const connections = areConnectionsUnknown
    ? null
    : config.connections.map((connection) => partialConnection(connection, { values, report }));
  // Environments whose connection is unknown are left out. Those written in the wrong place make discovery invalid.
  const isMisplaced = values.environments === undefined && isUnknown(['environments'], ['discovery', 'enabled']);
  return {
    connections,
    environments: connections === null || isUnknown(['environments']) || isMisplaced ? null : config.environments,
    discovery: isUnknown(['discovery', 'enabled'], ['discovery', 'environment_keys_dir']) ? null : config.discovery,
    configuredElsewhere: config.configuredElsewhere,
    files: config.files,
  };
}

function partialConnection(
  { name, provider, baseUrl, workspaceId, apiKey }: ConnectionConfig,
  { values, report }: PartialContext,
): PartialConnection {
  const above: Path = name === 'default' && values.api !== undefined ? ['api'] : ['connections', name];
  const isKnown = (...options: readonly string[]) => !options.some((option) => report.isInvalid([...above, option]));
  return {
    name,
    ...(isKnown('provider') && { provider }),
    // The default address is the provider's.
    ...(isKnown('base_url', 'provider') && { baseUrl }),
    ...(isKnown('workspace_id') && { workspaceId }),
    ...(isKnown('api_key', 'api_key_file') && { apiKey }),
  };
}
