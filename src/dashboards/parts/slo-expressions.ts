import { E, join, ofEnvironment, perEnvironment } from './promql.ts';
import { age } from './queue-expressions.ts';

const target = perEnvironment('anthropic_work_slo_queue_wait_target_seconds');
export const objective = perEnvironment('anthropic_work_slo_objective_ratio');
/** The share of time that may be bad. */
const budget = `(1 - ${objective})`;

/** 1 while the oldest item waits no longer than the target or the queue is empty, 0 otherwise, absent while blind. */
const waitOk = join(age, '<= bool', target);

/** How often the history is looked at: often enough for the window, seldom enough for a data source to bear it. */
const RESOLUTION = { '5m': '30s', '30m': '1m', '1h': '1m', '2h': '2m', '6h': '2m', '1d': '5m', '3d': '10m' } as const;
export type Window = keyof typeof RESOLUTION;

/** The share of the window in which the wait was within its target. */
export function compliance(window: Window): string {
  return `avg_over_time((${waitOk})[${window}:${RESOLUTION[window]}])`;
}

/** How many times faster than sustainable the budget is spent; 1 spends it exactly. */
export function burn(window: Window): string {
  return `(1 - ${compliance(window)}) / on (${E}) ${budget}`;
}

/** The smaller of two burn rates: it crosses the factor exactly when both windows do, which is what the alert asks. */
export function burnOfBoth(long: Window, short: Window): string {
  return `((${burn(long)}) < on (${E}) (${burn(short)})) or (${burn(short)})`;
}

/** What is left of the budget of the window: 1 untouched, 0 spent, negative overspent. */
export function budgetLeft(window: Window): string {
  return `1 - (${burn(window)})`;
}

/** Minutes of the day up to each point in which the oldest item waited longer than the target. */
export const badMinutesPerDay = `1440 * (1 - ${compliance('1d')})`;

/** The wait of items that were picked up, by quantile; nothing is said about those nobody picked up. */
export function waitQuantile(quantile: number, range = '$__rate_interval'): string {
  return quantileOf('anthropic_work_queue_wait_seconds_bucket', quantile, range);
}

/** How long runs took, by quantile. */
export function runQuantile(quantile: number): string {
  return quantileOf('anthropic_work_run_seconds_bucket', quantile, '$__rate_interval');
}

function quantileOf(
  series: 'anthropic_work_queue_wait_seconds_bucket' | 'anthropic_work_run_seconds_bucket',
  quantile: number,
  range: string,
): string {
  // Without events there is no quantile but NaN, which charts draw badly: the comparison drops it.
  return `histogram_quantile(${quantile}, max by (${E}, le) (rate(${ofEnvironment(series)}[${range}]))) >= 0`;
}

/** The factors and windows of AnthropicWorkWaitBudgetBurn (SRE workbook, multiwindow burn rates), most urgent first. */
export const BURN_WINDOWS = [
  { factor: 14.4, long: '1h', short: '5m', severity: 'critical' },
  { factor: 6, long: '6h', short: '30m', severity: 'critical' },
  { factor: 3, long: '1d', short: '2h', severity: 'warning' },
  { factor: 1, long: '3d', short: '6h', severity: 'warning' },
] as const;
