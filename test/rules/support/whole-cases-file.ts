import { GROUP_ORDER } from './group-order.ts';
import { renderLine, STEP_MINUTES } from './lines.ts';
import type { FileOptions } from './promtool-file.ts';
import type { Firing, RuleCase } from './rule-case.ts';

/**
 * Cases that evaluate every rule as a promtool test file, in a single test: each is a job of its own, and nothing may fire
 * in it but what its checks name, with exactly these labels. What a rule costs by itself is then paid once for all cases.
 */
export function wholeCasesFile(cases: readonly RuleCase[], { ruleFile, rules }: FileOptions): string {
  return JSON.stringify({
    rule_files: [ruleFile],
    group_eval_order: GROUP_ORDER,
    evaluation_interval: evalTime(STEP_MINUTES),
    tests: [
      {
        name: 'side by side',
        interval: evalTime(STEP_MINUTES),
        input_series: cases.flatMap((one) => seriesOf(one, rules)),
        promql_expr_test: cases.flatMap((one) =>
          one.checks.map(([minute, ...firing]) => ({
            expr: `ALERTS{job=${JSON.stringify(one.name)}, alertstate="firing"}`,
            eval_time: evalTime(minute),
            exp_samples: firing.map((fired) => ({ labels: alertOf(fired, one.name), value: 1 })),
          })),
        ),
      },
    ],
  });
}

function seriesOf({ name: job, series, checks, restart }: RuleCase, rules: string): unknown[] {
  const end = Math.max(...checks.map(([minute]) => minute));
  return series
    .filter(({ name }) => rules.includes(`${name}{`))
    .map(({ name, labels, line }) => ({
      series: `${name}{${labelText({ ...labels, job })}}`,
      values: renderLine(line, { end, restart }),
    }))
    .filter(({ values }) => !/^_x\d+$/.test(values));
}

function alertOf({ alert, labels }: Firing, job: string): string {
  return `ALERTS{${labelText({ ...labels, job, alertname: `AnthropicWork${alert}`, alertstate: 'firing' })}}`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(',');
}

function evalTime(minute: number): string {
  return `${minute * 60}s`;
}
