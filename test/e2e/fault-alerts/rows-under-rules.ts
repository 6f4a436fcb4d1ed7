import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_RULE_OPTIONS } from '../../../src/rules/parts/options.ts';
import { renderPrometheusRules } from '../../../src/rules/render-rules.ts';
import { ruleGroups } from '../../../src/rules/rule-groups.ts';
import { GROUP_ORDER } from '../../rules/support/group-order.ts';
import { runTool } from '../../rules/support/promtool.ts';
import { ofAnyJob, withoutTexts } from '../../rules/support/rule-subset.ts';
import { COUNTS_ALL_ROWS } from '../faults/row-of.ts';

/** An alert that fires, with the labels that tell it from others. */
export interface Firing {
  readonly alert: string;
  readonly severity: string;
  /** Null for what is about a connection or the exporter. */
  readonly environmentId: string | null;
}

const SAMPLE = /^(anthropic_work_\w+)(?:\{(.*)\})? (\S+)$/;
const OF_ROW = /(?:environment_id="(?:env|found)_|connection="c)(\d+)[_"]/;
/** Rows in one run of the rules: all at once take several times as long, and one by one the rules are read each time. */
const TOGETHER = 10;
const PREFIX = 'row-';

/** Until this minute it was not shown any more: Prometheus marks that in the first scrape without it. */
function missing(values: string[], minute: number): readonly string[] {
  if (values.length > 0 && values.length < minute && values.at(-1) !== 'stale') values.push('stale');
  while (values.length < minute) values.push('_');
  return values;
}

/**
 * What Prometheus would have scraped once a minute, each row of the table as a job of its own: the rules know nothing of the other
 * rows.
 */
export class RowsUnderRules {
  readonly #rules = renderPrometheusRules(
    withoutTexts(ofAnyJob(ruleGroups(DEFAULT_RULE_OPTIONS))).map((group) => ({ ...group, interval: '1m' as const })),
  ).replaceAll(`job="${DEFAULT_RULE_OPTIONS.job}"`, `job=~"${PREFIX}.+"`);
  /** Values by series, of the rows that are looked at together. */
  readonly #groups: Map<string, string[]>[] = [];

  /** Takes in what one exporter shows of its rows in a minute. */
  scraped(minute: number, exposition: string, rows: readonly number[]): void {
    for (const row of rows) this.#add(row, minute, ['up', '', '1']);
    for (const line of exposition.split('\n')) {
      const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
      // Series that no rule reads would be most of the work.
      if (name === undefined || !this.#rules.includes(`${name}{`)) continue;
      if (COUNTS_ALL_ROWS.has(name)) continue;
      const [, row] = OF_ROW.exec(labels) ?? [];
      for (const one of row === undefined ? rows : [Number(row)]) this.#add(one, minute, [name, labels, value!]);
    }
  }

  /** What fires in a minute, by row. */
  async firing(minute: number): Promise<ReadonlyMap<number, readonly Firing[]>> {
    const folder = await mkdtemp(join(tmpdir(), 'fault-alerts-'));
    try {
      await writeFile(join(folder, 'rules.yaml'), this.#rules);
      await writeFile(join(folder, 'test.json'), JSON.stringify(this.#tests(minute)));
      const { output } = await runTool('promtool', ['test', 'rules', join(folder, 'test.json')]);
      return firingIn(output);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  #add(row: number, minute: number, [name, labels, value]: readonly [string, string, string]): void {
    const group = Math.floor(row / TOGETHER);
    const all = this.#groups[group] ?? new Map<string, string[]>();
    this.#groups[group] = all;
    const series = `${name}{job="${PREFIX}${row}",instance="e"${labels === '' ? '' : `,${labels}`}}`;
    const values = all.get(series) ?? [];
    all.set(series, values);
    missing(values, minute);
    values.push(value === '+Inf' ? 'Inf' : value);
  }

  /** promtool tells what it got only of an expectation that fails: these always do. */
  #tests(minute: number): unknown {
    return {
      rule_files: ['rules.yaml'],
      // The order in which the exporter evaluates them, too.
      group_eval_order: GROUP_ORDER,
      evaluation_interval: '1m',
      tests: this.#groups.map((all) => ({
        interval: '1m',
        input_series: [...all].map(([series, values]) => ({ series, values: missing(values, minute + 1).join(' ') })),
        promql_expr_test: [
          {
            expr: 'max by (job, alertname, severity, environment_id) (ALERTS{alertstate="firing"})',
            eval_time: `${minute}m`,
            exp_samples: [],
          },
        ],
      })),
    };
  }
}

/** @throws when promtool did not tell what it got */
function firingIn(output: string): ReadonlyMap<number, readonly Firing[]> {
  const rows = new Map<number, Firing[]>();
  const parts = output.split(/\n\s+got:/).slice(1);
  if (parts.length === 0) throw new Error(`promtool: ${output.slice(0, 2000)}`);
  for (const [text] of parts.flatMap((part) => [...part.matchAll(/\{[^}]*\}/g)])) {
    const { job, ...labels } = Object.fromEntries(
      [...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name!, value!]),
    );
    if (!job?.startsWith(PREFIX)) continue;
    const row = Number(job.slice(PREFIX.length));
    const { alertname, severity, environment_id: environmentId = null } = labels;
    const firing = { alert: alertname!.replace('AnthropicWork', ''), severity: severity!, environmentId };
    rows.set(row, [...(rows.get(row) ?? []), firing]);
  }
  return rows;
}
