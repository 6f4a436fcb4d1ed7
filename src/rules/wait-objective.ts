import { condition } from './condition-rules.ts';
import { type AlertingRule, annotations, type RecordingRule, type RuleOptions } from './rule.ts';

/** Minutes of each window. Subqueries look once in each, even where two copies of the rules record it twice. */
export const BURN_WINDOWS = { '2h': 120, '6h': 360, '1d': 1440, '3d': 4320 } as const;
export type BurnWindow = keyof typeof BURN_WINDOWS;

/** Of the SRE workbook, for a budget of 30 days. What burns faster than this has a page about its cause long before. */
export const PAGE_BURN = { long: '6h', factor: 6 } as const;
/** Each has a long window, which is a trend, and a short one, which says that it goes on. */
export const TICKET_BURNS = [
  { long: '1d', short: '2h', factor: 3 },
  { long: '3d', short: '6h', factor: 1 },
] as const satisfies readonly { long: BurnWindow; short: BurnWindow; factor: number }[];

export const BURN_ALERT = 'AnthropicWorkWaitBudgetBurn';
const LATE = 'anthropic_work_wait:late';
const BURN = 'anthropic_work_wait:burn';
const ENVIRONMENT = 'job, environment_id, environment_name';
const NAME = '{{ $labels.environment_name }}';

/**
 * How fast the error budget burns. A share of time, as `slo.objective` says, and not of items: a queue that nobody serves has none to
 * count. Minutes without a sample are good ones, so that a queue that cannot be seen burns nothing.
 */
export function burnRates(): readonly RecordingRule[] {
  return [
    {
      record: LATE,
      expr: `max by (${ENVIRONMENT}) (anthropic_work_queue_oldest_age_seconds > anthropic_work_slo_queue_wait_target_seconds unless anthropic_work_environment_archived_timestamp_seconds)`,
      comment: 'Only while the oldest item has waited longer than slo.queue_wait_target: for how many seconds.',
    },
    {
      record: BURN,
      expr: `1 / (1 - max by (${ENVIRONMENT}) (anthropic_work_slo_objective_ratio)) and ${LATE} unless on (environment_id) ${condition('environment')}{severity="critical"}`,
      comment:
        'How much faster than allowed this minute spends the budget: 100 times with an objective of 0.99. Not while a page tells of it.',
    },
    ...Object.entries(BURN_WINDOWS).map(([window, minutes], index) => ({
      record: `${BURN}${window}`,
      expr: `sum_over_time(${BURN}[${window}:1m]) / ${minutes}`,
      ...(index === 0 && { comment: 'The same on average over longer windows: 1 spends exactly the budget.' }),
    })),
  ];
}

export function burnAlerts(options: RuleOptions): readonly AlertingRule[] {
  const texts = (summary: string, description: string) =>
    annotations(BURN_ALERT, { summary, description }, { board: 'slo', isOfEnvironment: true }, options);
  return [
    {
      alert: BURN_ALERT,
      expr: TICKET_BURNS.map(
        ({ long, short, factor }) => `${BURN}${long} > ${factor} and ${BURN}${short} > ${factor}`,
      ).join(' or '),
      keep_firing_for: '2h',
      labels: { severity: 'warning' },
      annotations: texts(
        `${NAME}: the error budget of its wait objective burns too fast`,
        'Work has waited too long too often. Look for hours in which the workers do not keep up.',
      ),
      comment: 'Spent too fast for a month, but nobody has to get up.',
    },
    {
      alert: BURN_ALERT,
      expr: `${BURN}${PAGE_BURN.long} > ${PAGE_BURN.factor} and count_over_time(${BURN}[1h:1m]) > 30 and last_over_time(${BURN}[10m])`,
      labels: { severity: 'critical' },
      annotations: texts(
        `${NAME}: work waits longer than its objective allows, and no other page says why`,
        'Users wait. At this rate the error budget of a month is gone within days: compare how much comes with how much is taken.',
      ),
      comment: 'Most of the last hour was spent so. Ends when the wait has been below its target for ten minutes.',
    },
  ];
}
