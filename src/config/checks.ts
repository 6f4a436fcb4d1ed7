import { systemErrorCode } from '../base/errors.ts';
import { fileFault, fileRemedy } from '../base/files.ts';
import { counted } from '../base/text.ts';
import { OPERATIONS, SCHEDULED_SHARE } from '../domain/environment.ts';
import type { CredentialKind } from '../domain/failure.ts';
import { shardText } from '../domain/shard.ts';
import { mayBecomeStateFile, STATE_FILE_START_BYTES } from '../statefile/ledger-json.ts';
import type { Config, EnvironmentConfig, FleetConfig } from './config.ts';
import { canDiscover, costPerMinute, readsOf } from './cost.ts';
import type { ResolveContext, ResolvedConnection, ResolvedConnections, ResolvedKey } from './keys.ts';
import { childOf, type Path, type Schema, TREE } from './option-tree.ts';
import type { Report, Tree } from './problem.ts';

interface Resolved {
  readonly path: Path;
  readonly key: ResolvedKey;
  readonly connection: ResolvedConnection;
  readonly environment: EnvironmentConfig;
}

/** Up to this many environments are named in one notice. */
const NAMED = 8;

/** Reports which reads of environments lack a key: all of them is a problem, some are one notice for all alike. */
export function checkCredentials(resolved: readonly Resolved[], { report, values, source }: ResolveContext): void {
  const partial: { readonly reads: string; readonly at: Path; readonly remedy: string; readonly id: string }[] = [];
  for (const { path, key, connection, environment } of resolved) {
    const { preset, config } = connection;
    if (!preset.environmentKeys && (key.secret !== null || key.isInvalid)) {
      const isFile = values.environments[Number(path[1])]!.environment_key_file !== undefined;
      const at = [...path, isFile ? 'environment_key_file' : 'environment_key'];
      const remedy = `remove it; api_key of connection ${config.name} reads everything`;
      report.problem(at, `provider ${preset.provider} has no environment keys`, remedy, 'key');
      continue;
    }
    const reads = readsOf(environment, config);
    const missing = OPERATIONS.filter((operation) => !reads.includes(operation));
    // With an invalid key, what could be read is unknown; that problem has been reported.
    if (missing.length === 0 || key.isInvalid || connection.key.isInvalid) continue;
    const ways = preset.credentials[missing[0]!].map((kind) => wayTo(kind, connection, source.file === null));
    const [id, at, remedy] = [environment.environment.id, [...path, 'id'], `set ${ways.join(' or ')}`];
    if (missing.length === OPERATIONS.length)
      report.problem(at, `nothing can be read for ${id}: there is no key for it`, remedy);
    else partial.push({ reads: missing.join(', '), at, remedy, id });
  }
  for (const alike of Map.groupBy(partial, ({ reads, remedy }) => `${reads} ${remedy}`).values()) {
    const { reads, at, remedy, id } = alike[0]!;
    const names = alike.slice(0, NAMED).map((one) => one.id);
    const more = alike.length > NAMED ? ` and ${alike.length - NAMED} more` : '';
    const whom = alike.length === 1 ? id : `${counted(alike.length)} (${names.join(', ')}${more})`;
    report.notice(at, `${reads} of ${whom} cannot be read with the configured keys`, remedy);
  }
}

function wayTo(kind: CredentialKind, { config, preset }: ResolvedConnection, isByVariables: boolean): string {
  if (isByVariables) return kind === 'api_key' ? 'ANTHROPIC_API_KEY' : 'ANTHROPIC_ENVIRONMENT_KEY';
  if (kind === 'api_key') return `api_key_file of connection ${config.name}`;
  return `environment_key_file (a key made ${preset.remedies.keysMade.environment_key})`;
}

/** `label_<key>` of one metric: docs/metrics.md#per-environment-from-the-configuration. */
const MOST_LABEL_KEYS = 10;

/** Reports environments that are listed twice, and labels that are too many together. */
export function checkEnvironments(resolved: readonly Resolved[], { report, values, source }: ResolveContext): void {
  const ids = new Map<string, Path>();
  for (const { path, environment } of resolved) {
    const { id } = environment.environment;
    const first = ids.get(id);
    ids.set(id, first ?? [...path, 'id']);
    if (first === undefined) continue;
    const { line } = source.locate(first);
    const what = `environment ${id} is listed twice${line === null ? '' : ` (first on line ${line})`}: an id names its series and is unique in the whole process, whatever the connection`;
    report.problem([...path, 'id'], what, 'remove one of them');
  }
  const labels = new Set<string>();
  for (const [index, { labels: own }] of [values.discovery, ...values.environments].entries()) {
    for (const key of Object.keys(own)) labels.add(key);
    if (labels.size <= MOST_LABEL_KEYS) continue;
    report.problem(
      index === 0 ? ['discovery', 'labels'] : ['environments', index - 1, 'labels'],
      `more than ${MOST_LABEL_KEYS} different label keys in all environments together: they are the labels of one metric`,
      'drop some',
    );
    return;
  }
}

/** Reports a file that names nothing to watch, and notes lists that discovery cannot read. */
export function checkUse(
  connections: ResolvedConnections,
  { discovery: { enabled, environmentKeysDir } }: FleetConfig,
  { report, source, values }: ResolveContext,
): void {
  if (source.file !== null && !enabled && values.environments.length === 0)
    report.problem(
      ['environments'],
      'there is nothing to watch',
      'name an environment under environments, or set discovery.enabled: true',
      'key',
    );
  if (!enabled || environmentKeysDir !== null) return;
  for (const [name, { config, preset }] of connections) {
    if (!canDiscover(config) || preset.credentials.list.includes('api_key')) continue;
    report.notice(
      ['discovery', 'enabled'],
      `the item lists of environments that connection ${name} discovers cannot be read without environment keys`,
      `${source.file === null ? 'in a configuration file, ' : ''}set discovery.environment_keys_dir, or name the environments with their keys`,
    );
  }
}

/**
 * Reports a budget that is too small: a configuration that does not fit even with every interval at its maximum would break the
 * alerts' promises. All shards are checked, so that each of them accepts or rejects the same configuration.
 */
export function checkBudget(
  connections: ResolvedConnections,
  shards: readonly FleetConfig[],
  { report }: ResolveContext,
): void {
  const count = shards.length;
  const costs = shards.flatMap((part, index) => costPerMinute(part).map((cost) => ({ ...cost, index })));
  const lacking = costs
    .map((cost) => ({ ...cost, lacks: cost.leastRequestsPerMinute - cost.capacity }))
    .filter(({ lacks }) => lacks > 0)
    .toSorted((a, b) => b.lacks - a.lacks);
  for (const [name, { path }] of connections) {
    const worst = lacking.find(({ connection }) => connection === name);
    if (worst === undefined) continue;
    const { leastRequestsPerMinute: least, capacity, budget, index } = worst;
    const where = count === 1 ? '' : ` in shard ${shardText({ index, count })}`;
    const needed = counted(Math.ceil(least), ['request a minute is', 'requests a minute are']);
    report.problem(
      [...path, 'requests_per_minute'],
      `${needed} needed${where} even at the maximum intervals, and ${Math.floor(capacity)} of ${budget} may be scheduled`,
      `set requests_per_minute to at least ${Math.ceil(least / SCHEDULED_SHARE) * count}, or longer poll.max_stats_interval and poll.max_list_interval`,
    );
  }
}

/** What it means that there is none that can be used. */
export const STATE_FILE_LOSS = 'without a state file counters start at 0 after each restart';
/** What lies at the path, or above it, is no file. Other faults are those of a disk, or of the user that looks. */
const NO_FILE: readonly (string | null)[] = ['file_not_regular', 'EISDIR', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'];

/**
 * Rejects a `state_file` at whose path lies anything but a state file or an empty file: it would be replaced. One that cannot be read
 * is no error: the exporter runs without it. All other files must have been read before.
 */
export async function checkStateFile(file: string, { files, report, read }: ResolveContext): Promise<void> {
  const problem = (what: string) =>
    report.problem(['state_file'], `file ${file} ${what}`, 'name a file that only the exporter writes');
  if (read.has(file)) return problem('is read as configuration or key, and would be replaced');
  try {
    const start = Buffer.from(await files.readFile(file, STATE_FILE_START_BYTES)).toString('utf8');
    if (!mayBecomeStateFile(start)) problem('is not a state file, and is not replaced');
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT') return;
    if (NO_FILE.includes(code)) problem(fileFault(error));
    else report.notice(['state_file'], `file ${file} ${fileFault(error)}, and ${STATE_FILE_LOSS}`, fileRemedy(error));
  }
}

/** Shorter keys are not looked for: they may occur in a word by chance. */
export const SHORTEST_KEY = 8;

/** Reports texts that contain one of the configured keys, whatever it looks like: they would be published or logged. */
export function checkCopiesOfKeys(tree: Tree, { connections, environments, server }: Config, report: Report): void {
  const secrets = [
    ...connections.map(({ apiKey }) => apiKey),
    ...environments.map(({ environmentKey }) => environmentKey),
  ];
  const keys = secrets.flatMap((secret) => secret?.reveal() ?? []).filter((key) => key.length >= SHORTEST_KEY);
  // By their ends: ten thousand keys cannot each be looked for in ten thousand texts.
  const byEnd = Map.groupBy(new Set(keys), (key) => key.slice(-SHORTEST_KEY));
  const holds = (text: string) => {
    for (let end = SHORTEST_KEY; end <= text.length; end++) {
      if (byEnd.get(text.slice(end - SHORTEST_KEY, end))?.some((key) => text.endsWith(key, end))) return true;
    }
    return false;
  };
  const found = (path: Path) =>
    report.problem(
      path,
      'has one of the configured keys in it',
      'give the key only where it belongs, and another id here',
      'key',
    );
  const look = (value: unknown, path: Path, schema: Schema | null): void => {
    if (typeof value === 'string') {
      if (!schema?.secret && holds(value)) found(path);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, below] of Object.entries(value)) {
        const step = Array.isArray(value) ? Number(key) : key;
        // Reported at the parent, because the path of the place would show the key.
        if (holds(key)) found(path);
        else look(below, [...path, step], childOf(schema, step));
      }
    }
  };
  look(tree, [], TREE);
  if (Object.values(server.web.headers).some(holds)) found(['server', 'web_config_file']);
}
