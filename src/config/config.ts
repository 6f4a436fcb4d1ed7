import { createHash } from 'node:crypto';
import type { EpochMs } from '../base/clock.ts';
import type { Secret } from '../base/secret.ts';
import type { Environment } from '../domain/environment.ts';
import type { ServerSettings } from '../domain/server-settings.ts';
import type { Shard } from '../domain/shard.ts';
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

/** The settings of an environment, without its identity. */
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
  /** The keys in the directory, by id of their environment, whether or not discovery has found it yet. */
  readonly environmentKeys: ReadonlyMap<string, Secret>;
  /** What is wrong with the other files there, by id of their environment. */
  readonly unusableKeys: ReadonlyMap<string, { readonly what: string; readonly remedy: string }>;
  readonly labels: Readonly<Record<string, string>>;
  /** What a discovered environment gets for everything but id, name and labels, by its connection. */
  readonly defaultsByConnection: Readonly<Record<string, EnvironmentDefaults>>;
}

/** The validated configuration: complete, resolved, immutable. Logging it by accident is harmless. */
export interface Config {
  /** The part of the fleet that this process watches; connections and environments are limited to it. */
  readonly shard: Shard;
  /** Ids of configured environments that other shards watch. */
  readonly configuredElsewhere: readonly string[];
  /** `requestsPerMinute` is this shard's part of the budget. */
  readonly connections: readonly ConnectionConfig[];
  readonly environments: readonly EnvironmentConfig[];
  readonly discovery: DiscoveryConfig;
  readonly server: ServerSettings;
  /** Absolute path of the file that keeps counters over a restart; null: none. */
  readonly stateFile: string | null;
  readonly log: {
    readonly level: 'debug' | 'info' | 'warn' | 'error';
    readonly format: 'json' | 'text';
    /** False: `format` is the default, and a terminal may get text instead. */
    readonly formatGiven: boolean;
  };
  /** `file PATH`, or `environment variables`. */
  readonly origin: string;
  /** The files whose content decides this configuration: the file itself, secrets, certificates. */
  readonly files: readonly string[];
  /** `configHash` of the whole fleet. */
  readonly hash: number;
}

/** The part of a configuration that says what is watched, through what, and what that costs. */
export type FleetConfig = Pick<Config, 'connections' | 'environments' | 'discovery'>;

type HashedConfig = FleetConfig & Pick<Config, 'server' | 'log'>;

/**
 * A fingerprint by which replicas are compared; at most 53 bits, so that it fits a metric's value.
 *
 * It leaves out what may differ between replicas: the path of the file, the address, certificates and logins, the state
 * file, the shard, and the order of environments. That of connections stays: the first one that finds an environment
 * reads it. Keys are masked.
 */
export function configHash({ connections, environments, discovery, server, log }: HashedConfig): number {
  const { host: _host, port: _port, web: _web, ...shared } = server;
  const each = environments.map((one) => JSON.stringify(one, withSortedKeys)).toSorted();
  const text = JSON.stringify([connections, each, discovery, shared, log], withSortedKeys);
  const hex = createHash('sha256').update(text).digest('hex');
  return Number(BigInt(`0x${hex.slice(0, 14)}`) >> 3n);
}

/** The order of labels in a file makes no difference, and no limit is another value than none. */
function withSortedKeys(_: string, value: unknown): unknown {
  if (value === Number.POSITIVE_INFINITY) return 'never';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
