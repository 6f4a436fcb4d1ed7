import type { LabelsOf, MetricName, ObservedMetricName, SelfMetricName, TypeOf } from '../../metrics/catalogue.ts';

type HistogramName<N extends MetricName> = N extends MetricName ? (TypeOf<N> extends 'histogram' ? N : never) : never;
type Bucket<N extends string> = `${N}_bucket`;

/** A series that carries the labels of an environment. */
export type EnvironmentSeries =
  | ObservedMetricName
  | Bucket<HistogramName<ObservedMetricName>>
  | 'anthropic_work_condition';
/** A series about the process or a connection. */
export type ProcessSeries = SelfMetricName | Bucket<HistogramName<SelfMetricName>>;

/** Series that do not come from this exporter's code: Prometheus' own, and prom-client's about the process. */
export const FOREIGN_SERIES = {
  ALERTS: [
    'alertname',
    'alertstate',
    'severity',
    'environment_id',
    'environment_name',
    'connection',
    'credential',
    'job',
    'instance',
  ],
  ALERTS_FOR_STATE: ['alertname', 'severity', 'environment_id', 'environment_name', 'connection', 'job', 'instance'],
  up: ['job', 'instance'],
  process_start_time_seconds: ['job', 'instance'],
  nodejs_eventloop_lag_p99_seconds: ['job', 'instance'],
} as const satisfies Record<string, readonly string[]>;
export type ForeignSeries = keyof typeof FOREIGN_SERIES;

/** The labels that identify one environment; the name is included because people read names. */
export const E = 'environment_id, environment_name';
/** The same in one process. */
export const E_PROCESS = `${E}, job, instance`;

/**
 * The ids of the environments that a board shows: the selected ones that pass the filters. A list of alternatives, or
 * `.+` if nothing is filtered, so it goes into an expression unescaped.
 */
const SHOWN = '$' + '{shown:pipe}';
const OF_SHOWN = `environment_id=~"${SHOWN}"`;

/** `expression` over all environments: for the variables from which {@link SHOWN} is made. */
export function ofAllEnvironments(expression: string): string {
  return expression.replaceAll(OF_SHOWN, 'environment_id=~".+"');
}

const matchers = (...parts: readonly string[]) => `{${parts.filter((part) => part !== '').join(', ')}}`;

/**
 * A selector of the shown environments of the selected jobs. `extra` is one more matcher, such as
 * `severity="critical"`.
 */
export function ofEnvironment(series: EnvironmentSeries, extra = ''): string {
  return series + matchers('job=~"$job"', OF_SHOWN, extra);
}

/** A selector of the selected jobs. */
export function ofJob(series: ProcessSeries | EnvironmentSeries, extra = ''): string {
  return series + matchers('job=~"$job"', extra);
}

/**
 * A series that every process exports, restricted to the processes of this exporter: with *All* selected, `$job`
 * matches every job in the data source. The join reaches back a day, because a target that is down has lost its build
 * info.
 */
export function ofExporterProcess(series: Exclude<ForeignSeries, 'ALERTS' | 'ALERTS_FOR_STATE'>): string {
  return `${series}{job=~"$job"}`;
}

/** `expression`, restricted to the jobs of this exporter: see {@link ofExporterProcess}. */
export function exporterOnly(expression: string): string {
  return `(${expression}) and on (job) group by (job) (last_over_time(${ofJob('anthropic_work_exporter_build_info')}[1d]))`;
}

/** Alerts of the shown environments; with `orNone`, also those that concern no single environment. */
export function alertsOf(matchers: string, orNone = false): string {
  const environments = orNone ? `environment_id=~"${SHOWN}|"` : OF_SHOWN;
  return `ALERTS{job=~"$job", ${environments}, alertname=~"AnthropicWork.+", ${matchers}}`;
}

/** `expression` as it was that long ago. */
export function before(expression: string, duration: string): string {
  return expression.replaceAll(/(?<=")\}(\[[^\]]+\])?/g, `}$1 offset ${duration}`);
}

/** `expression` at the end of the time range, whichever moment of the range is drawn. */
export function atEnd(expression: string): string {
  return expression.replaceAll(/(?<=")\}(\[[^\]]+\])?(?! @)/g, '}$1 @ end()');
}

/**
 * One number per environment, however many replicas export it: copies agree or differ by one poll, so the largest
 * represents all. Never a sum: that would count every replica.
 */
export function perEnvironment(
  series: EnvironmentSeries,
  extra = '',
  ...labels: readonly LabelsOf<ObservedMetricName>[]
) {
  return `max by (${[E, ...labels].join(', ')}) (${ofEnvironment(series, extra)})`;
}

/** The strictest number of the replicas: for thresholds, as the alert rules use them. */
export function strictest(series: EnvironmentSeries, extra = '', ...labels: readonly LabelsOf<ObservedMetricName>[]) {
  return `min by (${[E, ...labels].join(', ')}) (${ofEnvironment(series, extra)})`;
}

/** A counter's rate per environment, without adding up replicas. */
export function ratePerEnvironment(series: EnvironmentSeries, extra = '', ...labels: readonly string[]): string {
  return `max by (${[E, ...labels].join(', ')}) (rate(${ofEnvironment(series, extra)}[$__rate_interval]))`;
}

/** `left OPERATOR right`, matched environment by environment. */
export function join(left: string, operator: string, right: string, ...labels: readonly string[]): string {
  return `(${left}) ${operator} on (${[E, ...labels].join(', ')}) (${right})`;
}

/** A count of `expression` that is 0 only if there was something to count `among`. */
export function countOf(expression: string, among: string): string {
  return `count(${expression}) or on () (0 * count(${among}))`;
}
