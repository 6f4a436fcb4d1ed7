import type { LabelsOf, MetricName } from '../../metrics/catalogue/catalogue.ts';
import type { AlertName } from './alert-names.ts';
import { type Duration, rangeText, scaleDuration } from './durations.ts';
import type { RuleOptions } from './options.ts';
import type { AlertSeverity } from './rule.ts';

/** A label's value, its possible values, or a value that it must not have. */
type Match = string | readonly string[] | { readonly not: string };
type Where<L extends string> = { readonly [K in L]?: Match };

/** Series that Prometheus makes of each target, or that every client library has: the catalogue does not name them. */
export type UncataloguedName = 'up' | 'process_start_time_seconds';

/** The labels that identify one environment across replicas. */
export const ENVIRONMENT = 'job, environment_id, environment_name';
/** One environment as one replica sees it. */
export const REPLICA = `${ENVIRONMENT}, instance`;
/** One connection to the API, whichever environments are read through it. */
export const CONNECTION = 'job, connection';
/** One key of a connection. */
export const CREDENTIAL = `${CONNECTION}, credential`;
/** One exporter process. */
export const PROCESS = 'job, instance';
/** The target of one process, with what tells in Kubernetes where to look. */
export const TARGET = `${PROCESS}, namespace, pod`;

type Aggregation = 'max' | 'min' | 'sum' | 'count' | 'group';
type OverTime = 'max' | 'min' | 'avg' | 'last';

/** PromQL over one scrape job, with names and labels that the compiler checks against the catalogue. */
export interface Queries {
  readonly job: string;
  metric<N extends MetricName>(name: N, where?: Where<LabelsOf<N>>): string;
  /**
   * The value of the last two minutes: a lost scrape marks every series stale, which would restart `for` each time. Two
   * minutes bridge one lost scrape at the slowest supported interval of one minute.
   */
  last<N extends MetricName>(name: N, where?: Where<LabelsOf<N>>): string;
  /** An aggregation over time, such as `max_over_time`. */
  over<N extends MetricName>(fn: OverTime, name: N, window: Duration, where?: Where<LabelsOf<N>>): string;
  increase<N extends MetricName>(name: N, window: Duration, where?: Where<LabelsOf<N>>): string;
  changes<N extends MetricName>(name: N, window: Duration, where?: Where<LabelsOf<N>>): string;
  /** Pages with this name, or one of these, that are firing; if their rule stands further below, as of the previous evaluation. */
  firing(name: AlertName | readonly AlertName[], where?: Where<string>): string;
  /** Pages with these names that were firing within the window. */
  paged(names: readonly AlertName[], window: Duration, where?: Where<string>): string;
  /** Alerts with these names and this severity that were firing at any time within the window. */
  fired(names: readonly AlertName[], severity: AlertSeverity, window: Duration, where?: Where<string>): string;
  /** A series that the catalogue does not name, by its latest sample. */
  uncatalogued(name: UncataloguedName): string;
  /** A recorded series, by its latest sample. */
  recorded(name: string, where?: Where<string>): string;
  /** A range selector, with a window five seconds longer: see `rangeText`. */
  range(selector: string, window: Duration): string;
  /** For `offset` and the like: exactly this long, times the time scale. */
  duration(duration: Duration): string;
  /** A number of seconds; never use this for a number that is not a time. */
  seconds(count: number): string;
  /** A slope: so much per second. */
  perSecond(count: number): string;
}

/** The queries of one job. `timeScale` scales every window and duration, but no number of seconds. */
export function queries(options: Pick<RuleOptions, 'job' | 'timeScale'>): Queries {
  const select = (name: string, where: Where<string> = {}) =>
    `${name}{${[`job=${quote(options.job)}`, ...Object.entries(where).map(([label, value]) => matcher(label, value))].join(', ')}}`;
  const range = (selector: string, window: Duration) => `${selector}[${rangeText(window, options.timeScale)}]`;
  const firingAlerts = (names: readonly AlertName[], severity: AlertSeverity, where: Where<string> = {}) =>
    select('ALERTS', { alertname: names, severity, alertstate: 'firing', ...where });
  const fired: Queries['fired'] = (names, severity, window, where) =>
    `last_over_time(${range(firingAlerts(names, severity, where), window)})`;
  return {
    job: options.job,
    metric: select,
    last: (name, where) => `last_over_time(${range(select(name, where), '2m')})`,
    over: (fn, name, window, where) => `${fn}_over_time(${range(select(name, where), window)})`,
    increase: (name, window, where) => `increase(${range(select(name, where), window)})`,
    changes: (name, window, where) => `changes(${range(select(name, where), window)})`,
    firing: (name, where) => firingAlerts([name].flat(), 'critical', where),
    paged: (names, window, where) => fired(names, 'critical', window, where),
    fired,
    uncatalogued: (name) => select(name),
    recorded: select,
    range,
    duration: (value) => scaleDuration(value, options.timeScale),
    seconds: (count) => String(count),
    perSecond: (count) => String(count / options.timeScale),
  };
}

/** An aggregation that keeps these labels, separated by commas. */
export function by(aggregation: Aggregation, labels: string, expr: string): string {
  return `${aggregation} by (${labels}) (${expr})`;
}

/**
 * All sides hold for the same environment; value and labels are those of the first. An operand that is itself an operation
 * comes in parentheses, here and below.
 */
export function and(first: string, ...others: readonly string[]): string {
  return [first, ...others].join(`\nand on (${ENVIRONMENT}) `);
}

/** The first holds, and none of the others for the same environment. */
export function unless(first: string, ...others: readonly string[]): string {
  return [first, ...others].join(`\nunless on (${ENVIRONMENT}) `);
}

/**
 * One of several reasons is enough; the value is that of the first that holds. Unlike `and` and `unless`, it puts each into
 * parentheses, and matches on all labels: two reasons with other labels give two alerts.
 */
export function or(...reasons: readonly string[]): string {
  return reasons.map((reason) => `(${reason})`).join('\nor ');
}

/** An operand with the reason why it is there, as a comment of PromQL that the shipped rule shows. */
export function because(reason: string, expr: string): string {
  return `# ${reason}\n${expr}`;
}

/** A comparison or a calculation, one to one between two sides of the same environment. */
export function on(
  left: string,
  operator: '>' | '<' | '>=' | '<=' | '+' | '-' | '/' | '<= bool',
  right: string,
): string {
  return `${left}\n${operator} on (${ENVIRONMENT}) ${right}`;
}

function matcher(label: string, value: Match | undefined): string {
  if (typeof value === 'object' && 'not' in value) return `${label}!=${quote(value.not)}`;
  const values = [value ?? ''].flat();
  return values.length === 1 ? `${label}=${quote(values[0]!)}` : `${label}=~${quote(values.join('|'))}`;
}

/** JSON's escapes are a subset of those in PromQL's double quotes. */
function quote(text: string): string {
  return JSON.stringify(text);
}
