import { and, on, or, type Queries, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';

/** Whether a backlog is being worked off, from the first sign of it to certainty. */
export function recoverySeries(q: Queries): readonly Rule[] {
  const waiting = q.recorded(RECORDED.waiting);
  const overdue = q.recorded(RECORDED.overdue);
  return [
    {
      // By a tenth and by two items. A backlog that shrinks behind a head that stands is no recovery.
      record: RECORDED.shrinking,
      expr: unless(`(${waiting} < 0.9 * (${waiting} offset ${q.duration('5m')}) - 2)`, q.recorded(RECORDED.headStands)),
    },
    {
      // The oldest item got younger by more than noise within five minutes. A short age moves all the time as items
      // come and go.
      record: RECORDED.recovering,
      expr: or(
        on(overdue, '<', `0.97 * (${overdue} offset ${q.duration('5m')})`),
        q.recorded(RECORDED.ageFalling),
        q.recorded(RECORDED.shrinking),
      ),
    },
    {
      // Without a break, because each item that is taken leaves a younger head.
      record: RECORDED.recoveringSteadily,
      expr: `count_over_time(${q.range(q.recorded(RECORDED.recovering), '3m')}) >= 6`,
    },
    {
      // A gap between two arrivals also makes the wait fall, minutes later and in the middle of an overload, but the queue
      // no shorter. It is over sooner than a backlog that is worked off so slowly that hardly more than the wait
      // shows it.
      record: RECORDED.draining,
      expr: unless(
        and(
          q.recorded(RECORDED.recoveringSteadily),
          `(${or(
            `last_over_time(${q.range(q.recorded(RECORDED.shrinking), '5m')})`,
            and(
              `(count_over_time(${q.range(q.recorded(RECORDED.recovering), '10m')}) >= 20)`,
              `(${waiting} < ${waiting} offset ${q.duration('10m')})`,
            ),
          )})`,
        ),
        q.recorded(RECORDED.headStands),
      ),
    },
  ];
}
