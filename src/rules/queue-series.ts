import type { Duration } from './durations.ts';
import { and, by, ENVIRONMENT, on, or, type Queries, unless } from './queries.ts';
import { RECORDED } from './recorded.ts';
import type { Rule } from './rule.ts';

/** How far waits that ended by themselves excuse a wait, as a multiple of the stricter age threshold. */
const USUAL_AT_MOST = 3;

/** A head of the queue that was the same for so long: nothing is taken in order. */
export function sameHead(q: Queries, window: Duration): string {
  return `(${by('max', ENVIRONMENT, q.changes('anthropic_work_queue_oldest_timestamp_seconds', window))} == 0)`;
}

/** How the queue of an environment moves, as several rules ask; each series is there only while what it says is so. */
export function queueSeries(q: Queries): readonly Rule[] {
  const strict = q.recorded(RECORDED.strict);
  const waited = q.range(q.recorded(RECORDED.waiting), '10m');
  return [
    {
      // An environment is given half of the stricter age threshold, so that a fleet can scale up from zero.
      record: RECORDED.overdue,
      expr: on(q.recorded(RECORDED.age), '>', `(${strict} / 2)`),
    },
    { record: RECORDED.late, expr: on(q.recorded(RECORDED.age), '>', strict) },
    { record: RECORDED.newlyLate, expr: unless(q.recorded(RECORDED.late), seenBefore(q)) },
    { record: RECORDED.waitUsual, expr: waitUsual(q) },
    { record: RECORDED.headStands, expr: sameHead(q, '5m') },
    {
      record: RECORDED.neverShorter,
      expr: and(`(min_over_time(${waited}) > 0)`, `(resets(${waited}) == 0)`, `(count_over_time(${waited}) >= 20)`),
    },
    {
      record: RECORDED.falling,
      expr: and(
        `(deriv(${q.range(q.recorded(RECORDED.age), '15m')}) < ${q.perSecond(-0.05)})`,
        `(${q.recorded(RECORDED.age)} > ${q.seconds(900)})`,
      ),
    },
    { record: RECORDED.recovering, expr: recovering(q) },
    { record: RECORDED.recoveringSteadily, expr: recovering(q, '3m') },
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
 * @param lately how long it must have been so without a break; an item that is taken makes the next one look better
 */
function recovering(q: Queries, lately?: Duration): string {
  const before = `offset ${q.duration('5m')}`;
  const age = q.recorded(RECORDED.age);
  const waiting = q.recorded(RECORDED.waiting);
  const now = (series: string) => (lately === undefined ? series : `max_over_time(${q.range(series, lately)})`);
  return or(
    `${now(age)} < 0.97 * (${age} ${before})`,
    q.recorded(RECORDED.falling),
    unless(`(${now(waiting)} < 0.9 * (${waiting} ${before}) - 2)`, q.recorded(RECORDED.headStands)),
  );
}
