import type { Config } from '../config/config.ts';
import type { Fleet } from '../discovery/fleet.ts';
import type { SelfMetrics } from '../metrics/self/self-metrics.ts';
import type { Connections } from './connections/connections.ts';
import type { CredentialVerdicts } from './connections/credential-verdicts.ts';

export interface ConfigInForce {
  /** The previous configuration, whose connections may be gone; null at the start. */
  readonly before: Config | null;
  readonly config: Config;
  readonly fleet: Fleet;
  readonly connections: Connections;
  readonly credentials: CredentialVerdicts;
}

/** Updates the exporter's own metrics from the configuration and the fleet. */
export function publishConfig(
  self: SelfMetrics,
  { before, config, fleet, connections, credentials }: ConfigInForce,
): void {
  const { members, dropped, archived } = fleet;
  self.environments({ watched: members.length, dropped, archived });
  const baseUrls = new Map(config.connections.map(({ name, baseUrl }) => [name, baseUrl]));
  for (const { name, baseUrl } of before?.connections ?? []) {
    // Another API may take a key that this one refused.
    if (baseUrls.get(name) !== baseUrl) credentials.connectionRemoved(name);
    if (!baseUrls.has(name)) self.connectionRemoved(name);
  }
  for (const { name, apiKey, apiKeyExpires } of config.connections) {
    if (apiKey === null) credentials.keyRemoved(name, null);
    self.budgetLimit(name, connections.get(name)?.budget.configuredPerMinute ?? 0);
    self.credentialExpires(name, 'api_key', apiKeyExpires);
  }
  for (const { environment, environmentKey, environmentKeyExpires } of members) {
    if (environmentKey === null) credentials.keyRemoved(environment.connection, environment.id);
    self.credentialExpires(environment.connection, environment.id, environmentKeyExpires);
  }
}
