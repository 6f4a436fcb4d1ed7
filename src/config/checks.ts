import { systemErrorCode } from '../base/errors.ts';
import { fileFault } from '../base/files.ts';
import { counted } from '../base/text.ts';
import { OPERATIONS, SCHEDULED_SHARE } from '../domain/environment.ts';
import type { CredentialKind } from '../domain/failure.ts';
import { shardText } from '../domain/shard.ts';
import { mayBecomeStateFile, STATE_FILE_START_BYTES } from '../statefile/ledger-json.ts';
import { PRESETS } from '../wire/presets.ts';
import { canDiscover, costPerMinute, type EnvironmentConfig, type FleetConfig, readsOf } from './config.ts';
import { connectionPath } from './fleet.ts';
import type { ResolveContext } from './keys.ts';
import type { Path, Report, Tree } from './problem.ts';
import { checkOrders } from './settings.ts';
import type { Checked } from './values.ts';

/** Reports what is wrong with a whole of which every part is right. */
export function checkFleet(fleet: FleetConfig, shards: readonly FleetConfig[], context: ResolveContext): void {
  const { tree, report } = context;
  checkOrders([], [tree], report);
  for (const [index, own] of ((tree.environments ?? []) as readonly Tree[]).entries())
    checkOrders(['environments', index], [tree, own], report);
  checkKeys(fleet, context);
  checkIds(context);
  checkUse(fleet, context);
  checkBudget(shards, context);
}

/** Which reads lack a key, once for all environments that are alike: where it is all of their reads, it is a problem. */
function checkKeys({ connections, environments }: FleetConfig, { report, source }: ResolveContext): void {
  const byName = new Map(connections.map((one) => [one.name, one]));
  const kindOf = ({ environment, environmentKey }: EnvironmentConfig) => `${environment.connection} ${!environmentKey}`;
  for (const alike of Map.groupBy(environments.entries(), ([, one]) => kindOf(one)).values()) {
    const [index, first] = alike[0]!;
    const { id, connection: name } = first.environment;
    const connection = byName.get(name)!;
    const reads = readsOf(first, connection);
    const missing = OPERATIONS.filter((operation) => !reads.includes(operation));
    if (missing.length === 0) continue;
    const { credentials, remedies } = PRESETS[connection.provider];
    const options = {
      api_key: `api_key_file of connection ${name}`,
      environment_key: `environment_key_file (a key made ${remedies.keysMade.environment_key})`,
    };
    const wayTo = (kind: CredentialKind) => (source.file === null ? `ANTHROPIC_${kind.toUpperCase()}` : options[kind]);
    const whom = alike.length === 1 ? id : `${counted(alike.length)} (the first is ${id})`;
    const [tell, what] =
      reads.length === 0
        ? (['problem', `nothing can be read for ${whom}: there is no key`] as const)
        : (['notice', `${missing.join(', ')} of ${whom} cannot be read with the configured keys`] as const);
    report[tell](['environments', index, 'id'], what, `set ${credentials[missing[0]!].map(wayTo).join(' or ')}`);
  }
}

function checkIds({ report, values: { environments }, source }: ResolveContext): void {
  const firsts = new Map<string, number>();
  for (const [index, { id }] of environments.entries()) {
    const first = firsts.get(id);
    if (first === undefined) firsts.set(id, index);
    else {
      const { line } = source.locate(['environments', first, 'id']);
      const what = `environment ${id} is listed twice${line === null ? '' : ` (first on line ${line})`}: an id names its series and is unique in the whole process, whatever the connection`;
      report.problem(['environments', index, 'id'], what, 'remove one of them');
    }
  }
}

/** A file that names nothing to watch, a discovery that nothing can do, and lists that it cannot read. */
function checkUse({ connections, discovery }: FleetConfig, { report, source, values }: ResolveContext): void {
  if (source.file !== null && !discovery.enabled && values.environments.length === 0) {
    const remedy = 'name an environment under environments, or set discovery.enabled: true';
    report.problem(['environments'], 'there is nothing to watch', remedy, 'key');
  }
  if (!discovery.enabled) return;
  const at: Path = ['discovery', 'enabled'];
  const able = connections.filter(canDiscover);
  if (able.length === 0) {
    const remedy = 'give one an api_key_file of a provider other than qoder, or name the environments';
    report.problem(at, 'no connection can list environments', remedy);
  }
  for (const { name, provider } of discovery.environmentKeysDir === null ? able : []) {
    if (PRESETS[provider].credentials.list.includes('api_key')) continue;
    report.notice(
      at,
      `the item lists of environments that connection ${name} discovers cannot be read without environment keys`,
      `${source.file === null ? 'in a configuration file, ' : ''}set discovery.environment_keys_dir, or name the environments with their keys`,
    );
  }
}

/**
 * A budget that is too small even with every interval at its maximum: the alerts count on reads. All shards are checked, so that each
 * of them accepts or rejects the same configuration.
 */
function checkBudget(shards: readonly FleetConfig[], { report, values }: ResolveContext): void {
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

/** Rejects a `state_file` at whose path lies anything but a state file or an empty file. One that cannot be read is told at the start. */
export async function checkStateFile(file: string, { files, report }: ResolveContext): Promise<void> {
  let fault = 'is not a state file, and is not replaced';
  try {
    const start = Buffer.from(await files.readFile(file, STATE_FILE_START_BYTES)).toString('utf8');
    if (mayBecomeStateFile(start)) return;
  } catch (error) {
    if (!['file_not_regular', 'EISDIR'].includes(systemErrorCode(error) ?? '')) return;
    fault = fileFault(error);
  }
  report.problem(['state_file'], `file ${file} ${fault}`, 'name a file that only the exporter writes');
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
