import { and, by, ENVIRONMENT, or, type Queries, REPLICA, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { headStands } from './queue-series.ts';
import { mayStillStart } from './scaled-to-zero.ts';
import { takenLately } from './unserved-series.ts';
import { nobodyPolls, polledWithoutBreak } from './who-polls.ts';

/**
 * Environments that look as if they had no workers, minutes before that is enough for a page: reads, scrapes and
 * evaluations may each be late, and the page about many has to come before the page about each.
 */
export function withoutWorkersSeries(q: Queries): Rule {
  const pollersNow = by(
    'max',
    ENVIRONMENT,
    `${q.last('anthropic_work_workers_polling')} unless on (${REPLICA}) ${q.recorded(RECORDED.lagging)}`,
  );
  // Where nothing waits yet, workers must have been there without a break: a fleet that works only now and then has
  // none at times.
  const waiting = `(${unless(`(${q.recorded(RECORDED.waiting)} > 0)`, mayStillStart(q))})`;
  const nobody = unless(`(${or(waiting, polledWithoutBreak(q))})`, `(${pollersNow} > 0)`);
  // Without a list, the stats must have shown the same for minutes. They then count like a list that shows no live worker:
  // the value of `nobodyPolls` is 0.
  const noneLiveByStats = unless(
    and(nobodyPolls(q, '2m'), q.recorded(RECORDED.overdue), headStands(q)),
    q.recorded(RECORDED.waitUsual),
    takenLately(q),
  );
  const live = `(${q.recorded(RECORDED.workersLive)}\nor on (${ENVIRONMENT}) (${noneLiveByStats}))`;
  return {
    record: RECORDED.withoutWorkers,
    expr: unless(and(`(${nobody})`, `(${live} <= 0)`), q.recorded(RECORDED.ageThresholdOff)),
  };
}

/**
 * Environments that have looked for two minutes as if they had no workers. A single look errs: a deployment stops the
 * workers for a minute or two, and a busy worker that does not poll has not been seen to serve yet if the list, a scrape
 * or an evaluation is late.
 */
export function workersLostSeries(q: Queries): Rule {
  const seemsWithoutWorkers = q.recorded(RECORDED.withoutWorkers);
  // Where the API does not say who polls, it must have looked so two minutes ago, too.
  const before = `(${unless(`${seemsWithoutWorkers} offset ${q.duration('2m')}`, q.recorded(RECORDED.doubtedPolling))})`;
  const lasts = unless(
    and(seemsWithoutWorkers, `(${or(q.recorded(RECORDED.nobodyPolls), before)})`),
    `(${q.recorded(RECORDED.doubtedLive)} > 0)`,
  );
  return { record: RECORDED.workersLost, expr: or(q.recorded(RECORDED.unserved), lasts) };
}
