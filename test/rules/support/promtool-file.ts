import { GROUP_ORDER } from './group-order.ts';
import { renderLine, STEP_MINUTES } from './lines.ts';
import type { Check, Firing, RuleCase, ShortName } from './rule-case.ts';
import { fleet } from './rule-case.ts';

/** The alerts a case has something to say about. */
export function subjectsOf(one: RuleCase): ReadonlySet<ShortName> {
  return new Set([...one.about, ...one.checks.flatMap(([, ...firing]) => firing.map(({ alert }) => alert))]);
}

/** How cases become a test file. */
export interface FileOptions {
  readonly ruleFile: string;
  /** The text of the rule file: series that it does not read are left out, because loading them is most of the work. */
  readonly rules: string;
}

/** Cases as a promtool test file. */
export function promtoolFile(cases: readonly RuleCase[], { ruleFile, rules }: FileOptions): string {
  const every = new Set(cases.map((one) => one.every ?? STEP_MINUTES));
  if (every.size > 1) throw new Error('one file has one evaluation interval');
  return JSON.stringify({
    rule_files: [ruleFile],
    group_eval_order: GROUP_ORDER,
    evaluation_interval: evalTime([...every][0] ?? STEP_MINUTES),
    tests: cases.map((one) => promtoolTest(one, rules)),
  });
}

function promtoolTest(one: RuleCase, rules: string): unknown {
  const minutes = [...one.checks.map(([minute]) => minute), ...(one.recorded ?? []).map(({ minute }) => minute)];
  const end = Math.max(...minutes);
  const every = one.every ?? STEP_MINUTES;
  const subjects = [...subjectsOf(one)];
  return {
    name: one.name,
    interval: evalTime(every),
    input_series: one.series
      .filter(({ name }) => rules.includes(`${name}{`))
      .map(({ name, labels, line }) => ({
        series: `${name}{${Object.entries(labels)
          .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
          .join(',')}}`,
        values: renderLine(line, { end, step: every, restart: one.restart }),
      }))
      .filter(({ values }) => !/^_x\d+$/.test(values)),
    alert_rule_test: one.checks.flatMap(([minute, ...firing]) =>
      subjects.map((subject) => ({
        eval_time: evalTime(minute),
        alertname: `AnthropicWork${subject}`,
        exp_alerts: firing.filter(({ alert }) => alert === subject).map(({ labels }) => ({ exp_labels: labels })),
      })),
    ),
    promql_expr_test: [
      ...(one.whole === true ? one.checks.map((check) => wholePicture(check)) : []),
      ...(one.recorded ?? []).map(({ minute, record, value }) => ({
        // Rounded: how a ratio came about is no business of the test.
        expr: `round(max by (environment_id) (${record}), 0.0001)`,
        eval_time: evalTime(minute),
        exp_samples: [{ labels: '{environment_id="e"}', value }],
      })),
    ],
  };
}

/** Nothing fires but what the check names: every alert of the file stays silent in every other case. */
function wholePicture([minute, ...firing]: Check): unknown {
  const all = [...firing, fleet('Watchdog', 'none')];
  const keys = new Set(all.map((one) => seriesKey(one)));
  return {
    expr: 'group by (alertname, severity, environment_id) (ALERTS{alertstate="firing"})',
    eval_time: evalTime(minute),
    exp_samples: [...keys].map((labels) => ({ labels, value: 1 })),
  };
}

function seriesKey({ alert, labels }: Firing): string {
  const environment = labels.environment_id === undefined ? '' : `,environment_id="${labels.environment_id}"`;
  return `{alertname="AnthropicWork${alert}",severity="${labels.severity}"${environment}}`;
}

function evalTime(minute: number): string {
  return `${minute * 60}s`;
}
