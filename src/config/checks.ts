import { systemErrorCode } from '../base/errors.ts';
import { fileFault, fileRemedy } from '../base/files.ts';
import { counted } from '../base/text.ts';
import { OPERATIONS, SCHEDULED_SHARE } from '../domain/environment.ts';
import type { CredentialKind } from '../domain/failure.ts';
import { shardText } from '../domain/shard.ts';
import { mayBecomeStateFile, STATE_FILE_START_BYTES } from '../statefile/ledger-json.ts';
import { PRESETS } from '../wire/presets.ts';
import type { ConnectionConfig, FleetConfig } from './config.ts';
import { canDiscover, costPerMinute, readsOf } from './cost.ts';
import { connectionPath } from './fleet.ts';
import type { ResolveContext } from './keys.ts';
import type { Path, Report } from './problem.ts';
import type { Checked } from './values.ts';

/** Reports which reads of environments lack a key: all of them is a problem, some are one notice for all alike. */
export function checkCredentials({ connections, environments }: FleetConfig, context: ResolveContext): void {
  const { report, values, source } = context;
  const byName = new Map(connections.map((one) => [one.name, one]));
  const partial: { readonly reads: string; readonly remedy: string; readonly id: string; readonly at: Path }[] = [];
  for (const [index, environment] of environments.entries()) {
    const { id } = environment.environment;
    const connection = byName.get(environment.environment.connection)!;
    const { provider, environmentKeys, credentials } = PRESETS[connection.provider];
    if (!environmentKeys && environment.environmentKey !== null) {
      const isFile = values.environments[index]!.environment_key_file !== undefined;
      const at = ['environments', index, isFile ? 'environment_key_file' : 'environment_key'];
      const remedy = `remove it; api_key of connection ${connection.name} reads everything`;
      report.problem(at, `provider ${provider} has no environment keys`, remedy, 'key');
      continue;
    }
    const reads = readsOf(environment, connection);
    const missing = OPERATIONS.filter((operation) => !reads.includes(operation));
    if (missing.length === 0) continue;
    const ways = credentials[missing[0]!].map((kind) => wayTo(kind, connection, source.file === null));
    const [at, remedy] = [['environments', index, 'id'], `set ${ways.join(' or ')}`];
    if (reads.length > 0) partial.push({ reads: missing.join(', '), remedy, id, at });
    else report.problem(at, `nothing can be read for ${id}: there is no key for it`, remedy);
  }
  for (const alike of Map.groupBy(partial, ({ reads, remedy }) => `${reads} ${remedy}`).values()) {
    const [{ reads, remedy, id, at }] = alike as [(typeof partial)[number]];
    const whom = alike.length === 1 ? id : `${counted(alike.length)}, the first of them ${id},`;
    report.notice(at, `${reads} of ${whom} cannot be read with the configured keys`, remedy);
  }
}

function wayTo(kind: CredentialKind, { name, provider }: ConnectionConfig, isByVariables: boolean): string {
  if (isByVariables) return `ANTHROPIC_${kind.toUpperCase()}`;
  if (kind === 'api_key') return `api_key_file of connection ${name}`;
  return `environment_key_file (a key made ${PRESETS[provider].remedies.keysMade.environment_key})`;
}

/** `label_<key>` of one metric: docs/metrics.md#per-environment-from-the-configuration. */
const MOST_LABEL_KEYS = 10;

/** Reports environments that are listed twice, and labels that are too many together. */
export function checkEnvironments({ report, values, source }: ResolveContext): void {
  const { discovery, environments } = values;
  const firsts = new Map<string, number>();
  const labels = new Set(Object.keys(discovery.labels));
  for (const [index, { id, labels: own }] of environments.entries()) {
    const first = firsts.get(id);
    if (first === undefined) firsts.set(id, index);
    else {
      const { line } = source.locate(['environments', first, 'id']);
      const what = `environment ${id} is listed twice${line === null ? '' : ` (first on line ${line})`}: an id names its series and is unique in the whole process, whatever the connection`;
      report.problem(['environments', index, 'id'], what, 'remove one of them');
    }
    const before = labels.size;
    for (const key of Object.keys(own)) labels.add(key);
    if (before > MOST_LABEL_KEYS || labels.size <= MOST_LABEL_KEYS) continue;
    const what = `more than ${MOST_LABEL_KEYS} different label keys in all environments together: they are the labels of one metric`;
    report.problem(['environments', index, 'labels'], what, 'drop some');
  }
}

/** Reports a file that names nothing to watch, a discovery that nothing can do, and notes lists that it cannot read. */
export function checkUse(
  { connections, discovery: { enabled, environmentKeysDir } }: FleetConfig,
  { report, source, values }: ResolveContext,
): void {
  if (source.file !== null && !enabled && values.environments.length === 0) {
    const remedy = 'name an environment under environments, or set discovery.enabled: true';
    report.problem(['environments'], 'there is nothing to watch', remedy, 'key');
  }
  if (!enabled) return;
  const able = connections.filter(canDiscover);
  if (able.length === 0) {
    const remedy = 'give one an api_key_file of a provider other than qoder, or name the environments';
    report.problem(['discovery', 'enabled'], 'no connection can list environments', remedy);
  }
  for (const { name, provider } of environmentKeysDir === null ? able : []) {
    if (PRESETS[provider].credentials.list.includes('api_key')) continue;
    report.notice(
      ['discovery', 'enabled'],
      `the item lists of environments that connection ${name} discovers cannot be read without environment keys`,
      `${source.file === null ? 'in a configuration file, ' : ''}set discovery.environment_keys_dir, or name the environments with their keys`,
    );
  }
}

/**
 * Reports a budget that is too small even with every interval at its maximum: the alerts count on reads. All shards are checked, so
 * that each of them accepts or rejects the same configuration.
 */
export function checkBudget(shards: readonly FleetConfig[], { report, values }: ResolveContext): void {
  const count = shards.length;
  const costs = shards.flatMap((part, index) => costPerMinute(part).map((cost) => ({ ...cost, index })));
  const lacking = costs
    .map((cost) => ({ ...cost, lacks: cost.leastRequestsPerMinute - cost.capacity }))
    .filter(({ lacks }) => lacks > 0)
    .toSorted((a, b) => b.lacks - a.lacks);
  for (const [name, [worst]] of Map.groupBy(lacking, ({ connection }) => connection)) {
    const { leastRequestsPerMinute: least, capacity, budget, index } = worst!;
    const where = count === 1 ? '' : ` in shard ${shardText({ index, count })}`;
    const needed = counted(Math.ceil(least), ['request a minute is', 'requests a minute are']);
    report.problem(
      [...connectionPath(name, values), 'requests_per_minute'],
      `${needed} needed${where} even at the maximum intervals, and ${Math.floor(capacity)} of ${budget} may be scheduled`,
      `set requests_per_minute to at least ${Math.ceil(least / SCHEDULED_SHARE) * count}, or longer poll.max_stats_interval and poll.max_list_interval`,
    );
  }
}

/** What it means that there is none that can be used. */
const STATE_FILE_LOSS = 'without a state file counters start at 0 after each restart';
/** What lies at the path, or above it, is no file. Other faults are those of a disk, or of the user that looks. */
const NO_FILE: readonly (string | null)[] = ['file_not_regular', 'EISDIR', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'];

/**
 * Rejects a `state_file` at whose path lies anything but a state file or an empty file: it would be replaced. One that cannot be read
 * is no error: the exporter runs without it.
 */
export async function checkStateFile(file: string, { files, report }: ResolveContext): Promise<void> {
  const problem = (what: string) =>
    report.problem(['state_file'], `file ${file} ${what}`, 'name a file that only the exporter writes');
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
export function checkCopiesOfKeys(texts: Checked['texts'], keys: readonly string[], report: Report): void {
  // By their ends: ten thousand keys cannot each be looked for in ten thousand texts.
  const long = keys.filter((key) => key.length >= SHORTEST_KEY);
  const byEnd = Map.groupBy(new Set(long), (key) => key.slice(-SHORTEST_KEY));
  const holds = (text: string) => {
    for (let end = SHORTEST_KEY; end <= text.length; end++) {
      if (byEnd.get(text.slice(end - SHORTEST_KEY, end))?.some((key) => text.endsWith(key, end))) return true;
    }
    return false;
  };
  for (const [, path] of texts.filter(([text]) => holds(text))) {
    const remedy = 'give the key only where it belongs, and another id here';
    report.problem(path, 'has one of the configured keys in it', remedy, 'key');
  }
}
