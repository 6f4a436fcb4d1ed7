import type { EpochMs } from '../base/clock.ts';
import type { Secret } from '../base/secret.ts';
import type { Environment } from '../domain/environment.ts';
import type { Shard } from '../domain/shard.ts';
import type { WebSecurity } from '../domain/web-security.ts';
import type { ProviderName } from '../wire/presets.ts';

/** One API endpoint with its credentials and its budget. */
export interface ConnectionConfig {
  readonly name: string;
  readonly provider: ProviderName;
  /** Without a trailing slash; may carry a path. */
  readonly baseUrl: string;
  readonly apiKey: Secret | null;
  readonly apiKeyExpires: EpochMs | null;
  readonly workspaceId: string | null;
  readonly requestsPerMinute: number;
  readonly maxConcurrentRequests: number;
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  /** The certificates of `ca_file`, PEM, added to the system's. */
  readonly ca: string | null;
}

export interface EnvironmentConfig {
  readonly environment: Environment;
  readonly environmentKey: Secret | null;
  readonly environmentKeyExpires: EpochMs | null;
}

/** What the options give an environment beside who it is. */
export type EnvironmentDefaults = Pick<
  Environment,
  'poll' | 'sessions' | 'thresholds' | 'slo' | 'scaling' | 'metadata' | 'exemplars'
>;

export interface DiscoveryConfig {
  readonly enabled: boolean;
  readonly intervalMs: number;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly maxEnvironments: number;
  readonly environmentKeysDir: string | null;
  /** The keys that were there, by id of their environment, whether discovery knows it or not yet. */
  readonly environmentKeys: ReadonlyMap<string, Secret>;
  readonly labels: Readonly<Record<string, string>>;
  /** What a discovered environment gets for everything but id, name, connection, workspace and labels. */
  readonly defaults: EnvironmentDefaults;
  /** The same by name of the connection, where providers differ in a default; wins over `defaults`. */
  readonly defaultsByConnection?: Readonly<Record<string, EnvironmentDefaults>>;
}

export interface ServerConfig {
  readonly host: string;
  readonly port: number;
  /** Names in `Host` that are answered, beside addresses and what `host` names; empty: any. */
  readonly hosts: readonly string[];
  /** From `web_config_file`. */
  readonly web: WebSecurity;
  readonly lifecycle: 'loopback' | 'anyone' | 'off';
  readonly itemIds: boolean;
}

/** The validated configuration: complete, resolved, immutable. Secrets are `Secret`s, so it can be logged by accident. */
export interface Config {
  /** The part of the fleet that this process watches. Connections and environments are those of the part. */
  readonly shard: Shard;
  /** Ids of environments that are configured and that other shards watch. */
  readonly configuredElsewhere: readonly string[];
  /** `requestsPerMinute` is the part's of the budget. */
  readonly connections: readonly ConnectionConfig[];
  readonly environments: readonly EnvironmentConfig[];
  readonly discovery: DiscoveryConfig;
  readonly server: ServerConfig;
  /** Absolute path of the file that keeps counters over a restart; null: none. */
  readonly stateFile: string | null;
  readonly log: {
    readonly level: 'debug' | 'info' | 'warn' | 'error';
    readonly format: 'json' | 'text';
    /** False: `format` is the default, and a terminal may get text instead. */
    readonly formatGiven?: boolean;
  };
  /** `file PATH`, or `environment variables`. */
  readonly origin: string;
  /** Files whose content decides this configuration: the file itself, secrets, certificates. */
  readonly files: readonly string[];
  /** A number of at most 53 bits over the redacted configuration of the whole fleet, without shard, server.listen, web_config_file and state_file. */
  readonly hash: number;
}
