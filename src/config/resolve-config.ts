import { counted } from '../base/counted.ts';
import { SCHEDULED_PART } from '../domain/request-budget.ts';
import { shardText } from '../domain/shard.ts';
import { NO_WEB_SECURITY, type WebSecurity } from '../domain/web-security.ts';
import { checkStateFile } from './check-state-file.ts';
import type { Config, ConnectionConfig } from './config.ts';
import { costPerMinute } from './cost.ts';
import { loadWebConfig } from './load-web-config.ts';
import { complete } from './option-tree.ts';
import { options } from './options.ts';
import { configHash } from './redact.ts';
import { resolveConnections } from './resolve-connections.ts';
import { absolutePath, type ResolveContext } from './resolve-context.ts';
import { resolveDiscovery } from './resolve-discovery.ts';
import { type ResolvedConnections, resolveEnvironments } from './resolve-environments.ts';
import { checkSettings } from './resolve-settings.ts';
import { partsOfFleet, resolveShard } from './resolve-shard.ts';

/** `label_<key>` of one metric: docs/metrics.md#per-environment-from-the-configuration. */
const MOST_LABEL_KEYS = 10;

/** The configuration from checked values. Valid only if the report has no problem. */
export async function resolveConfig(context: ResolveContext): Promise<Config> {
  const { values, source, report } = context;
  const connections = await resolveConnections(context);
  checkSettings([], [values], report);
  const environments = await resolveEnvironments(connections, context);
  const discovery = await resolveDiscovery(connections, context);
  const all = complete(options, [values]);
  const parts = {
    connections: [...connections.values()].map(({ config }): ConnectionConfig => config),
    environments,
    discovery,
  };
  checkSomethingToWatch(context, discovery.enabled);
  checkLabelKeys(context);
  checkUse(connections, parts, context);
  const shard = resolveShard(all.shard, context);
  const shards = partsOfFleet(parts, shard.count);
  checkBudget(connections, shards, context);
  const suffix = shard.count > 1 ? `.${shard.index}` : '';
  const stateFile = all.state_file === null ? null : `${absolutePath(all.state_file, context)}${suffix}`;
  const web = await resolveWeb(all.server.web_config_file, context);
  // Once all other files are known.
  if (stateFile !== null) await checkStateFile(stateFile, context);
  const whole = {
    ...parts,
    server: {
      host: all.server.listen.host,
      port: all.server.listen.port,
      hosts: all.server.allowed_hosts,
      web,
      lifecycle: all.server.lifecycle,
      dashboardBaseUrl: all.server.dashboard_base_url,
      itemIds: all.server.item_ids,
    },
    stateFile,
    log: { ...all.log, formatGiven: values.log?.format !== undefined },
    origin: source.origin,
    files: [...context.read],
  };
  const part = shards[shard.index]!;
  const own = new Set(part.environments);
  const elsewhere = parts.environments.filter((each) => !own.has(each)).map(({ environment }) => environment.id);
  return { ...whole, ...part, shard, configuredElsewhere: elsewhere, hash: configHash(whole) };
}

async function resolveWeb(path: string | null, context: ResolveContext): Promise<WebSecurity> {
  if (path === null) return NO_WEB_SECURITY;
  const { security, problems, notices } = await loadWebConfig(absolutePath(path, context), context);
  context.report.problems.push(...problems);
  context.report.notices.push(...notices);
  return security;
}

function checkSomethingToWatch({ values, report, source }: ResolveContext, discovery: boolean): void {
  if (source.file === null || discovery || (values.environments ?? []).length > 0) return;
  if (report.isBroken(['environments']) || report.isBroken(['discovery']) || report.isBroken(['discovery', 'enabled']))
    return;
  report.problem(
    ['environments'],
    'there is nothing to watch',
    'name an environment under environments, or set discovery.enabled: true',
    'key',
  );
}

function checkLabelKeys({ values, report }: ResolveContext): void {
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

type Parts = Pick<Config, 'connections' | 'environments' | 'discovery'>;

function checkUse(connections: ResolvedConnections, parts: Parts, { report }: ResolveContext): void {
  for (const [name, { path, config, preset }] of connections) {
    const used = parts.environments.some(({ environment }) => environment.connection === name);
    const discovers = parts.discovery.enabled && config.apiKey !== null && preset.credentials.environments.length > 0;
    if (!used && !discovers && connections.size > 1)
      report.notice(path, 'no environment uses this connection', 'remove it, or name it in an environment');
    if (!discovers || preset.credentials.list.includes('api_key') || parts.discovery.environmentKeysDir !== null)
      continue;
    report.notice(
      ['discovery', 'enabled'],
      `the item lists of environments that connection ${name} discovers cannot be read without environment keys`,
      'set discovery.environment_keys_dir, or name the environments with their keys',
    );
  }
}

/**
 * A configuration that does not fit even with every interval at its maximum would break the alerts' promises. All
 * shards are checked, so that each of them accepts or rejects the same configuration; the one that lacks most is
 * reported.
 */
function checkBudget(connections: ResolvedConnections, shards: readonly Parts[], { report }: ResolveContext): void {
  const costs = shards
    .flatMap((part, index) => costPerMinute(part).map((cost) => ({ ...cost, index })))
    .toSorted((a, b) => b.leastRequestsPerMinute - b.capacity - (a.leastRequestsPerMinute - a.capacity));
  const count = shards.length;
  for (const { connection, leastRequestsPerMinute: least, capacity, budget, index } of costs) {
    const { path, config } = connections.get(connection)!;
    const at = [...path, 'requests_per_minute'];
    if (config.requestsPerMinute < count) {
      report.spoil(at, `cannot be divided among ${count} shards`, `set it to at least ${count}`);
    }
    if (least <= capacity) continue;
    const needed = Math.ceil(least / SCHEDULED_PART) * count;
    const where = count === 1 ? '' : ` in shard ${shardText({ index, count })}`;
    report.spoil(
      at,
      `${counted(Math.ceil(least), ['request a minute is', 'requests a minute are'])} needed${where} even at the maximum intervals, and ${Math.floor(capacity)} of ${budget} may be scheduled`,
      `set requests_per_minute to at least ${needed}, or longer poll.max_stats_interval and poll.max_list_interval`,
    );
  }
}
