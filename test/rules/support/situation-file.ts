import { renderLine, STEP_MINUTES } from './lines.ts';
import type { Heard, Situation } from './situation.ts';

type Severity = 'critical' | 'warning';

interface Told extends Heard {
  readonly severity: Severity;
}

/** Situations as a promtool test file. */
export function situationFile(
  situations: readonly Situation[],
  { ruleFile, rules }: { readonly ruleFile: string; readonly rules: string },
): string {
  return JSON.stringify({
    rule_files: [ruleFile],
    evaluation_interval: '30s',
    tests: situations.map((one) => ({
      name: one.name,
      interval: '30s',
      input_series: one.series
        .filter(({ name }) => rules.includes(`${name}{`))
        .map(({ name, labels, line }) => ({
          series: `${name}{${Object.entries(labels)
            .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
            .join(',')}}`,
          values: renderLine(line, { end: one.minutes, step: STEP_MINUTES, restart: one.restart }),
        }))
        .filter(({ values }) => !/^_x\d+$/.test(values)),
      promql_expr_test: questions(one),
    })),
  });
}

/** Every alert that wakes or burdens somebody, by how often it started; then when each starts and ends. */
function questions({ minutes, pages = [], tickets = [], muted = [] }: Situation): unknown[] {
  const told: Told[] = [
    ...pages.map((one) => ({ ...one, severity: 'critical' as const })),
    ...tickets.map((one) => ({ ...one, severity: 'warning' as const })),
    ...muted,
  ];
  const window = `[${minutes * 60 + 5}s:30s]`;
  const all = 'ALERTS{alertstate="firing", severity=~"critical|warning"}';
  return [
    {
      expr: `sum by (alertname, severity, environment_id) (sum_over_time((${all} unless ${all} offset 30s)${window}))`,
      eval_time: seconds(minutes),
      exp_samples: told.map((one) => ({ labels: seriesOf(one), value: one.times ?? 1 })),
    },
    ...told.flatMap((one) => times(one)),
    ...muted.map((one) => ({
      expr: `sum_over_time((count(${firing(one)}) unless count(ALERTS{alertstate="firing", alertname="AnthropicWork${one.by}", severity="critical"}))${window})`,
      eval_time: seconds(minutes),
      exp_samples: [],
    })),
  ];
}

function times(one: Told): unknown[] {
  const { starts, over } = one;
  const is = (minute: number, out: boolean) => ({
    expr: `count(${firing(one)})`,
    eval_time: seconds(minute),
    exp_samples: out ? [{ labels: '{}', value: 1 }] : [],
  });
  return [
    ...(starts === undefined ? [] : [is(starts[0], false), is(starts[1], true)]),
    ...(over === undefined ? [] : [is(over, false)]),
  ];
}

function firing(one: Told): string {
  return `ALERTS{alertstate="firing", ${seriesOf(one).slice(1, -1)}}`;
}

function seriesOf({ alert, severity, environment = 'e' }: Told): string {
  const place = environment === null ? '' : `, environment_id="${environment}"`;
  return `{alertname="AnthropicWork${alert}", severity="${severity}"${place}}`;
}

function seconds(minute: number): string {
  return `${minute * 60}s`;
}
