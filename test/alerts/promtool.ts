import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { renderRules } from '../../src/rules/render.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/rule.ts';
import { PROMTOOL, runTool } from '../support/tools.ts';

export interface RuleCase {
  readonly name: string;
  /**
   * Selectors, and what is scraped every 30 s: `0*5 1*10 _*3 ?*2` is five minutes of 0, ten of 1, three of lost scrapes, and two of
   * scrapes that do not have it. A condition comes with what the rules read of it.
   */
  readonly series: Readonly<Record<string, string>>;
  /** What follows `AnthropicWork`. */
  readonly alert: string;
  readonly severity?: string;
  /** How many of it fire, by minute. */
  readonly firing: Readonly<Record<number, number>>;
}

/** What promtool says of all cases with the shipped rules; empty when everything is as expected. */
export function failuresOf(cases: readonly RuleCase[]): Promise<string> {
  const tests = { rule_files: ['rules.yaml'], evaluation_interval: '30s', tests: cases.map(testOf) };
  const files = { 'rules.yaml': renderRules('prometheus', DEFAULT_RULE_OPTIONS), 'tests.yaml': stringify(tests) };
  return run(files, (folder) => ['test', 'rules', join(folder, 'tests.yaml')]);
}

/** What promtool says of a rule file; empty when it has nothing to say. */
export function complaintsAbout(rules: string): Promise<string> {
  return run({ 'rules.yaml': rules }, (folder) => [
    ...['check', 'rules', '--lint=all', '--lint-fatal'],
    join(folder, 'rules.yaml'),
  ]);
}

async function run(
  files: Readonly<Record<string, string>>,
  args: (folder: string) => readonly string[],
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'promtool-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const { ok, output } = await runTool(PROMTOOL, args(folder));
    return ok ? '' : output;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function testOf({ name, series, alert, severity = 'critical', firing }: RuleCase): object {
  const fires = `ALERTS{alertname="AnthropicWork${alert}",severity="${severity}",alertstate="firing"}`;
  return {
    name,
    interval: '30s',
    input_series: Object.entries({ ...companions(series), ...series }).map(([selector, line]) => ({
      series: selector,
      values: valuesOf(line),
    })),
    promql_expr_test: Object.entries(firing).map(([minute, count]) => ({
      expr: `count(${fires}) or vector(0)`,
      eval_time: `${minute}m`,
      exp_samples: [{ labels: '{}', value: count }],
    })),
  };
}

/** What is new is recent; while its target is scraped, there is a process. An instance such as `a-0of2` has the shard 0/2. */
function companions(series: RuleCase['series']): Record<string, string> {
  const conditions = Object.entries(series).filter(([selector]) =>
    /^anthropic_work_(connection_)?condition\{/.test(selector),
  );
  return Object.fromEntries(
    conditions.flatMap(([selector, line]) => {
      const target = /job="[^"]*",instance="[^"]*"/.exec(selector)![0];
      const [, shard = '0', shards = '1'] = /-(\d)of(\d)"/.exec(target) ?? [];
      return [
        [selector.replace('condition{', 'condition_recent{'), line],
        [`anthropic_work_exporter_shard_info{${target},shard="${shard}/${shards}"}`, line.replaceAll(/[01?]\*/g, '1*')],
      ];
    }),
  );
}

/** As promtool writes them; Prometheus marks the first scrape that does not have a series. */
function valuesOf(line: string): string {
  return line.replaceAll(/(\S+)\*([\d.]+)/g, (_, value: string, minutes: string) => {
    const more = Number(minutes) * 2 - 1;
    if (value === '_' || value === '?') return more === 0 ? 'stale' : `stale _x${more}`;
    return `${value}x${more}`;
  });
}
