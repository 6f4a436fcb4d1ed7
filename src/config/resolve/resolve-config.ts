import { NO_WEB_SECURITY, type WebSecurity } from '../../domain/server-settings.ts';
import { shardSuffix } from '../../domain/shard.ts';
import type { Config, ConnectionConfig } from '../config.ts';
import { configHash } from '../config-hash.ts';
import { complete } from '../file/option-tree.ts';
import { options } from '../options/options.ts';
import { loadWebConfig } from '../web/load-web-config.ts';
import { checkBudget, checkLabelKeys, checkSomethingToWatch, noticeUnused } from './check-fleet.ts';
import { checkStateFile } from './check-state-file.ts';
import { noticeIdleDiscovery, noticePatterns, noticeSharedKeys } from './notice-oversights.ts';
import { resolveConnections } from './resolve-connections.ts';
import { absolutePath, type ResolveContext } from './resolve-context.ts';
import { resolveDiscovery } from './resolve-discovery.ts';
import { resolveEnvironments } from './resolve-environments.ts';
import { checkSettings } from './resolve-settings.ts';
import { partsOfFleet, resolveShard } from './resolve-shard.ts';

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
  noticeUnused(connections, parts, context);
  noticeIdleDiscovery(discovery.enabled, context);
  noticePatterns(context);
  noticeSharedKeys(connections, environments, context);
  const shard = resolveShard(all.shard, context);
  const shards = partsOfFleet(parts, shard.count);
  checkBudget(connections, shards, context);
  const stateFile = all.state_file === null ? null : `${absolutePath(all.state_file, context)}${shardSuffix(shard)}`;
  const web = await resolveWeb(all.server.web_config_file, context);
  // Last, because all other files must be known.
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
  const { files, read, report, source } = context;
  const namedAt = source.locate(['server', 'web_config_file']);
  const { security, problems, notices } = await loadWebConfig(absolutePath(path, context), { files, read, namedAt });
  report.problems.push(...problems);
  report.notices.push(...notices);
  return security;
}
