import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duration } from '../../../src/rules/parts/durations.ts';
import { type AlertingRule, isAlert, type Rule, type RuleGroup } from '../../../src/rules/parts/rule.ts';
import { renderPrometheusRules } from '../../../src/rules/render-rules.ts';
import { renderLine, STEP_MINUTES } from './lines.ts';
import { type Promtool, type ToolResult, testRules } from './promtool.ts';
import {
  isFiringAt,
  minutesOf,
  outcomeLabels,
  type RuleTable,
  ruleLabel,
  samplesOf,
  seriesOf,
  spansOf,
} from './rule-table.ts';

/** Runs each table against its rule alone. */
export async function runTables(
  tables: readonly RuleTable[],
  groups: readonly RuleGroup[],
  promtool: Promtool,
): Promise<ToolResult> {
  const folder = await mkdtemp(join(tmpdir(), 'rule-tables-'));
  try {
    const files = tables.map(async (table, index) => {
      const rule = ruleOf(table, groups);
      const interval: Duration = `${(table.every ?? STEP_MINUTES) * 60}s`;
      const ruleFile = `${index}.rules.yaml`;
      const alone = isAlert(rule) ? { ...rule, annotations: {} as never } : rule;
      await writeFile(join(folder, ruleFile), renderPrometheusRules([{ name: 'one', interval, rules: [alone] }]));
      await writeFile(join(folder, `${index}.json`), tableFile(table, { rule, ruleFile, interval }));
      return join(folder, `${index}.json`);
    });
    return await testRules(promtool, folder, await Promise.all(files));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function ruleOf(table: RuleTable, groups: readonly RuleGroup[]): Rule {
  const found = groups.flatMap(({ rules }) => rules).find((rule) => ruleLabel(rule) === table.rule);
  if (found === undefined) throw new Error(`there is no rule ${table.rule}`);
  return found;
}

function tableFile(table: RuleTable, of: { rule: Rule; ruleFile: string; interval: Duration }): string {
  const { rule, ruleFile, interval } = of;
  const { until, every = STEP_MINUTES } = table;
  return JSON.stringify({
    rule_files: [ruleFile],
    evaluation_interval: interval,
    tests: [
      {
        name: table.rule,
        interval,
        input_series: seriesOf(table).map(({ name, labels, line }) => ({
          series: `${name}{${Object.entries(labels)
            .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
            .join(',')}}`,
          values: renderLine(line, { end: until, step: every }),
        })),
        ...(isAlert(rule) ? { alert_rule_test: alertTests(table, rule) } : { promql_expr_test: [recordTest(table)] }),
      },
    ],
  });
}

function recordTest(table: RuleTable): unknown {
  const { rule, rows, until } = table;
  return {
    // How the last digits of a number came about is no business of a test.
    expr: `round(${rule}, 0.0001)`,
    eval_time: `${until * 60}s`,
    exp_samples: rows.flatMap(([id, , outcome]) =>
      samplesOf(outcome).map(([more, value]) => ({
        labels: `{${Object.entries({ ...outcomeLabels(table, id), ...more })
          .map(([label, text]) => `${label}=${JSON.stringify(text)}`)
          .join(',')}}`,
        value,
      })),
    ),
  };
}

function alertTests(table: RuleTable, rule: AlertingRule): readonly unknown[] {
  return lookedAt(table).map((minute) => ({
    eval_time: `${minute * 60}s`,
    alertname: rule.alert,
    exp_alerts: table.rows
      .filter((row) => isFiringAt(row, minute))
      .map(([id]) => ({ exp_labels: { ...outcomeLabels(table, id), ...rule.labels } })),
  }));
}

/** The moments around which something begins or ends to fire. */
function lookedAt(table: RuleTable): readonly number[] {
  const edges = new Set(table.rows.flatMap(([, , outcome]) => spansOf(outcome).flat()));
  const all = minutesOf(table);
  return all.filter((minute, index) => index === all.length - 1 || edges.has(minute) || edges.has(all[index + 1]!));
}
