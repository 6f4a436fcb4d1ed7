import { systemErrorCode } from '../base/errors.ts';
import { fileFault, fileRemedy } from '../base/files.ts';
import { counted } from '../base/text.ts';
import { OPERATIONS, SCHEDULED_SHARE } from '../domain/environment.ts';
import type { CredentialKind } from '../domain/failure.ts';
import { shardText } from '../domain/shard.ts';
import { mayBecomeStateFile, STATE_FILE_START_BYTES } from '../statefile/ledger-json.ts';
import type { Config, EnvironmentConfig, FleetConfig } from './config.ts';
import { canDiscover, costPerMinute } from './cost.ts';
import { formatDuration } from './duration.ts';
import type { ResolveContext, ResolvedConnection, ResolvedConnections, ResolvedKey } from './keys.ts';
import { aboutOf, childOf, type Path } from './option-tree.ts';
import { fileSchema, mergedSettings } from './options.ts';
import { quote, type Report, type Tree } from './problem.ts';

/** Two settings of which the first may not exceed the second. `yields`: a second that nobody wrote is raised to match. */
const ORDERS: readonly { readonly low: readonly string[]; readonly high: readonly string[]; readonly yields?: true }[] =
  [
    ...['queue_age', 'queue_depth', 'stale_heartbeat_items'].map((name) => ({
      low: ['thresholds', name, 'warning'],
      high: ['thresholds', name, 'critical'],
    })),
    { low: ['poll', 'stats_interval'], high: ['poll', 'max_stats_interval'], yields: true },
    { low: ['poll', 'list_interval'], high: ['poll', 'max_list_interval'], yields: true },
    { low: ['poll', 'list_interval'], high: ['poll', 'full_list_interval'], yields: true },
    { low: ['scaling', 'min_workers'], high: ['scaling', 'max_workers'] },
  ];

/** Reports settings of the strongest layer, at path `at`, that are not in order with those of all. */
export function checkOrders(at: Path, layers: readonly Tree[], report: Report): void {
  const all = mergedSettings(...layers);
  const own = layers.at(-1)!;
  for (const { low, high, yields } of ORDERS) {
    const isHighOwn = valueAt(own, high) !== undefined;
    if (!isHighOwn && valueAt(own, low) === undefined) continue;
    const [least, most] = [valueAt(all, low), valueAt(all, high)] as [number | null, number];
    const isHighWritten = layers.some((layer) => valueAt(layer, high) !== undefined);
    // A default that follows the others is in order, and a critical threshold without a warning is a valid choice.
    if (least === null || least <= most || least === Number.POSITIVE_INFINITY || (yields && !isHighWritten)) continue;
    const show = low[0] === 'poll' || low[1] === 'queue_age' ? formatDuration : String;
    const what = `${low.at(-1)} is ${show(least)}, above ${high.at(-1)}, which is ${show(most)}`;
    report.problem(
      [...at, ...(isHighOwn ? high : low)],
      what,
      `set ${high.join('.')} to at least ${show(least)}, or ${low.join('.')} lower`,
    );
  }
}

function valueAt(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, step) => (typeof at === 'object' && at !== null ? (at as Tree)[step] : undefined),
    tree,
  );
}

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
  const partial = new Map<string, { readonly at: Path; readonly remedy: string; readonly ids: string[] }>();
  for (const { path, key, connection, environment } of resolved) {
    const { preset, config } = connection;
    const written = values.environments[Number(path[1])]!;
    if (!preset.environmentKeys && (key.secret !== null || key.isInvalid)) {
      const option = written.environment_key_file === undefined ? 'environment_key' : 'environment_key_file';
      report.problem(
        [...path, option],
        `provider ${preset.provider} has no environment keys`,
        `remove it; api_key of connection ${config.name} reads everything`,
        'key',
      );
      continue;
    }
    // With an invalid key, what could be read is unknown; that problem has been reported.
    if (key.isInvalid || connection.key.isInvalid) continue;
    const has = (kind: CredentialKind) => (kind === 'api_key' ? config.apiKey : key.secret) !== null;
    const missing = OPERATIONS.filter((operation) => !preset.credentials[operation].some(has));
    if (missing.length === 0) continue;
    const ways = preset.credentials[missing[0]!].map((kind) => wayTo(kind, connection, source.file === null));
    const [id, at, remedy] = [environment.environment.id, [...path, 'id'], `set ${ways.join(' or ')}`];
    if (missing.length === OPERATIONS.length)
      report.problem(at, `nothing can be read for ${id}: there is no key for it`, remedy);
    else {
      const kind = `${missing.join(', ')} of {} cannot be read with the configured keys`;
      const alike = partial.get(kind + remedy) ?? { at, remedy, ids: [] };
      partial.set(kind + remedy, alike);
      if (alike.ids.push(id) === 1) Object.assign(alike, { kind });
    }
  }
  for (const { at, remedy, ids, kind } of partial.values() as Iterable<{
    at: Path;
    remedy: string;
    ids: string[];
    kind?: string;
  }>) {
    const more = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : '';
    const whom = ids.length === 1 ? ids[0]! : `${counted(ids.length)} (${ids.slice(0, NAMED).join(', ')}${more})`;
    report.notice(
      at,
      kind!.replace('{}', () => whom),
      remedy,
    );
  }
}

function wayTo(kind: CredentialKind, { config, preset }: ResolvedConnection, isByVariables: boolean): string {
  if (isByVariables) return kind === 'api_key' ? 'ANTHROPIC_API_KEY' : 'ANTHROPIC_ENVIRONMENT_KEY';
  if (kind === 'api_key') return `api_key_file of connection ${config.name}`;
  return `environment_key_file${preset.keysFromConsole ? ' (Console → Environments → Environment keys)' : ''}`;
}

/** `label_<key>` of one metric: docs/metrics.md#per-environment-from-the-configuration. */
const MOST_LABEL_KEYS = 10;

/** Reports environments that are listed twice, and labels that are too many together. */
export function checkEnvironments(resolved: readonly Resolved[], { report, values, source }: ResolveContext): void {
  const ids = new Map<string, Path>();
  const names = new Set<string>();
  for (const { path, environment } of resolved) {
    const { id, name } = environment.environment;
    const first = ids.get(id);
    if (first !== undefined) {
      const { line } = source.locate(first);
      const what = `environment ${id} is listed twice${line === null ? '' : ` (first on line ${line})`}: an id names its series and is unique in the whole process, whatever the connection`;
      report.problem([...path, 'id'], what, 'remove one of them');
    } else {
      ids.set(id, [...path, 'id']);
      if (names.has(name))
        report.notice(
          [...path, 'name'],
          `two environments have the name ${quote(name)}`,
          'give each its own, or tell them apart by id',
        );
    }
    names.add(name);
  }
  const labels = new Set<string>();
  const layers = [values.discovery, ...values.environments].map((layer) => Object.keys(layer.labels));
  for (const [index, keys] of layers.entries()) {
    for (const key of keys) labels.add(key);
    if (labels.size <= MOST_LABEL_KEYS) continue;
    const at: Path = index === 0 ? ['discovery', 'labels'] : ['environments', index - 1, 'labels'];
    report.problem(
      at,
      `more than ${MOST_LABEL_KEYS} different label keys in all environments together: they are the labels of one metric`,
      'drop some',
    );
    return;
  }
}

/** Reports a file that names nothing to watch, and notes what has no effect. */
export function checkUse(
  connections: ResolvedConnections,
  fleet: FleetConfig,
  { report, source, values, tree }: ResolveContext,
): void {
  const { enabled } = fleet.discovery;
  if (source.file !== null && !enabled && values.environments.length === 0)
    report.problem(
      ['environments'],
      'there is nothing to watch',
      'name an environment under environments, or set discovery.enabled: true',
      'key',
    );
  const [idle] = Object.keys((tree.discovery ?? {}) as Tree);
  // If it was switched off, that is intended.
  if (source.file !== null && !enabled && idle !== undefined && valueAt(tree, ['discovery', 'enabled']) === undefined)
    report.notice(
      ['discovery', idle],
      'has no effect, as discovery is off',
      'set discovery.enabled: true, or false to keep this for later',
    );
  for (const [name, { path, config, preset }] of connections) {
    const isUsed = fleet.environments.some(({ environment }) => environment.connection === name);
    const discovers = enabled && canDiscover(config);
    if (!isUsed && !discovers && connections.size > 1)
      report.notice(path, 'no environment uses this connection', 'remove it, or name it in an environment');
    if (!discovers || preset.credentials.list.includes('api_key') || fleet.discovery.environmentKeysDir !== null)
      continue;
    const what = `the item lists of environments that connection ${name} discovers cannot be read without environment keys`;
    report.notice(
      ['discovery', 'enabled'],
      what,
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
  const worst = costs.toSorted(
    (a, b) => b.leastRequestsPerMinute - b.capacity - (a.leastRequestsPerMinute - a.capacity),
  );
  for (const [name, { path, config }] of connections) {
    const {
      leastRequestsPerMinute: least,
      capacity,
      budget,
      index,
    } = worst.find(({ connection }) => connection === name)!;
    const at = [...path, 'requests_per_minute'];
    if (config.requestsPerMinute < count) {
      report.problem(at, `cannot be divided among ${count} shards`, `set it to at least ${count}`);
    } else if (least > capacity) {
      const where = count === 1 ? '' : ` in shard ${shardText({ index, count })}`;
      const needed = counted(Math.ceil(least), ['request a minute is', 'requests a minute are']);
      const what = `${needed} needed${where} even at the maximum intervals, and ${Math.floor(capacity)} of ${budget} may be scheduled`;
      report.problem(
        at,
        what,
        `set requests_per_minute to at least ${Math.ceil(least / SCHEDULED_SHARE) * count}, or longer poll.max_stats_interval and poll.max_list_interval`,
      );
    }
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
const SHORTEST_KEY = 8;

/** Reports texts that contain one of the configured keys, whatever it looks like: they would be published or logged. */
export function checkCopiesOfKeys(tree: Tree, { connections, environments, server }: Config, report: Report): void {
  const secrets = [
    ...connections.map(({ apiKey }) => apiKey),
    ...environments.map(({ environmentKey }) => environmentKey),
  ];
  const keys = [...new Set(secrets.flatMap((secret) => secret?.reveal() ?? []))].filter(
    (key) => key.length >= SHORTEST_KEY,
  );
  // By their ends: ten thousand keys cannot each be looked for in ten thousand texts.
  const byEnd = Map.groupBy(keys, (key) => key.slice(-SHORTEST_KEY));
  const holds = (text: string) => {
    for (let end = SHORTEST_KEY; end <= text.length; end++) {
      if (byEnd.get(text.slice(end - SHORTEST_KEY, end))?.some((key) => text.endsWith(key, end))) return true;
    }
    return false;
  };
  const remedy = 'remove it here; if it is meant to be an id, give the real key where the key belongs';
  const look = (value: unknown, path: Path, schema: ReturnType<typeof childOf>): void => {
    if (typeof value === 'string') {
      if (!aboutOf(schema).secret && holds(value)) report.problem(path, 'has one of the configured keys in it', remedy);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, below] of Object.entries(value)) {
        const step = Array.isArray(value) ? Number(key) : key;
        // Reported at the parent, because the path of the place would show the key.
        if (holds(key)) report.problem(path, 'has a name below it that is one of the configured keys', remedy, 'key');
        else look(below, [...path, step], childOf(schema, step));
      }
    }
  };
  look(tree, [], fileSchema);
  for (const [name, value] of Object.entries(server.web.headers))
    if (holds(value))
      report.problem(['server', 'web_config_file'], `has one of the configured keys in its header ${name}`, remedy);
}
