import type { MetricName } from '../metrics/catalogue.ts';
import type { BurnWindow } from '../rules/wait-objective.ts';

type Recorded = `anthropic_work_wait:burn${BurnWindow}`;
/** What every process and every scrape has. */
type Foreign = 'up' | 'process_start_time_seconds';
type Series = MetricName | `${MetricName}_bucket` | Recorded | Foreign;

interface Narrowed {
  /** One more label matcher. */
  readonly where?: string;
  /** Labels that stay. */
  readonly by?: readonly string[];
  /** Labels whose series are added up. */
  readonly over?: readonly string[];
}

/** The labels that name one environment: links take the id, people read the name. */
export const E = 'environment_id, environment_name';

const JOB = 'job=~"$job"';
/** A list of alternatives, or `.+` while nothing is left out: it goes into an expression unescaped. */
const SHOWN = `environment_id=~"$${'{shown:pipe}'}"`;

const selector = (series: Series, ...matchers: readonly string[]) =>
  `${series}{${matchers.filter((one) => one !== '').join(', ')}}`;

/** The series of the chosen environments. */
export const ofShown = (series: Series, where = '') => selector(series, JOB, SHOWN, where);

/** The series of the chosen exporters. */
export const ofJob = (series: Series, where = '') => selector(series, JOB, where);

/** The series of the chosen connections. */
export const ofConnection = (series: Series, where = '') => selector(series, JOB, 'connection=~"$connection"', where);

/** With all jobs chosen, `$job` is every job that there is; a process that is down has lost what tells it from others. */
export const ofExporter = (series: Foreign) =>
  `${ofJob(series)} and on (job) last_over_time(${ofJob('anthropic_work_exporter_build_info')}[1d])`;

/** One number per environment, however many replicas say it: they agree, or differ by one read. Never a sum of them. */
export const each = (series: Series, { where, by = [], over = [] }: Narrowed = {}) => {
  const largest = `max by (${[E, ...by, ...over].join(', ')}) (${ofShown(series, where)})`;
  return over.length === 0 ? largest : `sum by (${[E, ...by].join(', ')}) (${largest})`;
};

/** The same added up over the chosen environments. */
export const sum = (series: Series, { where, by = [], over = [] }: Narrowed = {}) =>
  `${sumBy(by)} (max by (${[E, ...by, ...over].join(', ')}) (${ofShown(series, where)}))`;

const sumBy = (labels: readonly string[]) => (labels.length === 0 ? 'sum' : `sum by (${labels.join(', ')})`);

/** What a counter counted in an hour, at the present pace, added up over the chosen environments. */
export const perHour = (series: Series, by: readonly string[] = []) =>
  `3600 * ${sumBy(by)} (max by (${[E, ...by].join(', ')}) (rate(${ofShown(series)}[$__rate_interval])))`;

/** The buckets of a histogram, added up over the chosen environments. */
export const buckets = (series: `${MetricName}_bucket`) =>
  `sum by (le) (max by (${E}, le) (increase(${ofShown(series)}[$__rate_interval])))`;

/** Without anything to measure it is NaN, which the comparison leaves out. */
export const quantile = (share: number, of: string) => `histogram_quantile(${share}, ${of}) >= 0`;

/** A line for each of a thousand environments says nothing: those with the highest numbers. */
export const highest = (expression: string) => `topk(10, ${expression})`;

/** Seconds since a stamp of the exporter. */
export const since = (series: Series, narrowed: Narrowed = {}) => `time() - ${each(series, narrowed)}`;

/** The items that a worker has. */
export const IN_WORK = { where: 'state=~"starting|active|stopping"', over: ['state', 'work_type'] } as const;

/** The lowest limit of the chosen environments; one that is off is no line. */
export const limit = (series: Series) => `min by (severity) (${ofShown(series)} < Inf)`;

/** How many conditions hold, about environments and about connections; absent where nobody judges. */
export const holding = (severity: string) => ({
  environments: `sum (${each('anthropic_work_condition', { where: `severity="${severity}"`, by: ['condition'] })})`,
  connections: `sum (max by (connection, condition) (${ofConnection('anthropic_work_connection_condition', `severity="${severity}"`)}))`,
});

/** Environments whose queue nobody can read now. */
export const notVisible =
  `count(max by (environment_id) (${ofShown('anthropic_work_environment_info')})` +
  ` unless on (environment_id) ${ofJob('anthropic_work_queue_depth')})` +
  ` or on () 0 * count(${ofJob('anthropic_work_environment_info')})`;

/** 0 nothing is wrong, 1 a warning, 2 a critical condition; absent while the queue cannot be read, which is no health. */
export const status =
  `max by (${E}) (2 * ${ofShown('anthropic_work_condition', 'severity="critical"')} or ${ofShown('anthropic_work_condition')})` +
  ` and on (environment_id) ${ofJob('anthropic_work_queue_depth')}`;

/** Since when what holds has held, milliseconds. */
export const conditionsNow =
  `1000 * min by (${E}, connection, condition, severity) (` +
  `${ofShown('anthropic_work_condition_since_timestamp_seconds')} or ` +
  `${ofConnection('anthropic_work_connection_condition_since_timestamp_seconds')})`;

const severity = (labels: string, of: (where: string) => string) =>
  `max by (${labels}, condition) (2 * ${of('severity="critical"')} > 0 or ${of('severity="warning"')} > 0)`;
/** The severity of what holds: 1 a warning, 2 critical. */
export const severities = {
  environments: severity('environment_name', (where) => ofShown('anthropic_work_condition', where)),
  connections: severity('connection', (where) => ofConnection('anthropic_work_connection_condition', where)),
};

const late = (comparison: string) =>
  `${each('anthropic_work_queue_oldest_age_seconds')} ${comparison} on (environment_id) group_left ()` +
  ` max by (environment_id) (${ofJob('anthropic_work_slo_queue_wait_target_seconds')})`;
/** 1 while the oldest item has waited longer than the target, otherwise 0. */
export const isLate = late('> bool');
/** The share of the time in which it had not; what could not be read counts neither way. */
export const met = (window: string, resolution: string) =>
  `avg_over_time((${late('<= bool')})[${window}:${resolution}])`;
