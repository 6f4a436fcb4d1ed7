import { RUNNING_STATES } from '../domain/work.ts';
import { freshList } from './environment-series.ts';
import { and, by, ENVIRONMENT, or, type Queries } from './queries.ts';
import { RECORDED } from './recorded.ts';
import type { Rule } from './rule.ts';

/**
 * 1 while work of an environment is taken care of: a worker polls or serves, somebody has taken an item, or there is
 * nothing to do. Absent if unknown. A page about missing workers ends when this has been 1 for a while without
 * interruption; a worker in a crash loop is never alive that long, because its last heartbeat counts for only two
 * minutes.
 */
export function servedSeries(q: Queries): readonly Rule[] {
  const waiting = q.recorded(RECORDED.waiting);
  const polls = by('max', ENVIRONMENT, q.last('anthropic_work_workers_polling'));
  const running = by('max', ENVIRONMENT, q.last('anthropic_work_items', { state: RUNNING_STATES }));
  return [
    {
      record: RECORDED.served,
      expr: `(\n  0 * (${or(
        `${polls} > 0`,
        `${q.recorded(RECORDED.live)} > 0`,
        `resets(${q.range(waiting, '2m')}) > 0`,
        // Long runs: fewer items are taken, but more than the one that a loop of crashes takes each time.
        `resets(${q.range(waiting, '5m')}) > 1`,
        // Without a list an empty queue is all that can be known.
        `max_over_time(${q.range(waiting, '3m')}) == 0 unless on (${ENVIRONMENT}) ${running}`,
        and(`(${waiting} == 0)`, `(${running} == 0)`, freshList(q)),
        `max_over_time(${q.range(waiting, '12m')}) == 0`,
      )}) + 1\n)\nand on (${ENVIRONMENT}) ${waiting}\nor on (${ENVIRONMENT}) 0 * ${waiting}`,
    },
  ];
}
