import type { MakeAlert } from '../parts/alert.ts';
import { NAME, PERCENT_VALUE, QUEUE_STORY, WHO } from '../parts/annotation.ts';
import type { Duration } from '../parts/durations.ts';
import { and, by, ENVIRONMENT, on, or, type Queries, unless } from '../parts/queries.ts';
import { CAUSES, onceWithin } from '../parts/quiet.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { archived } from '../series/limit-series.ts';

interface BurnWindow {
  readonly long: Duration;
  readonly short: Duration;
  /** How many times faster than allowed the budget is spent: the factors of the SRE workbook for a 30-day budget. */
  readonly factor: number;
  /** The queue must already have been visible this long ago: what happens right after a start is not a trend. */
  readonly seen: Duration;
}

/** Spent too fast, but nobody has to get up: each of them alone justifies the ticket. */
export const TICKET_WINDOWS = [
  { long: '1h', short: '15m', factor: 14.4, seen: '45m' },
  { long: '1d', short: '2h', factor: 3, seen: '6h' },
  { long: '3d', short: '6h', factor: 1, seen: '18h' },
] as const satisfies readonly BurnWindow[];

/** A page: the wait was bad for half of the last hour, and more than the budget of six hours allows. */
export const PAGE_WINDOW = { long: '6h', short: '1h', factor: 6, seen: '90m' } as const satisfies BurnWindow;

const TOLD = [
  ...CAUSES,
  'AnthropicWorkEnvironmentNotVisible',
  'AnthropicWorkOldestItemTooOld',
  'AnthropicWorkSaturated',
] as const;

/** Tickets that tell of a wait while it lasts: what a single wait does to the budget is no news after them. */
const TICKETS = [
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
          q.paged(TOLD, '1h'),
          `(${unless(q.recorded(RECORDED.recoveringSteadily), q.firing('AnthropicWorkWaitBudgetBurn'))})`,
          q.recorded(RECORDED.draining),
        ),
        'AnthropicWorkWaitBudgetBurn',
        '6h',
      ),
      for: '5m',
      keepFiringFor: '1m',
      summary: `${NAME}: ${PERCENT_VALUE} of the last 6 hours outside the wait objective`,
      description: `Work of environment ${WHO} has waited longer than the target for most of an hour, and no other page says why.${QUEUE_STORY} Look at its queue and its workers.`,
    }),
  ];
}

/** Long windows: evaluated every five minutes, on a series with one sample in five minutes. */
export function slowSloRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const waitOk = q.recorded(RECORDED.waitOk);
  const waitBad = q.recorded(RECORDED.waitBad);
  const over = (window: Duration) => `avg_over_time(${q.range(waitBad, window)})`;
  const { long, short, seen, factor } = PAGE_WINDOW;
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
        `(${waitOk} offset ${q.duration(seen)})`,
      ),
    },
    alert('AnthropicWorkWaitBudgetBurn', 'warning', {
      expr: unless(
        `(${or(ofManyWaits(q, burns(q, over, hour)), ...longer.map((window) => burns(q, over, window)))})`,
        // A page about the same waiting has already said it.
        q.paged([...TOLD, 'AnthropicWorkWaitBudgetBurn'], '12h'),
      ),
      for: '5m',
      // Bursts that recur every hour are one ticket.
      keepFiringFor: '1h',
      summary: `${NAME}: the error budget of the wait objective burns too fast`,
      description: `Work of environment ${WHO} missed its wait objective for ${PERCENT_VALUE} of a window, which spends its error budget too fast.${QUEUE_STORY} Look for hours in which its workers do not keep up.`,
    }),
  ];
}

/** A wait that has its own ticket is none of the budget's, until another one follows within hours. */
function ofManyWaits(q: Queries, burnt: string): string {
  return unless(burnt, q.fired(TICKETS, 'warning', '2h'));
}

function burns(q: Queries, over: (window: Duration) => string, { long, short, factor, seen }: BurnWindow): string {
  const lately = on(`(${factor} * ${q.recorded(RECORDED.waitAllowed)})`, '<', over(short));
  return and(`(${on(over(long), '>', `(${lately})`)})`, `(${q.recorded(RECORDED.waitOk)} offset ${q.duration(seen)})`);
}
