import { pageIsFiring } from '../parts/held-pages.ts';
import { and, because, by, ENVIRONMENT, on, or, type Queries, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';

/**
 * Environments that are unserved, or have the page about that, while nothing shows that their work is taken care of: that a
 * worker polls or serves, that somebody has taken an item, or that there is nothing to do. The page ends when this has
 * been absent for a while without interruption; a worker in a crash loop is never alive that long, because its last
 * heartbeat counts for only two minutes.
 */
export function notServedSeries(q: Queries): Rule {
  const waiting = q.recorded(RECORDED.doubtedWaiting);
  const live = q.recorded(RECORDED.doubtedLive);
  const paged = pageIsFiring(q, 'AnthropicWorkNoWorkers');
  const pagedAndOverdue = and(paged, q.recorded(RECORDED.overdue));
  const overdueLately = `last_over_time(${q.range(q.recorded(RECORDED.overdue), '2m')})`;
  const headStoodLately = `last_over_time(${q.range(q.recorded(RECORDED.headStands), '4m')})`;
  // Without a list, all that can be known is that nothing waits for long, or that the oldest item is taken every few
  // minutes: a read may meet an item just before it is taken. One item taken proves little, because its run may be
  // long.
  const nothingOld = unless(q.recorded(RECORDED.oldestAge), `(${and(overdueLately, headStoodLately)})`);
  const held = unless(
    paged,
    `(${q.recorded(RECORDED.doubtedPolling)} > 0)`,
    `((${live}\nor on (${ENVIRONMENT}) 1 + (${nothingOld})) > 0)`,
    `(resets(${q.range(waiting, '2m')}) > 0)`,
    // Whatever runs is alive, or nothing runs.
    `(${unless(and(`(${waiting} == 0)`, q.recorded(RECORDED.listFresh)), q.recorded(RECORDED.staleHeartbeats))})`,
    `(max_over_time(${q.range(waiting, '12m')}) == 0)`,
  );
  // While as many leases lapse as runs finish, and nothing gets better, it is a crash loop, whatever lives for a
  // moment. The leases of a fleet that was killed and is back have already lapsed, even if its first run takes long.
  const crashing = unless(and(pagedAndOverdue, q.recorded(RECORDED.losingRuns)), q.recorded(RECORDED.recovering));
  // It is one, too, if half of what runs is silent: the lapses outnumber the runs that finished earlier only later.
  const silent = by('max', ENVIRONMENT, q.recorded(RECORDED.staleHeartbeats, { state: 'active' }));
  // What dead workers left behind is silent until its lease ends, and proves nothing while nothing waits for long.
  const halfSilent = and(pagedAndOverdue, `(${on(silent, '>=', live)})`);
  return {
    record: RECORDED.notServed,
    expr: or(
      because('What begins the page also holds it.', q.recorded(RECORDED.unserved)),
      because('As many leases lapse as runs finish: a crash loop, whatever lives for a moment.', crashing),
      because('Half of what runs is silent, so more will lapse.', halfSilent),
      because('The page fires, and nothing shows that the work is taken care of.', held),
    ),
  };
}
