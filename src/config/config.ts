import { createHash } from 'node:crypto';
import type { EpochMs } from '../base/clock.ts';
import type { Secret } from '../base/secret.ts';
import {
  configuredIntervalMs,
  type Environment,
  longestIntervalMs,
  OPERATIONS,
  type Operation,
  type PollSettings,
  SCHEDULED_SHARE,
} from '../domain/environment.ts';
import type { CredentialKind } from '../domain/failure.ts';
import type { ServerSettings } from '../domain/server-settings.ts';
import type { Shard } from '../domain/shard.ts';
import { PRESETS, type ProviderName } from '../wire/presets.ts';

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
export type EnvironmentDefaults = Omit<Environment, 'id' | 'name' | 'connection' | 'workspaceId' | 'source' | 'labels'>;

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

/** Whether a connection can list its environments: it has a key for that, and its provider offers it. */
export function canDiscover({ apiKey, provider }: Pick<ConnectionConfig, 'apiKey' | 'provider'>): boolean {
  return apiKey !== null && PRESETS[provider].credentials.environments.length > 0;
}

/** What environments and discovery require of one connection, requests a minute. */
export interface ConnectionCost {
  readonly connection: string;
  /** At the configured intervals, with a list of one page. */
  readonly requestsPerMinute: number;
  /** The same with all intervals at their configured maximum. */
  readonly leastRequestsPerMinute: number;
  /** The cost of each environment that discovery finds and that has an environment key; null without discovery. */
  readonly eachDiscovered: number | null;
  /** `requests_per_minute`. */
  readonly budget: number;
  /** The part of it that scheduled reads may use. */
  readonly capacity: number;
}

/** The cost per connection of these environments; discovered ones count only if the caller knows them. */
export function costPerMinute({ connections, environments, discovery }: FleetConfig): ConnectionCost[] {
  return connections.map((connection) => {
    const { name, requestsPerMinute: budget } = connection;
    const finds = discovery.enabled && canDiscover(connection);
    const own = environments.filter(({ environment }) => environment.connection === name);
    const cost = (interval: IntervalOf) =>
      own.reduce(
        (sum, each) => sum + readsPerMinute(each.environment.poll, readsOf(each, connection), interval),
        finds ? 60_000 / discovery.intervalMs : 0,
      );
    const { poll } = discovery.defaultsByConnection[name]!;
    return {
      connection: name,
      requestsPerMinute: cost(configuredIntervalMs),
      leastRequestsPerMinute: cost(longestIntervalMs),
      eachDiscovered: finds ? readsPerMinute(poll, OPERATIONS, configuredIntervalMs) : null,
      budget,
      capacity: SCHEDULED_SHARE * budget,
    };
  });
}

/** The operations for which there is a key, of the environment or of its connection. */
export function readsOf(
  { environmentKey }: Pick<EnvironmentConfig, 'environmentKey'>,
  { apiKey, provider }: ConnectionConfig,
): Operation[] {
  const has = (kind: CredentialKind) => (kind === 'api_key' ? apiKey : environmentKey) !== null;
  return OPERATIONS.filter((operation) => PRESETS[provider].credentials[operation].some(has));
}

type IntervalOf = typeof configuredIntervalMs;

/** With a list of one page. */
function readsPerMinute(poll: PollSettings, operations: readonly Operation[], interval: IntervalOf): number {
  return operations.reduce((sum, operation) => sum + 60_000 / interval(poll, operation), 0);
}
