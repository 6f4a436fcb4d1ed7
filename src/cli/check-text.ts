import { counted } from '../base/text.ts';
import { hasOtherShards } from '../domain/shard.ts';
import type { ExitCode } from './command.ts';
import type { LiveRow } from './live-rows.ts';

/** Everything that `check` found; `--json` prints it as it is: docs/reference.md#check---live. */
export interface CheckResult {
  readonly schema: 1;
  readonly ok: boolean;
  readonly exit_code: ExitCode;
  /** Problems of the configuration; without any, its notices are in `notices`. */
  readonly problems: readonly string[];
  readonly notices: readonly string[];
  /** `I/N`; null when the configuration has problems. */
  readonly shard: string | null;
  /** Ids of the environments that this shard watches: the configured ones and, with `--live`, the discovered ones. */
  readonly watched: readonly string[];
  /** How many of the configured environments other shards watch. */
  readonly configured_elsewhere: number;
  readonly live: readonly LiveRow[];
  readonly cost: readonly {
    readonly connection: string;
    readonly requests_per_minute: number;
    /** What each environment adds that discovery has yet to find, with its environment key; null when all are counted. */
    readonly per_discovered_environment: number | null;
    readonly budget: number;
  }[];
  /** API clock − own clock, of the connection where it is largest; null when it was not measured. */
  readonly clock_skew_seconds: number | null;
}

/** The result of `check` for people. */
export function checkText(result: CheckResult, live: boolean): string {
  if (result.problems.length > 0) return `${result.problems.join('\n')}\n`;
  const parts = ['The configuration is valid.', ...result.notices.map((notice) => `Note: ${notice}`)];
  parts.push(...part(result));
  if (live) parts.push('', ...table(result.live), ...toDo(result.live));
  parts.push('', ...cost(result));
  return `${parts.join('\n')}\n`;
}

/** Up to this many environments, or reads of them, are named. */
const NAMED = 20;

function some(names: readonly string[]): string {
  const more = names.length - NAMED;
  return (more > 0 ? [...names.slice(0, NAMED), `${more} more`] : names).join(', ');
}

/** Which part of the fleet this is about; empty when one process watches everything. */
function part({ shard, watched, configured_elsewhere: elsewhere }: CheckResult): string[] {
  if (shard === null || !hasOtherShards(shard)) return [];
  const which = watched.length === 0 ? '' : `: ${some(watched)}`;
  const others = elsewhere === 0 ? '' : ` Other shards watch ${elsewhere} of the configured ones.`;
  return [`Shard ${shard} watches ${counted(watched.length)}${which}.${others}`];
}

const HEADINGS = ['ENVIRONMENT', 'OPERATION', 'CREDENTIAL', 'VERDICT', 'DETAIL'];

function table(rows: readonly LiveRow[]): string[] {
  const cells = rows.map((row) => [
    nameOf(row),
    row.operation,
    credentialText(row),
    row.verdict,
    [row.http_status, row.detail, row.request_id].filter((part) => part !== null && part !== '').join(' '),
  ]);
  const lines = [HEADINGS, ...cells];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}

/** What a row is about: an environment or, in parentheses, the connection whose environments are discovered. */
function nameOf({ environment_name: name, connection }: LiveRow): string {
  return name === null ? `(${shown(connection)})` : shown(name);
}

/** Longer names are cut: one of them would widen every line, and wrapped lines make no table. */
const LONGEST_NAME = 40;

function shown(name: string): string {
  const characters = [...name];
  return characters.length <= LONGEST_NAME ? name : `${characters.slice(0, LONGEST_NAME - 1).join('')}…`;
}

function credentialText({ credential, credential_source: source }: LiveRow): string {
  if (credential === null) return '-';
  return `${credential.replace('_', ' ')}${source === null ? '' : ` (${source})`}`;
}

/** One remedy per line, each once, with where it applies. */
function toDo(rows: readonly LiveRow[]): string[] {
  const readsByRemedy = new Map<string, string[]>();
  for (const row of rows) {
    if (row.remedy === null) continue;
    readsByRemedy.set(row.remedy, [...(readsByRemedy.get(row.remedy) ?? []), `${nameOf(row)} ${row.operation}`]);
  }
  if (readsByRemedy.size === 0) return [];
  return ['', 'To do:', ...[...readsByRemedy].map(([remedy, where]) => `- ${some(where)}: ${remedy}`)];
}

function cost({ cost: connections, clock_skew_seconds: skew }: CheckResult): string[] {
  const lines = connections.map(({ connection, requests_per_minute, per_discovered_environment: each, budget }) => {
    const more = each === null ? '' : `, and up to ${each} more for each environment that discovery finds`;
    return `Connection ${connection} needs about ${counted(requests_per_minute, ['request', 'requests'])} a minute${more}; its budget is ${budget}.`;
  });
  if (skew !== null && Math.abs(skew) >= SKEW_WORTH_SAYING) {
    lines.push(`The API's clock is ${Math.abs(skew).toFixed(1)} s ${skew < 0 ? 'behind' : 'ahead'}.`);
  }
  return lines;
}

/** Seconds. An answer's date has whole seconds: less than two are two clocks that agree. */
const SKEW_WORTH_SAYING = 2;
