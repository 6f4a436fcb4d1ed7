import { counted, toTenths } from '../../base/text.ts';
import type { Config, ConnectionConfig, EnvironmentConfig, FleetConfig } from '../../config/config.ts';
import { type ConnectionCost, costPerMinute, intervalsOf, readsOf, readsPerMinute } from '../../config/cost.ts';
import { OPERATIONS, type Operation, type PollSettings } from '../../domain/environment.ts';
import type { CredentialKind } from '../../domain/failure.ts';
import type { Demand } from '../../poller/intervals.ts';
import { neededFactors, type StretchFactors, stretchedMs } from '../../poller/intervals.ts';
import { PRESETS } from '../../wire/presets.ts';

/**
 * What a budget means for the reads: how far they are stretched, and what environments that discovery finds will cost.
 * `answered`: the connections whose discovery has answered, so that what it found is among the environments of `config`.
 */
export function costNotices(config: FleetConfig, answered: readonly string[] = []): string[] {
  const costs = costPerMinute(config);
  return config.connections.flatMap((connection) => {
    const cost = costs.find((one) => one.connection === connection.name)!;
    return [...scaling(cost, connection, config), ...discovery(cost, { connection, config, answered })];
  });
}

function scaling(cost: ConnectionCost, connection: ConnectionConfig, { environments }: FleetConfig): string[] {
  const { requestsPerMinute, capacity, budget } = cost;
  if (requestsPerMinute <= capacity) return [];
  const own = environments.filter(({ environment }) => environment.connection === connection.name);
  const demands = own.flatMap((item) =>
    readsOf(item, connection).map((operation) => demandOf(item.environment.poll, operation)),
  );
  const factors = neededFactors(demands, capacity);
  // One environment as an example: most of them have the same settings.
  const example = own.find((item) => readsOf(item, connection).length > 0)!;
  const paces = readsOf(example, connection).map((operation) => pace(example, operation, factors));
  return [
    `connection ${connection.name}: reads will be stretched, because they need ${rate(requestsPerMinute)} and ${Math.floor(capacity)} of ${budget} may be scheduled: ${paces.join(' and ')} while every environment has work; those without work are slowed down first; raise requests_per_minute to ${Math.ceil((requestsPerMinute / capacity) * budget)} to read at full pace`,
  ];
}

function pace(
  { environment: { poll, name } }: EnvironmentConfig,
  operation: Operation,
  factors: StretchFactors,
): string {
  const demand = demandOf(poll, operation);
  const [stretched, wished] = [stretchedMs(demand, factors), demand.configuredMs].map(
    (ms) => `${toTenths(ms / 1000)} s`,
  );
  return `${name} ${operation} every ${stretched} instead of ${wished}`;
}

/** Assumes activity in every environment: those without work are stretched sooner and further. */
function demandOf(poll: PollSettings, operation: Operation): Demand {
  return { active: true, ...intervalsOf(poll, operation), cost: 1 };
}

function discovery(
  cost: ConnectionCost,
  {
    connection,
    config,
    answered,
  }: { readonly connection: ConnectionConfig; readonly config: FleetConfig; readonly answered: readonly string[] },
): string[] {
  const { requestsPerMinute, leastRequestsPerMinute, capacity, eachDiscovered: each } = cost;
  if (each === null) return [];
  const { defaults, defaultsByConnection, maxEnvironments } = config.discovery;
  const { poll } = defaultsByConnection?.[connection.name] ?? defaults;
  const found = config.environments.filter(({ environment }) => environment.source === 'discovery').length;
  const room = (used: number, rate: number) =>
    Math.min(maxEnvironments - found, Math.max(0, Math.floor((capacity - used) / rate)));
  const withoutKey = readsOf({ environmentKey: null }, connection);
  const needsKey = withoutKey.length < OPERATIONS.length;
  const price = needsKey
    ? `${rate(readsPerMinute(poll, withoutKey, 'configuredMs'))}, or ${toTenths(each.requestsPerMinute)} with an environment key`
    : rate(each.requestsPerMinute);
  const atPace = room(requestsPerMinute, each.requestsPerMinute);
  const most = room(leastRequestsPerMinute, each.leastRequestsPerMinute);
  const those = answered.includes(connection.name) ? '' : '; check --live counts those that exist now';
  return [
    `connection ${connection.name}: each environment that discovery finds costs ${price}; ${needsKey ? 'if all of them have keys, ' : ''}the budget allows ${atPace} more at the configured intervals, or ${most} at the longest ones${those}`,
  ];
}

const rate = (value: number) => `${counted(toTenths(value), ['request', 'requests'])} a minute`;

/** Says once per connection that the sessions of its long runs are not read, unless that was switched off. */
export function sessionNotices({ connections, environments }: Pick<Config, 'connections' | 'environments'>): string[] {
  return connections.flatMap(({ name, provider, apiKey }) => {
    const kinds = PRESETS[provider].credentials.session;
    const own = environments.filter(
      ({ environment }) => environment.connection === name && environment.sessions.enabled,
    );
    const has = (item: EnvironmentConfig, kind: CredentialKind) =>
      (kind === 'api_key' ? apiKey : item.environmentKey) !== null;
    const unread = own.filter((item) => !kinds.some((kind) => has(item, kind)));
    if (unread.length === 0) return [];
    const why = kinds.length === 0 ? `nothing is known of sessions on ${provider}` : 'there is no key for them';
    return [
      `connection ${name}: sessions of long runs are not read in ${unread.length} of its environments, because ${why}`,
    ];
  });
}
