import { resolve } from 'node:path';
import { type FileReader, nodeFiles } from '../base/files.ts';
import { looksLikeKey } from '../base/secret.ts';
import { NO_WEB_SECURITY } from '../domain/server-settings.ts';
import { shardSuffix } from '../domain/shard.ts';
import { checkCopiesOfKeys, checkFleet, checkStateFile, SHORTEST_KEY } from './checks.ts';
import { type Config, configHash } from './config.ts';
import { type ConfigFlags, environmentSource, misspeltVariables, variableNotices, withGiven } from './environment.ts';
import { absolutePath, readYaml } from './files.ts';
import { partsOfFleet, resolveConnections, resolveDiscovery, resolveEnvironments, resolveShard } from './fleet.ts';
import type { ResolveContext } from './keys.ts';
import { firstProblems, NOT_SHOWN, outsideFiles, type Problem, Report, sortProblems, type Tree } from './problem.ts';
import { type Checked, checkedValues, type Variables } from './values.ts';
import { loadWebConfig } from './web.ts';

export interface LoadOptions {
  /** From `--config`; null: `ANTHROPIC_WORK_EXPORTER_CONFIG`, otherwise no file. */
  readonly path: string | null;
  readonly env: Variables;
  readonly flags?: ConfigFlags;
  readonly files?: FileReader;
  /** Name of this machine or pod, for `shard: auto/N`. */
  readonly hostName?: string;
}

export interface LoadedConfig {
  readonly config: Config;
  /** What is probably not meant, and no problem. */
  readonly notices: readonly Problem[];
}

export type LoadResult =
  | ({ readonly ok: true } & LoadedConfig)
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      /** The files that were read, or could not be: a change of their content may fix it. Absent: no file was involved. */
      readonly files?: readonly string[];
    };

/**
 * Reads, checks and resolves the configuration. Never throws for what a user wrote. What is wrong comes at once, in three steps: with
 * the options, then with the files that they name, then with the whole.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadResult> {
  const { path, env, flags = {}, files = nodeFiles, hostName = '' } = options;
  const named = path ?? (env.ANTHROPIC_WORK_EXPORTER_CONFIG || null);
  // No message shows it: it may be a key.
  if (named !== null && (named.trim() === '' || looksLikeKey(named))) {
    const what = named.trim() === '' ? 'is empty' : 'seems to contain a key';
    return { ok: false, problems: [{ ...outsideFiles('--config'), what, remedy: 'name a file' }] };
  }
  const file = named === null ? null : resolve(named);
  const written = file === null ? environmentSource(env) : await readYaml(file, files, 'the configuration file');
  if (!written.ok) return { ok: false, problems: firstProblems(written.problems), files: [file!] };
  const { source, names } = withGiven(written.source, env, flags);
  const report = new Report(source);
  report.problems.push(...('problems' in written ? written.problems : []));
  const read = new Set(file === null ? [] : [file]);
  const { values, ...checked } = checkedValues(source.tree, env, names, report);
  const config =
    values === null || report.problems.length > 0
      ? null
      : await resolveConfig({ ...checked, values, source, report, files, hostName, read });
  const used = new Set(checked.variables.values());
  // The keys, so that none is shown even where it stands for something else.
  const long = checked.keys.filter((key) => key.length >= SHORTEST_KEY);
  const masked = (text: string) => long.reduce((all, key) => all.replaceAll(key, NOT_SHOWN), text);
  const shown = (all: readonly Problem[]) =>
    all.map((one) => ({ ...one, option: masked(one.option), what: masked(one.what), remedy: masked(one.remedy) }));
  if (config === null || report.problems.length > 0) {
    // A variable that is misspelt may be why something is missing.
    const all = [...sortProblems(report.problems), ...misspeltVariables(env, used)];
    return { ok: false, problems: shown(firstProblems(all)), files: [...read] };
  }
  const notices = [...variableNotices(env, file, used), ...sortProblems(report.notices)];
  return { ok: true, config, notices: shown(notices) };
}

/** The configuration from checked values; null, or not valid, if the report has a problem. */
async function resolveConfig(context: ResolveContext & Pick<Checked, 'texts'>): Promise<Config | null> {
  const { values, source, report, files, read, tree, texts, keys } = context;
  const connections = await resolveConnections(context);
  const environments = await resolveEnvironments(connections, context);
  const fleet = { connections, environments, discovery: await resolveDiscovery(connections, context) };
  const shard = resolveShard(context);
  const { web_config_file: webFile, listen, ...server } = values.server;
  const webAt = ['server', 'web_config_file'];
  const web =
    webFile === null
      ? { security: NO_WEB_SECURITY, problems: [] }
      : await loadWebConfig(absolutePath(webFile, source.file), { files, read, namedAt: source.locate(webAt) });
  report.problems.push(...web.problems);
  const headers = Object.values(web.security.headers).map((text) => [text, webAt] as const);
  checkCopiesOfKeys([...texts, ...headers], keys, report);
  if (report.problems.length > 0) return null;

  const shards = partsOfFleet(fleet, shard.count);
  checkFleet(fleet, shards, context);
  const stateFile =
    values.state_file === null ? null : `${absolutePath(values.state_file, source.file)}${shardSuffix(shard)}`;
  if (stateFile !== null) await checkStateFile(stateFile, context);
  const whole = {
    ...fleet,
    server: {
      ...listen,
      hosts: server.allowed_hosts,
      web: web.security,
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
