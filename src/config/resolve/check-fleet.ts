import { counted } from '../../base/text.ts';
import { SCHEDULED_SHARE } from '../../domain/environment.ts';
import { shardText } from '../../domain/shard.ts';
import { canDiscover } from '../can-discover.ts';
import type { FleetConfig } from '../config.ts';
import { costPerMinute } from '../cost.ts';
import type { ResolveContext } from './resolve-context.ts';
import type { ResolvedConnections } from './resolve-environments.ts';

/** `label_<key>` of one metric: docs/metrics.md#per-environment-from-the-configuration. */
const MOST_LABEL_KEYS = 10;

/** Reports a file that names no environment and discovers none. Without a file, the variables were checked before. */
export function checkSomethingToWatch({ values, report, source }: ResolveContext, discovery: boolean): void {
  if (source.file === null || discovery || (values.environments ?? []).length > 0) return;
  if (
    report.isInvalid(['environments']) ||
    report.isInvalid(['discovery']) ||
    report.isInvalid(['discovery', 'enabled'])
  )
    return;
  report.problem(
    ['environments'],
    'there is nothing to watch',
    'name an environment under environments, or set discovery.enabled: true',
    'key',
  );
}

/** Reports where the labels of all environments together become too many. */
export function checkLabelKeys({ values, report }: ResolveContext): void {
  const seen = new Set(Object.keys(values.discovery?.labels ?? {}));
  const check = (path: readonly (string | number)[]) => {
    if (seen.size <= MOST_LABEL_KEYS) return false;
    report.problem(
      path,
      `more than ${MOST_LABEL_KEYS} different label keys in all environments together: they are the labels of one metric`,
      'drop some',
    );
    return true;
  };
  if (check(['discovery', 'labels'])) return;
  for (const [index, environment] of (values.environments ?? []).entries()) {
    for (const key of Object.keys(environment.labels ?? {})) seen.add(key);
    if (check(['environments', index, 'labels'])) return;
  }
}

/** Notes connections that nothing uses, and those whose discovered environments have no keys for their lists. */
export function noticeUnused(
  connections: ResolvedConnections,
  fleet: FleetConfig,
  { report, source }: ResolveContext,
): void {
  const inFile = source.file === null ? 'in a configuration file, ' : '';
  for (const [name, { path, config, preset }] of connections) {
    const used = fleet.environments.some(({ environment }) => environment.connection === name);
    const discovers = fleet.discovery.enabled && canDiscover(config);
    if (!used && !discovers && connections.size > 1)
      report.notice(path, 'no environment uses this connection', 'remove it, or name it in an environment');
    if (!discovers || preset.credentials.list.includes('api_key') || fleet.discovery.environmentKeysDir !== null)
      continue;
    report.notice(
      ['discovery', 'enabled'],
      `the item lists of environments that connection ${name} discovers cannot be read without environment keys`,
      `${inFile}set discovery.environment_keys_dir, or name the environments with their keys`,
    );
  }
}

/**
 * Reports a budget that is too small: a configuration that does not fit even with every interval at its maximum would
 * break the alerts' promises. All shards are checked, so that each of them accepts or rejects the same configuration;
 * the one that lacks most is reported.
 */
export function checkBudget(
  connections: ResolvedConnections,
  shards: readonly FleetConfig[],
  { report }: ResolveContext,
): void {
  const costs = shards
    .flatMap((part, index) => costPerMinute(part).map((cost) => ({ ...cost, index })))
    .toSorted((a, b) => b.leastRequestsPerMinute - b.capacity - (a.leastRequestsPerMinute - a.capacity));
  const count = shards.length;
  for (const { connection, leastRequestsPerMinute: least, capacity, budget, index } of costs) {
    const { path, config } = connections.get(connection)!;
    const at = [...path, 'requests_per_minute'];
    if (config.requestsPerMinute < count) {
      report.invalidate(at, `cannot be divided among ${count} shards`, `set it to at least ${count}`);
    }
    if (least <= capacity) continue;
    const needed = Math.ceil(least / SCHEDULED_SHARE) * count;
    const where = count === 1 ? '' : ` in shard ${shardText({ index, count })}`;
    report.invalidate(
      at,
      `${counted(Math.ceil(least), ['request a minute is', 'requests a minute are'])} needed${where} even at the maximum intervals, and ${Math.floor(capacity)} of ${budget} may be scheduled`,
      `set requests_per_minute to at least ${needed}, or longer poll.max_stats_interval and poll.max_list_interval`,
    );
  }
}
