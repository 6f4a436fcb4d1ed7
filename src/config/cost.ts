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
import type { ConnectionConfig, EnvironmentConfig, FleetConfig } from './config.ts';

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
