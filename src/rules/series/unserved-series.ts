import { and, because, by, ENVIRONMENT, or, type Queries, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { headStands } from './queue-series.ts';
import { mayStillScaleUp } from './scaled-to-zero.ts';
import { nobodyPolls } from './who-polls.ts';

/** Somebody took what had waited too long, after minutes in which nobody did: the run that follows may take as long. */
export function takenLately(q: Queries): string {
  return `last_over_time(${q.range(q.recorded(RECORDED.takenLate), '20m')})`;
}

/** Environments in which work waits, and for which nobody works. */
export function unservedSeries(q: Queries): readonly Rule[] {
  const late = q.recorded(RECORDED.late);
  const pending = by('max', ENVIRONMENT, q.over('max', 'anthropic_work_queue_pending', '5m'));
  // By the stats alone: a busy worker would have come back for the oldest item by now. One with long runs, which came
  // back this late before, is given ten minutes.
  const nobodyCameBack = unless(
    and(late, nobodyPolls(q, '2m', '3m'), headStands(q)),
    q.recorded(RECORDED.newlyLate),
    q.recorded(RECORDED.waitUsual),
    `(${unless(takenLately(q), `(${nobodyPolls(q, '4m', '6m', '8m')})`)})`,
  );
  return [
    {
      record: RECORDED.unserved,
      expr: unless(
        `(\n${or(
          because(
            'A fresh list proves that nothing is alive.',
            and(
              `(${or(
                because('Nobody polls.', unless(q.recorded(RECORDED.unpolled), mayStillScaleUp(q))),
                // Worker ids are new at each start, so a worker in a crash loop polls like a whole fleet, and leaves what
                // it claimed. Items that no poll hands out are blocked; a single one may look so while there is nothing
                // else to take.
                because(
                  'Workers poll and take nothing: a crash loop.',
                  unless(
                    and(late, q.recorded(RECORDED.noneAcknowledged), `(${q.recorded(RECORDED.doubtedWaiting)} > 1)`),
                    `(${and(`(${q.recorded(RECORDED.doubtedPolling)} > 0)`, `(${pending} == 0)`)})`,
                  ),
                ),
              )})`,
              q.recorded(RECORDED.listFresh),
            ),
          ),
          because('By the stats alone: a busy worker would have come back for the oldest item.', nobodyCameBack),
          q.recorded(RECORDED.unservedLong),
        )}\n)`,
        `(${q.recorded(RECORDED.doubtedLive)} > 0)`,
        q.paged(['AnthropicWorkApiAuthFailing'], '5m'),
        q.recorded(RECORDED.environmentDeleted),
      ),
    },
  ];
}

/**
 * What shows only after ten minutes that nobody works, because the API says neither who polls nor how old the queue is.
 */
export function unservedLongSeries(q: Queries): Rule {
  const neverShorter = q.recorded(RECORDED.neverShorter);
  return {
    record: RECORDED.unservedLong,
    expr: or(
      // A single item may be blocked.
      because(
        'Not even who polls is known: the head stands, and the queue has not become shorter once.',
        unless(
          and(q.recorded(RECORDED.late), `(${neverShorter} > 1)`, headStands(q, '5m')),
          `last_over_time(${q.range(q.recorded(RECORDED.polling), '8m')})`,
          q.recorded(RECORDED.waitUsual),
        ),
      ),
      because(
        'Not even the age is known: the queue has not become shorter once.',
        unless(
          and(
            neverShorter,
            `(${q.last('anthropic_work_queue_age_unknown')} == 1)`,
            nobodyPolls(q, '2m', '4m', '6m', '8m'),
          ),
          q.recorded(RECORDED.ageThresholdOff),
        ),
      ),
    ),
  };
}
