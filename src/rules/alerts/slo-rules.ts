import type { MakeAlert } from '../parts/alert.ts';
import { ENVIRONMENT_NAME, NAME_AND_ID, PERCENT_VALUE, QUEUE_SENTENCES } from '../parts/annotation.ts';
import { CAUSE_PAGES } from '../parts/cause-pages.ts';
import type { Duration } from '../parts/durations.ts';
import { onceWithin } from '../parts/once-within.ts';
import { and, by, ENVIRONMENT, on, or, type Queries, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { archived } from '../series/limit-series.ts';

interface BurnWindow {
  readonly long: Duration;
  readonly short: Duration;
  /** How many times faster than allowed the budget is spent: the factors of the SRE workbook for a 30-day budget. */
  readonly factor: number;
  /** The queue must have been visible this long ago already: what happens right after a start is not a trend. */
  readonly visibleSince: Duration;
}

/** Spent too fast, but nobody has to get up: each of them alone justifies the ticket. */
export const TICKET_WINDOWS = [
  { long: '1h', short: '15m', factor: 14.4, visibleSince: '45m' },
  { long: '1d', short: '2h', factor: 3, visibleSince: '6h' },
  { long: '3d', short: '6h', factor: 1, visibleSince: '18h' },
] as const satisfies readonly BurnWindow[];

/** A page: the wait was bad for half of the last hour, and more than the budget of six hours allows. */
export const PAGE_WINDOW = { long: '6h', short: '1h', factor: 6, visibleSince: '90m' } as const satisfies BurnWindow;

/** Pages that report a wait, or its cause: what it does to the budget is no news after them. */
const PAGES_ABOUT_WAITS = [
  ...CAUSE_PAGES,
  'AnthropicWorkEnvironmentNotVisible',
  'AnthropicWorkOldestItemTooOld',
  'AnthropicWorkSaturated',
] as const;

/** The same for tickets. */
const TICKETS_ABOUT_WAITS = [
  'AnthropicWorkOldestItemTooOld',
  'AnthropicWorkSaturated',
  'AnthropicWorkNoWorkers',
  'AnthropicWorkPendingStuck',
  'AnthropicWorkHeadOfLineBlocked',
] as const;

/**
 * The fraction of the time in which the oldest item had waited longer than the target. Time and not items, because a
 * queue that nobody serves has no events to count. Absent while the queue cannot be seen, which is not the queue's
 * fault.
 */
export function sloRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const waitOk = q.recorded(RECORDED.waitOk);
  return [
    {
      record: RECORDED.waitOk,
      expr: unless(
        on(
          q.recorded(RECORDED.oldestAge),
          '<= bool',
          by('max', ENVIRONMENT, q.last('anthropic_work_slo_queue_wait_target_seconds')),
        ),
        archived(q),
      ),
    },
    alert('AnthropicWorkWaitBudgetBurn', 'critical', {
      // The last of all pages: alerts that name a cause get an hour to fire first, and the page ends with the waiting.
      // Bursts that recur are one page, and there is none while the wait falls.
      expr: onceWithin(
        q,
        unless(
          and(
            `last_over_time(${q.range(q.recorded(RECORDED.waitBadLong), '10m')})`,
            `(min_over_time(${q.range(waitOk, '4m')}) == 0)`,
          ),
          q.paged(PAGES_ABOUT_WAITS, '1h'),
          `(${unless(q.recorded(RECORDED.recoveringSteadily), q.firing('AnthropicWorkWaitBudgetBurn'))})`,
          q.recorded(RECORDED.draining),
        ),
        'AnthropicWorkWaitBudgetBurn',
        '6h',
      ),
      for: '5m',
      keepFiringFor: '1m',
      summary: `${ENVIRONMENT_NAME}: ${PERCENT_VALUE} of the last 6 hours outside the wait objective`,
      description: `Work of environment ${NAME_AND_ID} has waited longer than the target for most of an hour, and no other page says why.${QUEUE_SENTENCES} Look at its queue and its workers.`,
    }),
  ];
}

/** Long windows: evaluated every five minutes, on a series with one sample in five minutes. */
export function slowSloRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const waitOk = q.recorded(RECORDED.waitOk);
  const waitBad = q.recorded(RECORDED.waitBad);
  const over = (window: Duration) => `avg_over_time(${q.range(waitBad, window)})`;
  const { long, short, visibleSince, factor } = PAGE_WINDOW;
  const [hour, ...longer] = TICKET_WINDOWS;
  return [
    { record: RECORDED.waitBad, expr: `1 - avg_over_time(${q.range(waitOk, '5m')})` },
    {
      record: RECORDED.waitAllowed,
      expr: `1 - ${by('max', ENVIRONMENT, q.last('anthropic_work_slo_objective_ratio'))}`,
    },
    {
      // Recorded only while it is too much.
      record: RECORDED.waitBadLong,
      expr: and(
        `(${on(over(long), '>', `(${factor} * ${q.recorded(RECORDED.waitAllowed)})`)})`,
        `(${over(short)} > 0.5)`,
        `(${waitOk} offset ${q.duration(visibleSince)})`,
      ),
    },
    alert('AnthropicWorkWaitBudgetBurn', 'warning', {
      expr: unless(
        `(${or(unlessWaitHasTicket(q, burnsFasterThan(q, over, hour)), ...longer.map((window) => burnsFasterThan(q, over, window)))})`,
        // A page about the same waiting has already said it.
        q.paged([...PAGES_ABOUT_WAITS, 'AnthropicWorkWaitBudgetBurn'], '12h'),
      ),
      for: '5m',
      // Bursts that recur every hour are one ticket.
      keepFiringFor: '1h',
      summary: `${ENVIRONMENT_NAME}: the error budget of the wait objective burns too fast`,
      description: `Work of environment ${NAME_AND_ID} missed its wait objective for ${PERCENT_VALUE} of a window, which spends its error budget too fast.${QUEUE_SENTENCES} Look for hours in which its workers do not keep up.`,
    }),
  ];
}

/** Excludes a wait that has a ticket of its own: it concerns the budget only when another one follows within hours. */
function unlessWaitHasTicket(q: Queries, expr: string): string {
  return unless(expr, q.fired(TICKETS_ABOUT_WAITS, 'warning', '2h'));
}

/**
 * The fraction of the long window in which the wait was bad, where it spends the budget faster than the factor allows in both
 * windows: the short one shows that it still does.
 *
 * @param over the fraction of a window in which the wait was bad
 */
function burnsFasterThan(
  q: Queries,
  over: (window: Duration) => string,
  { long, short, factor, visibleSince }: BurnWindow,
): string {
  const lately = on(`(${factor} * ${q.recorded(RECORDED.waitAllowed)})`, '<', over(short));
  return and(
    `(${on(over(long), '>', `(${lately})`)})`,
    `(${q.recorded(RECORDED.waitOk)} offset ${q.duration(visibleSince)})`,
  );
}
