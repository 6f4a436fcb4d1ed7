import { counted } from '../base/text.ts';
import { hasOtherShards } from '../domain/shard.ts';
import { EXIT, type ExitCode } from './command.ts';
import type { LiveRow } from './live-rows.ts';

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
