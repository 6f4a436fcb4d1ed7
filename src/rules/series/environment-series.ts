import { RUNNING_STATES } from '../../domain/work.ts';
import { by, ENVIRONMENT, type Queries, REPLICA } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { clockSkew, listReadAt } from './read-series.ts';

/** The series that every rule about a queue uses: what waits, since when, who works. */
export function environmentSeries(q: Queries): readonly Rule[] {
  const current = (expr: string) =>
    by('max', ENVIRONMENT, `${expr} unless on (${REPLICA}) ${q.recorded(RECORDED.lagging)}`);
  const running = q.last('anthropic_work_items', { state: RUNNING_STATES });
  const waiting = `(${q.last('anthropic_work_queue_depth')} + ${q.last('anthropic_work_queue_pending')})`;
  return [
    // Recorded as often as what it corrects: otherwise, an item of a new environment would look minutes older than it
    // is.
    { record: RECORDED.clockSkew, expr: clockSkew(q) },
    { record: RECORDED.listReadAt, expr: listReadAt(q) },
    {
      record: RECORDED.waiting,
      expr: `${current(waiting)}\nor on (${ENVIRONMENT}) ${q.recorded(RECORDED.listedWaiting)}`,
    },
    {
      record: RECORDED.oldestAge,
      expr: `${current(q.last('anthropic_work_queue_oldest_age_seconds'))}\nor on (${ENVIRONMENT}) ${q.recorded(RECORDED.listedAge)}`,
    },
    // A worker in backoff drops out of the API's window of 30 s although it is alive; two minutes bridge that.
    { record: RECORDED.polling, expr: current(q.over('max', 'anthropic_work_workers_polling', '2m')) },
    { record: RECORDED.nobodyPolls, expr: `${q.recorded(RECORDED.polling)} == 0` },
    {
      record: RECORDED.staleHeartbeats,
      expr: by('max', `${REPLICA}, state`, `${q.last('anthropic_work_stale_heartbeat_items')} > 0`),
    },
    {
      // Subtracted within one replica, which read both numbers at once; the difference of two reads can be anything.
      record: RECORDED.workersLive,
      expr: current(by('sum', REPLICA, `\n  ${running}\n  or -1 * ${q.recorded(RECORDED.staleHeartbeats)}\n`)),
    },
  ];
}
