import type { Command } from 'commander';
import type { App } from '../app/app.ts';
import { counted, toTenths } from '../base/text.ts';
import { costPerMinute, type FleetConfig } from '../config/config.ts';
import { formatProblem } from '../config/problem.ts';
import { hasOtherShards, shardText } from '../domain/shard.ts';
import { type CliIo, CommandExit, EXIT, type ExitCode } from './command.ts';
import { CONFIG_OPTION, type ConfigOptions, loader } from './configuration.ts';
import { exitOfRows, type LiveRow, liveRows } from './live-rows.ts';
import { readOnce } from './serve.ts';

/** Of one connection. */
interface Cost {
  readonly connection: string;
  readonly requests_per_minute: number;
  /** What each environment adds that discovery has yet to find, with its environment key; null when all are counted. */
  readonly per_discovered_environment: number | null;
  readonly budget: number;
}

/** What `check` has found before it has looked; `--json` prints it as it is: docs/reference.md#check---live. */
export const NOTHING_FOUND = {
  schema: 1,
  ok: true,
  exit_code: EXIT.ok as ExitCode,
  /** Of the configuration; without any, its notices are in `notices`. */
  problems: [] as readonly string[],
  notices: [] as readonly string[],
  /** `I/N`; null when the configuration has problems. */
  shard: null as string | null,
  /** Ids of the environments that this shard watches: the configured ones and, with `--live`, the discovered ones. */
  watched: [] as readonly string[],
  /** How many of the configured environments other shards watch. */
  configured_elsewhere: 0,
  live: [] as readonly LiveRow[],
  cost: [] as readonly Cost[],
  /** API clock − own clock, of the connection where it is largest; null when it was not measured. */
  clock_skew_seconds: null as number | null,
};
export type CheckResult = Readonly<typeof NOTHING_FOUND>;

interface CheckOptions extends ConfigOptions {
  readonly live?: boolean;
  readonly json?: boolean;
}

/** `check`: is the configuration valid, what will it cost and, with `--live`, does the API agree? */
export function addCheck(program: Command, io: CliIo): void {
  program
    .command('check')
    .description('check the configuration; with --live also ask the API')
    .option(...CONFIG_OPTION)
    .option('--shard <i/n>', 'check as this shard: I of N, from 0, or auto/N')
    .option('--live', 'read each environment once (GETs only) and say what the API answers')
    .option('--json', 'print JSON')
    .action((options: CheckOptions) => check(io, options));
}

async function check(io: CliIo, { live = false, json = false, ...options }: CheckOptions): Promise<void> {
  const print = (found: Partial<CheckResult>) => {
    const { exit_code = EXIT.ok } = found;
    const result: CheckResult = { ...NOTHING_FOUND, ...found, ok: exit_code === EXIT.ok };
    io.stdout(json ? `${JSON.stringify(result, null, 2)}\n` : checkText(result, live));
    if (!result.ok) throw new CommandExit(exit_code);
  };
  const load = loader(io, options);
  const loaded = await load();
  if (!loaded.ok) return print({ exit_code: EXIT.usage, problems: loaded.problems.map(formatProblem) });
  const { config } = loaded;
  const shards = { shard: shardText(config.shard), configured_elsewhere: config.configuredElsewhere.length };
  const notices = loaded.notices.map(formatProblem);
  if (!live) return print({ ...shards, ...ofFleet(config, notices, []) });
  // Failures are in the table: the log would only repeat them. What `print` throws ends the command.
  const use = (app: App) => {
    const rows = liveRows(app, config.origin);
    // Only now is it known what discovery finds.
    const found = { ...config, environments: app.fleet.members };
    const outcomes = app.discovery.outcomes();
    const answered = outcomes.flatMap(({ connection, failure }) => (failure === null ? connection : []));
    const fleet = ofFleet(found, notices, answered);
    print({ ...shards, ...fleet, live: rows, exit_code: exitOfRows(rows), clock_skew_seconds: largestSkew(app) });
  };
  await readOnce(io, { config, load }, use, 'error');
}

/** What depends on which environments there are. `answered`: the connections whose discovery has answered already. */
function ofFleet(config: FleetConfig, notices: readonly string[], answered: readonly string[]) {
  const costs = costPerMinute(config);
  const stretched = costs.filter(({ requestsPerMinute, capacity }) => requestsPerMinute > capacity);
  return {
    watched: config.environments.map(({ environment }) => environment.id),
    cost: costs.map(({ connection, requestsPerMinute, eachDiscovered: each, budget }) => ({
      connection,
      requests_per_minute: toTenths(requestsPerMinute),
      per_discovered_environment: each === null || answered.includes(connection) ? null : toTenths(each),
      budget,
    })),
    notices: [
      ...notices,
      ...stretched.map(({ connection, requestsPerMinute: needed, capacity, budget }) => {
        const need = `${counted(toTenths(needed), ['request', 'requests'])} a minute`;
        const enough = Math.ceil((needed / capacity) * budget);
        return `connection ${connection}: reads will be stretched, because they need ${need} and ${Math.floor(capacity)} of ${budget} may be scheduled; those without work are slowed down first; raise requests_per_minute to ${enough} to read at full pace`;
      }),
    ],
  };
}

/** The skew of the connection whose clock is furthest off: that is the one to fix. */
function largestSkew({ connections }: App): number | null {
  const known = connections.all().flatMap(({ api }) => api.place.apiClock.measuredMs ?? []);
  const [largest = null] = known.toSorted((one, other) => Math.abs(other) - Math.abs(one));
  return largest === null ? null : largest / 1000;
}

/** Up to this many environments, or reads of them, are named. */
const NAMED = 20;
/** Seconds. An answer's date has whole seconds: less than two are two clocks that agree. */
const SKEW_WORTH_SAYING = 2;

/** The result of `check` for people. */
export function checkText(result: CheckResult, live: boolean): string {
  if (result.problems.length > 0) return `${result.problems.join('\n')}\n`;
  const lines = [
    'The configuration is valid.',
    ...result.notices.map((notice) => `Note: ${notice}`),
    ...ofShard(result),
    ...(live ? ['', ...table(result.live), ...toDo(result.live)] : []),
    '',
    ...result.cost.map(({ connection, requests_per_minute, per_discovered_environment: each, budget }) => {
      const needs = counted(requests_per_minute, ['request', 'requests']);
      const more = each === null ? '' : `, and up to ${each} more for each environment that discovery finds`;
      return `Connection ${connection} needs about ${needs} a minute${more}; its budget is ${budget}.`;
    }),
  ];
  const skew = result.clock_skew_seconds ?? 0;
  if (Math.abs(skew) >= SKEW_WORTH_SAYING)
    lines.push(`The API's clock is ${Math.abs(skew).toFixed(1)} s ${skew < 0 ? 'behind' : 'ahead'}.`);
  return `${lines.join('\n')}\n`;
}

function ofShard({ shard, watched, configured_elsewhere: elsewhere }: CheckResult): readonly string[] {
  if (shard === null || !hasOtherShards(shard)) return [];
  const which = watched.length === 0 ? '' : `: ${some(watched)}`;
  const others = elsewhere === 0 ? '' : ` Other shards watch ${elsewhere} of the configured ones.`;
  return [`Shard ${shard} watches ${counted(watched.length)}${which}.${others}`];
}

function some(names: readonly string[]): string {
  const more = names.length - NAMED;
  return (more > 0 ? [...names.slice(0, NAMED), `${more} more`] : names).join(', ');
}

function table(rows: readonly LiveRow[]): string[] {
  const lines = [
    ['ENVIRONMENT', 'OPERATION', 'CREDENTIAL', 'VERDICT', 'DETAIL'],
    ...rows.map((row) => [
      nameOf(row),
      row.operation,
      row.credential === null ? '-' : `${row.credential.replace('_', ' ')} (${row.credential_source})`,
      row.verdict,
      [row.http_status, row.detail, row.request_id].filter((part) => part !== null && part !== '').join(' '),
    ]),
  ];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const padded = lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column]!)));
  return padded.map((cells) => cells.join('  ').trimEnd());
}

/** What a row is about: an environment or, in parentheses, the connection whose environments are discovered. */
function nameOf({ environment_name: name, connection }: LiveRow): string {
  return name ?? `(${connection})`;
}

/** One remedy per line, each once, with where it applies. */
function toDo(rows: readonly LiveRow[]): string[] {
  const byRemedy = Map.groupBy(rows, ({ remedy }) => remedy);
  byRemedy.delete(null);
  if (byRemedy.size === 0) return [];
  const where = (reads: readonly LiveRow[]) => some(reads.map((row) => `${nameOf(row)} ${row.operation}`));
  return ['', 'To do:', ...[...byRemedy].map(([remedy, reads]) => `- ${where(reads)}: ${remedy}`)];
}
