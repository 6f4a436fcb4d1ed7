import {
  configuredIntervalMs,
  longestIntervalMs,
  OPERATIONS,
  type Operation,
  type PollSettings,
  SCHEDULED_SHARE,
} from '../domain/environment.ts';
import type { CredentialKind } from '../domain/failure.ts';
import { PRESETS } from '../wire/presets.ts';
import type { ConnectionConfig, DiscoveryConfig, EnvironmentConfig, FleetConfig } from './config.ts';

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
  readonly eachDiscovered: { readonly requestsPerMinute: number; readonly leastRequestsPerMinute: number } | null;
  /** `requests_per_minute`. */
  readonly budget: number;
  /** The part of it that scheduled reads may use. */
  readonly capacity: number;
}

/** The cost per connection of these environments; discovered ones count only if the caller knows them. */
export function costPerMinute(config: FleetConfig): ConnectionCost[] {
  return config.connections.map((connection) => {
    const own = config.environments.filter(({ environment }) => environment.connection === connection.name);
    const finds = config.discovery.enabled && canDiscover(connection);
    const discovery = finds ? perMinute(config.discovery.intervalMs) : 0;
    const sum = (rate: (environment: EnvironmentConfig) => number) =>
      own.reduce((total, item) => total + rate(item), 0);
    return {
      connection: connection.name,
      requestsPerMinute: discovery + sum((item) => rateOf(item, connection, 'configuredMs')),
      leastRequestsPerMinute: discovery + sum((item) => rateOf(item, connection, 'longestMs')),
      eachDiscovered: finds ? costOfDiscovered(connection, config.discovery) : null,
      budget: connection.requestsPerMinute,
      capacity: SCHEDULED_SHARE * connection.requestsPerMinute,
    };
  });
}

function costOfDiscovered({ name }: ConnectionConfig, { defaults, defaultsByConnection }: DiscoveryConfig) {
  const { poll } = defaultsByConnection?.[name] ?? defaults;
  return {
    requestsPerMinute: readsPerMinute(poll, OPERATIONS, 'configuredMs'),
    leastRequestsPerMinute: readsPerMinute(poll, OPERATIONS, 'longestMs'),
  };
}

const perMinute = (intervalMs: number) => 60_000 / intervalMs;

/** The operations for which there is a key, of the environment or of its connection. */
export function readsOf(
  { environmentKey }: Pick<EnvironmentConfig, 'environmentKey'>,
  { apiKey, provider }: ConnectionConfig,
): Operation[] {
  const has = (kind: CredentialKind) => (kind === 'api_key' ? apiKey : environmentKey) !== null;
  return OPERATIONS.filter((operation) => PRESETS[provider].credentials[operation].some(has));
}

/** The configured and the longest interval of an operation. */
export function intervalsOf(
  poll: PollSettings,
  operation: Operation,
): { readonly configuredMs: number; readonly longestMs: number } {
  return { configuredMs: configuredIntervalMs(poll, operation), longestMs: longestIntervalMs(poll, operation) };
}

function rateOf(item: EnvironmentConfig, connection: ConnectionConfig, kind: IntervalKind): number {
  return readsPerMinute(item.environment.poll, readsOf(item, connection), kind);
}

type IntervalKind = 'configuredMs' | 'longestMs';

/** The requests a minute of these operations of one environment, with a list of one page. */
export function readsPerMinute(poll: PollSettings, operations: readonly Operation[], kind: IntervalKind): number {
  return operations.reduce((sum, operation) => sum + perMinute(intervalsOf(poll, operation)[kind]), 0);
}
