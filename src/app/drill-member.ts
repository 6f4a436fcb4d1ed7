import { Secret } from '../base/secret.ts';
import type { Config, ConnectionConfig, EnvironmentConfig } from '../config/config.ts';
import type { DrillInfo } from '../server/http/server-deps.ts';
import type { Simulator } from '../simulator/start-simulator.ts';

/** No configuration can use this name, so the drill never replaces a connection. */
const CONNECTION = '(drill)';

/** What a drill adds to a configuration: its environment, on a connection of its own, with the user's thresholds. */
export function drillMember(
  { info, simulator }: { readonly info: DrillInfo; readonly simulator: Simulator },
  { discovery }: Config,
) {
  const connection: ConnectionConfig = {
    name: CONNECTION,
    provider: 'anthropic',
    baseUrl: simulator.url,
    apiKey: new Secret(simulator.apiKey, 'the drill'),
    apiKeyExpires: null,
    workspaceId: null,
    requestsPerMinute: 240,
    maxConcurrentRequests: 4,
    timeoutMs: 10_000,
    maxResponseBytes: 4 * 1024 * 1024,
    ca: null,
    isInternal: true,
  };
  const environment: EnvironmentConfig = {
    environment: {
      ...discovery.defaults,
      id: info.environmentId,
      name: info.environmentName,
      connection: CONNECTION,
      workspaceId: null,
      source: 'drill',
      labels: {},
    },
    environmentKey: new Secret(simulator.environments[0]!.environmentKey, 'the drill'),
    environmentKeyExpires: null,
  };
  return { connection, environment };
}
