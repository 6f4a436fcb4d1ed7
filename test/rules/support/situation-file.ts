import { GROUP_ORDER } from './group-order.ts';
import { renderLine, STEP_MINUTES } from './lines.ts';
import type { ShortName } from './rule-case.ts';
import type { Heard, Situation } from './situation.ts';

type Severity = 'critical' | 'warning';

/** What an installation gives all of its targets: no alert keeps it, because the external labels of Prometheus take its place. */
const TARGET_LABELS = { cluster: 'c', container: 'exporter', prometheus: 'monitoring/k8s', region: 'r' } as const;

interface Told extends Heard {
  readonly severity: Severity;
  readonly by?: ShortName;
}

/** What every situation of a file shares. */
export interface SituationFileOptions {
  readonly ruleFile: string;
  /** The text of the rule file: series that it does not read are left out, because loading them is most of the work. */
  readonly rules: string;
  /** Asks for this alert alone. */
  readonly only?: ShortName;
}

/**
 * Situations as a promtool test file, in a single test: each is a job of its own, and rules that read every job keep jobs
 * apart. What a rule costs by itself is then paid once for all of them, which is most of it.
 */
export function sideBySideFile(
  situations: readonly Situation[],
  { jobs = situations.map(jobOf), ...options }: SituationFileOptions & { readonly jobs?: readonly string[] },
): string {
  const played = situations.map((one, number) => [one, jobs[number]!] as const);
  return toFile([promtoolTest('side by side', played, options)], options);
}

/** The job that plays a situation beside others. */
export function jobOf({ name }: Situation): string {
  return name.replaceAll('"', "'");
}

function toFile(tests: readonly unknown[], { ruleFile }: SituationFileOptions): string {
  return JSON.stringify({ rule_files: [ruleFile], group_eval_order: GROUP_ORDER, evaluation_interval: '30s', tests });
}

function promtoolTest(
  name: string,
  jobs: readonly (readonly [Situation, string])[],
  { rules, only }: SituationFileOptions,
): unknown {
  const step = Math.min(...jobs.map(([{ scrapeMinutes = STEP_MINUTES }]) => scrapeMinutes));
  return {
    name,
    interval: seconds(step),
    input_series: jobs.flatMap(([one, job]) =>
      one.series
        .filter((series) => rules.includes(`${series.name}{`))
        .map((series) => ({
          series: `${series.name}{${Object.entries({ ...series.labels, ...TARGET_LABELS, job })
            .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
            .join(',')}}`,
          values: renderLine(series.line, { end: one.minutes, step, scrape: one.scrapeMinutes, restart: one.restart }),
        }))
        .filter(({ values }) => !/^_x\d+$/.test(values)),
    ),
    promql_expr_test: jobs.flatMap(([one, job]) => questions(one, { job, only })),
  };
}

/** Every alert that wakes or burdens somebody, by how often it started; then when each starts and ends. */
function questions(
  { minutes, pages = [], tickets = [], muted = [] }: Situation,
  { job, only }: { readonly job: string; readonly only: ShortName | undefined },
): unknown[] {
  const told: readonly Told[] = [
    ...pages.map((one) => ({ ...one, severity: 'critical' as const })),
    ...tickets.map((one) => ({ ...one, severity: 'warning' as const })),
    ...muted,
  ].filter(({ alert }) => only === undefined || alert === only);
  const name = only === undefined ? '' : `, alertname="AnthropicWork${only}"`;
  const window = `[${minutes * 60 + 5}s:30s]`;
  const all = `ALERTS{job=${JSON.stringify(job)}, alertstate="firing", severity=~"critical|warning"${name}}`;
  return [
    {
      expr: `sum by (alertname, severity, environment_id, told_by, ${Object.keys(TARGET_LABELS).join(', ')}) (sum_over_time((${all} unless ${all} offset 30s)${window}))`,
      eval_time: seconds(minutes),
      exp_samples: told.map((one) => ({ labels: seriesOf(one), value: one.times ?? 1 })),
    },
    ...told.flatMap((one) => times(one, job)),
    // What mutes it is another alert, and is not asked for.
    ...(only === undefined ? muted : []).map((one) => ({
      expr: `sum_over_time((count(${firing(one, job)}) unless count(${firing({ alert: one.by, severity: 'critical' }, job, false)}))${window})`,
      eval_time: seconds(minutes),
      exp_samples: [],
    })),
  ];
}

function times(one: Told, job: string): unknown[] {
  const { starts, over } = one;
  const is = (minute: number, out: boolean) => ({
    expr: `count(${firing(one, job)})`,
    eval_time: seconds(minute),
    exp_samples: out ? [{ labels: '{}', value: 1 }] : [],
  });
  return [
    ...(starts === undefined ? [] : [is(starts[0], false), is(starts[1], true)]),
    ...(over === undefined ? [] : [is(over, false)]),
  ];
}

function firing(one: Told, job: string, inPlace = true): string {
  const labels = seriesOf(inPlace ? one : { ...one, environment: null });
  return `ALERTS{job=${JSON.stringify(job)}, alertstate="firing", ${labels.slice(1, -1)}}`;
}

function seriesOf({ alert, severity, environment = 'e', by }: Told): string {
  const place = environment === null ? '' : `, environment_id="${environment}"`;
  // Alertmanager mutes the page of one environment only where its label says that another page tells of it.
  const toldBy = by === `${alert}Anywhere` ? `, told_by="AnthropicWork${by}"` : '';
  return `{alertname="AnthropicWork${alert}", severity="${severity}"${place}${toldBy}}`;
}

function seconds(minute: number): string {
  return `${minute * 60}s`;
}
