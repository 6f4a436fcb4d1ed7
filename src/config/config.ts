import { createHash } from 'node:crypto';
import type { EpochMs } from '../base/clock.ts';
import { MASK, Secret } from '../base/secret.ts';
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
  /** What a discovered environment gets for everything but id, name, connection, workspace and labels. */
  readonly defaults: EnvironmentDefaults;
  /** Defaults by name of the connection, because they differ between providers; they win over `defaults`. */
  readonly defaultsByConnection: Readonly<Record<string, EnvironmentDefaults>>;
}

/**
 * The validated configuration: complete, resolved, immutable. Secrets are `Secret`s, so logging it by accident is
 * harmless.
 */
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
  /**
   * A number of at most 53 bits over the redacted configuration of the whole fleet, without shard, server.listen,
   * web_config_file and state_file.
   */
  readonly hash: number;
}

/** The part of a configuration that says what is watched, through what, and what that costs. */
export type FleetConfig = Pick<Config, 'connections' | 'environments' | 'discovery'>;

export type PlainData = string | number | boolean | null | readonly PlainData[] | { readonly [key: string]: PlainData };

const CERTIFICATES = new Set(['ca', 'cert', 'clientCa']);

/** The configuration as plain data without secrets: keys are masked, certificates are fingerprints, "no limit" is `+Inf`. */
export function plainConfig(config: Partial<Config>): { readonly [key: string]: PlainData } {
  return plain(config) as { readonly [key: string]: PlainData };
}

function plain(value: unknown, key = ''): PlainData {
  if (value instanceof Secret) return MASK;
  if (value === null || value === undefined) return null;
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (CERTIFICATES.has(key) && typeof value === 'string') return `sha256:${sha256(value)}`;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (typeof value !== 'object') return null;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item, name)]));
}

/**
 * A fingerprint by which replicas are compared; at most 53 bits, so that it fits a metric's value.
 *
 * It leaves out what may differ between replicas: the path of the file, the address, certificates and logins, the state
 * file, the shard, and the order of environments. That of connections stays: the first one that finds an environment
 * reads it.
 */
export function configHash(config: Omit<Config, 'hash' | 'shard' | 'configuredElsewhere'>): number {
  const { server, environments, ...rest } = plainConfig(config);
  const { host: _host, port: _port, web: _web, ...shared } = server as { readonly [key: string]: PlainData };
  const differing = ['origin', 'files', 'hash', 'stateFile', 'shard', 'configuredElsewhere'];
  const same = Object.fromEntries(Object.entries(rest).filter(([name]) => !differing.includes(name)));
  const each = (environments as readonly PlainData[]).map(canonical).toSorted();
  const hex = sha256(canonical({ ...same, environments: each, server: shared }));
  return Number(BigInt(`0x${hex.slice(0, 14)}`) >> 3n);
}

/** JSON with sorted keys: the order in a file makes no difference. */
function canonical(value: PlainData): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
