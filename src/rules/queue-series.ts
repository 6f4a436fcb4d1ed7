import type { Duration } from './durations.ts';
import { and, by, ENVIRONMENT, on, or, type Queries, unless } from './queries.ts';
import { RECORDED } from './recorded.ts';
import type { Rule } from './rule.ts';

/** How far waits that ended by themselves excuse a wait, as a multiple of the stricter age threshold. */
const USUAL_AT_MOST = 3;

/** The head of the queue has been the same for five minutes, and for five minutes before each of these moments. */
export function headStands(q: Queries, ...before: readonly Duration[]): string {
  const stands = q.recorded(RECORDED.headStands);
  return and(stands, ...before.map((ago) => `${stands} offset ${q.duration(ago)}`));
}

/** How the queue of an environment moves, as several rules ask; each series is there only while what it says is so. */
export function queueSeries(q: Queries): readonly Rule[] {
  const strict = q.recorded(RECORDED.strict);
  const waiting = q.recorded(RECORDED.waiting);
  return [
    {
      // An environment is given half of the stricter age threshold, so that a fleet can scale up from zero.
      record: RECORDED.overdue,
      expr: on(q.recorded(RECORDED.age), '>', `(${strict} / 2)`),
    },
    { record: RECORDED.late, expr: on(q.recorded(RECORDED.overdue), '>', strict) },
    { record: RECORDED.newlyLate, expr: unless(q.recorded(RECORDED.late), seenBefore(q)) },
    { record: RECORDED.waitUsual, expr: waitUsual(q) },
    {
      // Nothing is taken in order.
      record: RECORDED.headStands,
      expr: `${by('max', ENVIRONMENT, q.changes('anthropic_work_queue_oldest_timestamp_seconds', '5m'))} == 0`,
    },
    {
      record: RECORDED.neverShorter,
      expr: and(`(${waiting} offset ${q.duration('10m')} > 0)`, `(resets(${q.range(waiting, '10m')}) == 0)`),
    },
    {
      record: RECORDED.falling,
      expr: and(
        `(deriv(${q.range(q.recorded(RECORDED.age), '15m')}) < ${q.perSecond(-0.05)})`,
        `(${q.recorded(RECORDED.overdue)} > ${q.seconds(900)})`,
      ),
    },
    { record: RECORDED.recovering, expr: recovering(q) },
    {
      // Without a break: an item that is taken makes the next one look better.
      record: RECORDED.recoveringSteadily,
      expr: `count_over_time(${q.range(q.recorded(RECORDED.recovering), '3m')}) >= 6`,
    },
  ];
}

/** How long an item waited before somebody took it: a long window, whose maximum changes slowly. */
export function longWindowSeries(q: Queries): readonly Rule[] {
  const waited = `${q.range(q.recorded(RECORDED.age), '3h')} offset ${q.duration('10m')}`;
  return [{ record: RECORDED.longestWait, expr: `max_over_time(${waited})` }];
}

/**
 * Environments whose oldest item has waited about as long as items of the last three hours did before somebody took
 * them. Without a list, this distinguishes one worker with long runs from a dead fleet: neither polls for as long as a
 * run takes. A wait beyond all measure excuses nothing: it was an outage.
 */
function waitUsual(q: Queries): string {
  const waited = `last_over_time(${q.range(q.recorded(RECORDED.longestWait), '10m')})`;
  const measured = `(${on(waited, '<', `(${USUAL_AT_MOST} * ${q.recorded(RECORDED.strict)})`)})`;
  return on(`(${q.recorded(RECORDED.overdue)} - ${q.seconds(120)})`, '<', measured);
}

/** Whether the queue was known some minutes ago: of an environment that was just added nobody can say what lasts. */
function seenBefore(q: Queries): string {
  return `last_over_time(${q.range(q.recorded(RECORDED.age), '15m')} offset ${q.duration('4m')})`;
}

/**
 * Environments whose oldest item got younger by more than noise within five minutes, or slowly for a quarter of an hour,
 * or whose backlog shrank by a tenth and two items. A backlog that shrinks behind a head that stands is no recovery.
 */
function recovering(q: Queries): string {
  const before = `offset ${q.duration('5m')}`;
  const age = q.recorded(RECORDED.age);
  const waiting = q.recorded(RECORDED.waiting);
  return or(
    `${age} < 0.97 * (${age} ${before})`,
    q.recorded(RECORDED.falling),
    unless(`(${waiting} < 0.9 * (${waiting} ${before}) - 2)`, q.recorded(RECORDED.headStands)),
  );
}
