import type { Config, ConnectionConfig, DiscoveryConfig } from './config.ts';

/** A value is absent where what was written for it cannot be understood. */
export interface PartialConnection
  extends Partial<Pick<ConnectionConfig, 'provider' | 'baseUrl' | 'workspaceId' | 'apiKey'>> {
  readonly name: string;
}

/**
 * What a rejected configuration says of who gets which key, as far as it can be understood; a section is null where it
 * cannot be. Every `Config` is one.
 */
export interface PartialConfig extends Pick<Config, 'configuredElsewhere' | 'files'> {
  readonly connections: readonly PartialConnection[] | null;
  readonly environments: Config['environments'] | null;
  readonly discovery: Pick<DiscoveryConfig, 'enabled' | 'environmentKeysDir'> | null;
}
