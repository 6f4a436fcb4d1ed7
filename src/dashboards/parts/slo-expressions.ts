import { durationMs } from '../../rules/durations.ts';
import { PAGE_WINDOW, TICKET_WINDOWS } from '../../rules/slo-rules.ts';
import { E, join, ofEnvironment, perEnvironment } from './promql.ts';
import { age, notVisible } from './queue-expressions.ts';

const target = perEnvironment('anthropic_work_slo_queue_wait_target_seconds');
export const objective = perEnvironment('anthropic_work_slo_objective_ratio');
/** The share of time that may be bad. */
const budget = `(1 - ${objective})`;

/** 1 while the oldest item waits no longer than the target or the queue is empty, 0 otherwise, absent while blind. */
const waitOk = join(age, '<= bool', target);

/** How often the history is looked at: often enough for the window, seldom enough for a data source to bear it. */
const RESOLUTION = {
  '5m': '30s',
  '15m': '30s',
  '30m': '1m',
  '1h': '1m',
  '2h': '2m',
  '6h': '2m',
  '1d': '5m',
  '3d': '10m',
} as const;
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

/**
 * Minutes of the day up to each point in which the oldest item was seen to wait longer than the target. Counted, not a
 * share of the day: a share over the first hour of a Prometheus would make days out of minutes.
 */
export const badMinutesPerDay = `5 * sum_over_time((${join(age, '> bool', target)})[1d:${RESOLUTION['1d']}])`;

/** What {@link budgetLeftNow} says for an environment that cannot be read now: no share is greater than 1. */
export const NOT_READ = 2;
/** Below this share of its budget an environment is worth a look. */
export const LITTLE_LEFT = 0.25;

/**
 * What is left of the budget, for a board that is read now. That little is left is known of an environment that cannot be read
 * any more, too; that nearly all is left is not.
 */
export const budgetLeftNow =
  `((${budgetLeft('3d')}) < ${LITTLE_LEFT})` +
  ` or on (${E}) ((${notVisible}) * 0 + ${NOT_READ})` +
  ` or on (${E}) (${budgetLeft('3d')})`;

/** What is measured of items, each in buckets of seconds. */
export const DURATIONS = {
  wait: 'anthropic_work_queue_wait_seconds_bucket',
  run: 'anthropic_work_run_seconds_bucket',
  stop: 'anthropic_work_stop_seconds_bucket',
} as const;

const bucketRates = (what: keyof typeof DURATIONS, range: string) =>
  `max by (${E}, le) (rate(${ofEnvironment(DURATIONS[what])}[${range}]))`;

/** Without events there is no quantile but NaN, which charts draw badly: the comparison drops it. */
const quantile = (share: number, rates: string) => `histogram_quantile(${share}, ${rates}) >= 0`;

/** The wait of items that were picked up, by environment, in seconds; nothing is said about those nobody picked up. */
export const waitQuantile = (share: number, range: string): string => quantile(share, bucketRates('wait', range));

/** The same of any duration, over all shown environments together. */
export const quantileOverall = (what: keyof typeof DURATIONS, share: number): string =>
  quantile(share, `sum by (le) (${bucketRates(what, '$__rate_interval')})`);

/** The factors and windows of AnthropicWorkWaitBudgetBurn, shortest first: those of the ticket, and that of the page. */
export const BURN_WINDOWS = [
  ...TICKET_WINDOWS.map((window) => ({ ...window, severity: 'warning' as const })),
  { ...PAGE_WINDOW, severity: 'critical' as const },
].toSorted((a, b) => durationMs(a.long) - durationMs(b.long));
