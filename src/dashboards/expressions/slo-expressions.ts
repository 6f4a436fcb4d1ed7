import { PAGE_BURN, TICKET_BURNS } from '../../rules/wait-objective.ts';
import { E, join, ofEnvironment, perEnvironment } from './promql.ts';
import { age, notVisible } from './queue-expressions.ts';

const target = perEnvironment('anthropic_work_slo_queue_wait_target_seconds');
export const objective = perEnvironment('anthropic_work_slo_objective_ratio');
/** The fraction of time that may be bad. */
const budget = `(1 - ${objective})`;

/**
 * 1 while the oldest item has waited no longer than the target or the queue is empty, otherwise 0; absent while the
 * queue cannot be seen.
 */
const waitOk = join(age, '<= bool', target);

/** The resolution at which the history is evaluated: fine enough for the window, coarse enough for the data source. */
const RESOLUTION = {
  '15m': '30s',
  '1h': '1m',
  '2h': '2m',
  '6h': '2m',
  '1d': '5m',
  '3d': '10m',
} as const;
export type Window = keyof typeof RESOLUTION;

/** The fraction of the window in which the wait was within its target. */
export function compliance(window: Window): string {
  return `avg_over_time((${waitOk})[${window}:${RESOLUTION[window]}])`;
}

/** How many times faster than sustainable the budget is spent; 1 spends it exactly. */
export function burn(window: Window): string {
  return `(1 - ${compliance(window)}) / on (${E}) ${budget}`;
}

/** The smaller of two burn rates: it exceeds the factor exactly when both windows do, as the alert requires. */
export function burnOfBoth(long: Window, short: Window): string {
  return `((${burn(long)}) < on (${E}) (${burn(short)})) or (${burn(short)})`;
}

/** What is left of the window's budget: 1 untouched, 0 spent, negative overspent. */
export function budgetLeft(window: Window): string {
  return `1 - (${burn(window)})`;
}

/**
 * Minutes in the day before each point in which the oldest item waited longer than the target. Counted, not a fraction
 * of the day: a fraction of the first hour of a Prometheus would turn minutes into days.
 */
export const badMinutesPerDay = `${Number.parseInt(RESOLUTION['1d'], 10)} * sum_over_time((${join(age, '> bool', target)})[1d:${RESOLUTION['1d']}])`;

/** Below this fraction of its budget an environment is worth a look. */
export const LITTLE_LEFT = 0.25;
/**
 * What {@link budgetLeftNow} says for an environment that cannot be read now: in the order of the table, after those
 * with little left and before those with much. No other environment has exactly this.
 */
export const NOT_READ = LITTLE_LEFT;

/**
 * What is left of the budget now. If little is left, that remains true of an environment that can no longer be read; if
 * nearly all is left, it may not.
 */
export const budgetLeftNow =
  `((${budgetLeft('3d')}) < ${LITTLE_LEFT})` +
  ` or on (${E}) ((${notVisible}) * 0 + ${NOT_READ})` +
  ` or on (${E}) clamp_min(${budgetLeft('3d')}, ${NOT_READ} + 1e-6)`;

/** The measured durations of items, each in buckets of seconds. */
export const DURATIONS = {
  wait: 'anthropic_work_queue_wait_seconds_bucket',
  run: 'anthropic_work_run_seconds_bucket',
  stop: 'anthropic_work_stop_seconds_bucket',
} as const;

const bucketRates = (what: keyof typeof DURATIONS, range: string) =>
  `max by (${E}, le) (rate(${ofEnvironment(DURATIONS[what])}[${range}]))`;

/** Without events the quantile is NaN, which charts draw badly: the comparison drops it. */
const quantile = (share: number, rates: string) => `histogram_quantile(${share}, ${rates}) >= 0`;

/** The wait of items that were taken, by environment, in seconds; it says nothing about items that nobody took. */
export const waitQuantile = (share: number, range: string): string => quantile(share, bucketRates('wait', range));

/** The same of any duration, over all shown environments together. */
export const quantileOverall = (what: keyof typeof DURATIONS, share: number): string =>
  quantile(share, `sum by (le) (${bucketRates(what, '$__rate_interval')})`);

/** The factors and windows of AnthropicWorkWaitBudgetBurn, shortest first: that of the page, and those of the ticket. */
export const BURN_WINDOWS = [
  { ...PAGE_BURN, short: '1h', severity: 'critical' },
  ...TICKET_BURNS.map((window) => ({ ...window, severity: 'warning' as const })),
] as const;

/** The pair that says what is spent now. */
export const FASTEST_BURN = TICKET_BURNS[0];
