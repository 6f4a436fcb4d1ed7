import type { Duration } from '../parts/durations.ts';
import { and, by, ENVIRONMENT, on, type Queries, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { recoverySeries } from './recovery-series.ts';

/** Up to this multiple of the stricter age threshold, a wait is excused by earlier waits that ended by themselves. */
const USUAL_AT_MOST = 3;
/** How much longer than those waits it may be. */
const USUAL_SECONDS = 120;

/**
 * The head of the queue has been the same for five minutes, and was for the five minutes before each of these offsets.
 */
export function headStands(q: Queries, ...before: readonly Duration[]): string {
  const stands = q.recorded(RECORDED.headStands);
  return and(stands, ...before.map((ago) => `${stands} offset ${q.duration(ago)}`));
}

/** How long the queue of an environment makes items wait, and whether it gets shorter. Each series exists only while it holds. */
export function queueSeries(q: Queries): readonly Rule[] {
  const strictAge = q.recorded(RECORDED.strictAgeThreshold);
  return [
    {
      // Half of the stricter age threshold leaves a fleet time to scale up from zero.
      record: RECORDED.overdue,
      expr: on(q.recorded(RECORDED.oldestAge), '>', `(${strictAge} / 2)`),
    },
    // Nobody polls, as far as is known: the count may be missing, and an idle worker would have taken the item.
    { record: RECORDED.unpolled, expr: unless(q.recorded(RECORDED.overdue), `(${q.recorded(RECORDED.polling)} > 0)`) },
    {
      // How near it is to the page's limit: nothing else decides whether a page goes on.
      record: RECORDED.ratioToCritical,
      expr: on(q.recorded(RECORDED.overdue), '/', q.recorded(RECORDED.ageThreshold, { severity: 'critical' })),
    },
    { record: RECORDED.late, expr: on(q.recorded(RECORDED.overdue), '>', strictAge) },
    { record: RECORDED.newlyLate, expr: unless(q.recorded(RECORDED.late), knownBefore(q)) },
    { record: RECORDED.waitUsual, expr: waitUsual(q) },
    {
      // Nothing is taken in order.
      record: RECORDED.headStands,
      expr: `${by('max', ENVIRONMENT, q.changes('anthropic_work_queue_oldest_timestamp_seconds', '5m'))} == 0`,
    },
    ...recoverySeries(q),
  ];
}

/** What a queue shows only after five minutes or more: for the group `lasting`, which is evaluated every minute. */
export function lastingQueueSeries(q: Queries): readonly Rule[] {
  const waiting = q.recorded(RECORDED.waiting);
  const overdue = q.recorded(RECORDED.overdue);
  const stands = q.recorded(RECORDED.headStands);
  const then = (recorded: string) => `${recorded} offset ${q.duration('2m')}`;
  return [
    {
      record: RECORDED.noneAcknowledged,
      expr: `${by('max', ENVIRONMENT, q.increase('anthropic_work_items_acknowledged_total', '5m'))} == 0`,
    },
    {
      record: RECORDED.neverShorter,
      expr: and(`(${waiting} offset ${q.duration('10m')} > 0)`, `(resets(${q.range(waiting, '10m')}) == 0)`),
    },
    {
      // Somebody took what had waited too long, after five minutes in which nobody did: a busy worker with long runs, or
      // a fleet that is back.
      record: RECORDED.takenLate,
      expr: unless(and(q.recorded(RECORDED.oldestAge), then(overdue), then(stands)), `(${and(overdue, stands)})`),
    },
    {
      // A slow fall, over a quarter of an hour.
      record: RECORDED.ageFalling,
      expr: and(
        `(deriv(${q.range(q.recorded(RECORDED.oldestAge), '15m')}) < ${q.perSecond(-0.05)})`,
        `(${q.recorded(RECORDED.overdue)} > ${q.seconds(900)})`,
      ),
    },
  ];
}

/**
 * Whether fleets pause, and how long items waited before somebody took them: only waits long enough to excuse another
 * one, and none so long that it must have been an outage.
 */
export function longWindowSeries(q: Queries): readonly Rule[] {
  const waited = `max_over_time(${q.range(q.recorded(RECORDED.oldestAge), '3h')} offset ${q.duration('10m')})`;
  const strictAge = q.recorded(RECORDED.strictAgeThreshold);
  return [
    {
      // Nobody polled for minutes: a fleet that scales to zero, or one that is busy.
      record: RECORDED.pausing,
      expr: `last_over_time(${q.range(q.recorded(RECORDED.nobodyPolls), '1h')})`,
    },
    {
      record: RECORDED.longestWait,
      expr: on(
        `(${on(waited, '>', `(${strictAge} / 2 - ${q.seconds(USUAL_SECONDS)})`)})`,
        '<',
        `(${USUAL_AT_MOST} * ${strictAge})`,
      ),
    },
  ];
}

/**
 * Environments whose oldest item has waited about as long as items of the last three hours did before somebody took
 * them. Without a list, this distinguishes one worker with long runs from a dead fleet: neither polls for as long as a
 * run takes.
 */
function waitUsual(q: Queries): string {
  const waited = `last_over_time(${q.range(q.recorded(RECORDED.longestWait), '10m')})`;
  return on(`(${q.recorded(RECORDED.overdue)} - ${q.seconds(USUAL_SECONDS)})`, '<', waited);
}

/** Whether the queue was known some minutes ago: nobody can say what lasts in an environment that was just added. */
function knownBefore(q: Queries): string {
  return `last_over_time(${q.range(q.recorded(RECORDED.oldestAge), '15m')} offset ${q.duration('4m')})`;
}
