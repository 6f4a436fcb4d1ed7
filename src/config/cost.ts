import type { CredentialKind } from '../domain/failure.ts';
import { SCHEDULED_PART } from '../domain/request-budget.ts';
import { PRESETS } from '../wire/presets.ts';
import type { Config, ConnectionConfig, EnvironmentConfig } from './config.ts';

/** What environments and discovery ask of one connection, requests a minute. */
export interface ConnectionCost {
  readonly connection: string;
  /** At the configured intervals, with a list of one page. */
  readonly requestsPerMinute: number;
  /** The same stretched as far as the configuration allows. */
  readonly leastRequestsPerMinute: number;
  /** `requests_per_minute`. */
  readonly budget: number;
  /** What scheduled reads may use of it. */
  readonly capacity: number;
}

/** The cost per connection of these environments: discovered ones count only where the caller knows them. */
export function costPerMinute(config: Pick<Config, 'connections' | 'environments' | 'discovery'>): ConnectionCost[] {
  return config.connections.map((connection) => {
    const own = config.environments.filter(({ environment }) => environment.connection === connection.name);
    const discovery = discovers(connection, config) ? perMinute(config.discovery.intervalMs) : 0;
    const sum = (rate: (environment: EnvironmentConfig) => number) =>
      own.reduce((total, item) => total + rate(item), 0);
    return {
      connection: connection.name,
      requestsPerMinute: discovery + sum((item) => rateOf(item, connection, 'wished')),
      leastRequestsPerMinute: discovery + sum((item) => rateOf(item, connection, 'stretched')),
      budget: connection.requestsPerMinute,
      capacity: SCHEDULED_PART * connection.requestsPerMinute,
    };
  });
}

/** What one environment asks of its connection with all intervals stretched as far as they may be, requests a minute. */
export function leastPerMinute(item: EnvironmentConfig, connection: ConnectionConfig): number {
  return rateOf(item, connection, 'stretched');
}

const perMinute = (intervalMs: number) => 60_000 / intervalMs;

function discovers(connection: ConnectionConfig, { discovery }: Pick<Config, 'discovery'>): boolean {
  return (
    discovery.enabled && connection.apiKey !== null && PRESETS[connection.provider].credentials.environments.length > 0
  );
}

function rateOf(item: EnvironmentConfig, connection: ConnectionConfig, cadence: 'wished' | 'stretched'): number {
  const { poll } = item.environment;
  const has = (kind: CredentialKind) => (kind === 'api_key' ? connection.apiKey : item.environmentKey) !== null;
  const { credentials } = PRESETS[connection.provider];
  const wished = cadence === 'wished';
  const stats = credentials.stats.some(has) ? perMinute(wished ? poll.statsIntervalMs : poll.maxStatsIntervalMs) : 0;
  const list = credentials.list.some(has) ? perMinute(wished ? poll.listIntervalMs : poll.maxListIntervalMs) : 0;
  return stats + list;
}
