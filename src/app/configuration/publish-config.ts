import type { Config } from '../../config/config.ts';
import type { SelfMetrics } from '../../metrics/self/self-metrics.ts';
import type { ClockSkews } from '../connections/clock-skews.ts';
import type { Connections } from '../connections/connections.ts';
import type { CredentialVerdicts } from '../connections/credential-verdicts.ts';
import type { DiscoverySet } from '../fleet/discovery-set.ts';
import type { FleetReconciler } from '../fleet/fleet-reconciler.ts';

/** The stages that follow a configuration. */
export interface ConfiguredStages {
  readonly self: SelfMetrics;
  readonly skews: Pick<ClockSkews, 'keep'>;
  readonly connections: Connections;
  readonly credentials: CredentialVerdicts;
  readonly fleet: FleetReconciler;
  readonly discovery: DiscoverySet;
}

export interface Published {
  /** The previous configuration, whose connections may be gone; null at the start. */
  readonly before: Config | null;
  readonly config: Config;
}

/** Updates the exporter's own metrics, and what is known of clocks and keys, from the configuration and the fleet. */
export function publishConfig(
  { self, skews, connections, credentials, fleet }: ConfiguredStages,
  { before, config }: Published,
): void {
  skews.keep(connections.all().map((connection) => connection.config));
  const { members, dropped, archivedOf } = fleet.fleet;
  const archived = archivedOf.values().reduce((sum, count) => sum + count, 0);
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
