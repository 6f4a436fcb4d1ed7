import { resolve } from 'node:path';
import { type FileReader, nodeFiles } from '../base/files.ts';
import { looksLikeKey } from '../base/key-shape.ts';
import { NO_WEB_SECURITY } from '../domain/server-settings.ts';
import { shardSuffix } from '../domain/shard.ts';
import { checkBudget, checkCopiesOfKeys, checkStateFile, checkUse, SHORTEST_KEY } from './checks.ts';
import type { Config } from './config.ts';
import { configHash } from './config.ts';
import { type ConfigFlags, environmentSource, unreadVariables, variableNotices, withGiven } from './environment.ts';
import { partsOfFleet, resolveConnections, resolveDiscovery, resolveEnvironments, resolveShard } from './fleet.ts';
import { absolutePath, type ResolveContext } from './keys.ts';
import {
  firstProblems,
  outsideFiles,
  type Problem,
  Report,
  sortProblems,
  type Tree,
  wholeFile,
  withoutKeys,
} from './problem.ts';
import { checkOrders } from './settings.ts';
import { checkedValues, type Variables } from './values.ts';
import { loadWebConfig } from './web.ts';
import { parseYaml, readText } from './yaml.ts';

export interface LoadOptions {
  /** From `--config`; null: `ANTHROPIC_WORK_EXPORTER_CONFIG`, otherwise no file. */
  readonly path: string | null;
  readonly env: Variables;
  readonly flags?: ConfigFlags;
  readonly files?: FileReader;
  /** Name of this machine or pod, for `shard: auto/N`. */
  readonly hostName?: string;
  /** What messages call the configuration if it is not a file that the user could open. */
  readonly origin?: string;
}

export type LoadResult =
  | { readonly ok: true; readonly config: Config; readonly notices: readonly Problem[] }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      /** The files that were read, or could not be: a change of their content may fix it. Absent: no file was involved. */
      readonly files?: readonly string[];
    };

/**
 * Reads, checks and resolves the configuration. Never throws for what a user wrote: everything that is wrong with its options comes
 * back at once, and then, if nothing is, everything that is wrong with what they name.
 */
export async function loadConfig({
  path,
  env,
  flags = {},
  files = nodeFiles,
  hostName = '',
  origin,
}: LoadOptions): Promise<LoadResult> {
  const named = path ?? (env.ANTHROPIC_WORK_EXPORTER_CONFIG || null);
  const wrongPath = named === null ? null : pathProblem(named);
  if (wrongPath !== null) return { ok: false, problems: [wrongPath] };
  const file = named === null ? null : resolve(named);
  const { source: base, problems } =
    file === null ? environmentSource(env) : await sourceFromFile(file, files, path === null);
  // A variable that is misspelt may be why there is nothing to watch.
  const misspelt = file === null ? unreadVariables(env, file, new Set()) : [];
  if (base === null) return { ok: false, problems: firstProblems(problems), files: file === null ? [] : [file] };
  const { source, names } = withGiven({ ...base, origin: origin ?? base.origin }, env, flags);
  const report = new Report(source);
  report.problems.push(...problems);
  const read = new Set(file === null ? [] : [file]);
  const { values, tree, variables } = checkedValues(source.tree, env, names, report);
  const context = { tree, source, report, variables, files, hostName, read };
  const config = values === null || report.problems.length > 0 ? null : await resolveConfig({ ...context, values });
  if (config !== null) checkCopiesOfKeys(tree, config, report);
  const keys = keysIn(tree);
  if (config === null || report.problems.length > 0) {
    const all = [...sortProblems(report.problems), ...misspelt];
    return { ok: false, problems: firstProblems(all).map((one) => withoutKeys(one, keys)), files: [...read] };
  }
  const notices = [...variableNotices(env, file, new Set(variables.values())), ...sortProblems(report.notices)];
  return { ok: true, config, notices: notices.map((one) => withoutKeys(one, keys)) };
}

/** The keys as written, so that none is shown even where it stands for something else. Shorter ones may be in any word. */
function keysIn(tree: unknown): string[] {
  if (typeof tree !== 'object' || tree === null) return [];
  const found = Object.entries(tree).flatMap(([name, value]) =>
    /_key$/.test(name) && typeof value === 'string' ? [value] : keysIn(value),
  );
  return found.filter((key) => key.length >= SHORTEST_KEY);
}

/** Why a text is surely not the path of a configuration; null: it may be. No message shows it: it may be a secret. */
function pathProblem(named: string): Problem | null {
  const problem = (what: string, remedy: string) => ({ ...outsideFiles('--config'), what, remedy });
  if (named.trim() === '')
    return problem(
      'is empty',
      'name a file, or leave --config out to use the environment variables; perhaps a variable of your shell is not set',
    );
  if (looksLikeKey(named))
    return problem(
      'the path of the configuration file seems to contain a key',
      'name a file; a key belongs in the file that api_key_file or environment_key_file names',
    );
  return null;
}

async function sourceFromFile(file: string, files: FileReader, isByVariable: boolean) {
  const name = `the configuration file${isByVariable ? ' that ANTHROPIC_WORK_EXPORTER_CONFIG names' : ''}`;
  const text = await readText(file, files, name);
  if (!text.ok) return { source: null, problems: [{ ...wholeFile(file), what: text.what, remedy: text.remedy }] };
  const parsed = parseYaml(file, text.text);
  return parsed.ok ? { source: parsed.source, problems: [] } : { source: null, problems: parsed.problems };
}

/** The configuration from checked values. Valid only if the report has no problem. */
async function resolveConfig(context: ResolveContext): Promise<Config> {
  const { values, source, report, files, read, tree } = context;
  const connections = await resolveConnections(context);
  checkOrders([], [tree], report);
  const environments = await resolveEnvironments(connections, context);
  const discovery = await resolveDiscovery(connections, context);
  const fleet = { connections: [...connections.values()].map(({ config }) => config), environments, discovery };
  checkUse(connections, fleet, context);
  const shard = resolveShard(values.shard, context);
  const shards = partsOfFleet(fleet, shard.count);
  checkBudget(connections, shards, context);
  const { web_config_file: webFile, ...server } = values.server;
  const namedAt = source.locate(['server', 'web_config_file']);
  const loaded =
    webFile === null ? null : await loadWebConfig(absolutePath(webFile, context), { files, read, namedAt });
  report.problems.push(...(loaded?.problems ?? []));
  report.notices.push(...(loaded?.notices ?? []));
  const stateFile =
    values.state_file === null ? null : `${absolutePath(values.state_file, context)}${shardSuffix(shard)}`;
  // Last, because all other files must be known.
  if (stateFile !== null) await checkStateFile(stateFile, context);
  const whole = {
    ...fleet,
    server: {
      ...server.listen,
      hosts: server.allowed_hosts,
      web: loaded?.security ?? NO_WEB_SECURITY,
      lifecycle: server.lifecycle,
      dashboardBaseUrl: server.dashboard_base_url,
      itemIds: server.item_ids,
    },
    stateFile,
    log: { ...values.log, formatGiven: (tree.log as Tree | undefined)?.format !== undefined },
    origin: source.origin,
    files: [...read],
  };
  const part = shards[shard.index]!;
  const own = new Set(part.environments);
  const elsewhere = environments.filter((each) => !own.has(each)).map(({ environment }) => environment.id);
  return { ...whole, ...part, shard, configuredElsewhere: elsewhere, hash: configHash(whole) };
}
