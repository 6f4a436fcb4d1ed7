import type { Duration } from '../parts/durations.ts';
import { and, because, by, ENVIRONMENT, on, or, type Queries, REPLICA, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { headStands } from './queue-series.ts';

/** Nobody has polled within two minutes, nor within the two minutes before each of these offsets. */
function nobodyPolls(q: Queries, ...before: readonly Duration[]): string {
  const nobodyPollsNow = q.recorded(RECORDED.nobodyPolls);
  return and(nobodyPollsNow, ...before.map((ago) => `${nobodyPollsNow} offset ${q.duration(ago)}`));
}

/** Somebody took what had waited too long, after minutes in which nobody did: the run that follows may take as long. */
function takenLately(q: Queries): string {
  return `last_over_time(${q.range(q.recorded(RECORDED.takenLate), '20m')})`;
}

/** Environments whose workers were there ten minutes ago, and had been without a break for an hour. */
function polledWithoutBreak(q: Queries): string {
  const then = `(${q.recorded(RECORDED.polling)} offset ${q.duration('10m')} > 0)`;
  const paused = `last_over_time(${q.range(q.recorded(RECORDED.pausing), '10m')} offset ${q.duration('10m')})`;
  return `(${unless(then, paused)})`;
}

/**
 * Fleets that are scaled to zero: nothing waits, nothing runs, nobody works, and workers have not just died. Those that
 * must get a machine first take minutes to start.
 */
export function scaledToZeroSeries(q: Queries): Rule {
  const idle = and(q.recorded(RECORDED.nobodyPolls), `(${q.recorded(RECORDED.waiting)} == 0)`);
  // What dead workers left behind is stale, and waits only when its lease has ended.
  const runs = [`(${q.recorded(RECORDED.workersLive)} > 0)`, q.recorded(RECORDED.staleHeartbeats)];
  // 0 and the time, so that it can be compared with when the oldest item came.
  return { record: RECORDED.scaledToZero, expr: unless(`(${idle}) + time()`, ...runs, polledWithoutBreak(q)) };
}

function scaledToZeroWithin(q: Queries, window: Duration): string {
  return `last_over_time(${q.range(q.recorded(RECORDED.scaledToZero), window)})`;
}

/** Fleets that were at zero a moment ago, until their oldest item has waited for half of what it may. */
function startsUp(q: Queries): string {
  return `(${unless(scaledToZeroWithin(q, '6m'), q.recorded(RECORDED.overdue))})`;
}

/**
 * The same while nobody polls: fleets that were at zero in the last six minutes, or when their oldest item came, until it has
 * waited for so long that they ought to be up. Stats, scrapes and rules may each be half a minute late: that is two minutes.
 */
function scalesUp(q: Queries): string {
  // Six minutes less those two, and 5 s, so that no evaluation lies at the edge.
  const waits = `clamp_min(${q.recorded(RECORDED.unpolled)}, ${q.seconds(245)})`;
  const since = on(waits, '+', scaledToZeroWithin(q, '1h'));
  return `(${unless(`(${since} > time() - ${q.seconds(120)})`, q.recorded(RECORDED.late))})`;
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
                because('Nobody polls.', unless(q.recorded(RECORDED.unpolled), scalesUp(q))),
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
  const waits = `(${unless(`(${q.recorded(RECORDED.waiting)} > 0)`, startsUp(q))})`;
  const nobody = unless(`(${or(waits, polledWithoutBreak(q))})`, `(${pollersNow} > 0)`);
  // Without a list, the same must have been seen for minutes. It then counts like a list that shows no workers.
  const perhaps = unless(
    and(nobodyPolls(q, '2m'), q.recorded(RECORDED.overdue), headStands(q)),
    q.recorded(RECORDED.waitUsual),
    takenLately(q),
  );
  const live = `(${q.recorded(RECORDED.workersLive)}\nor on (${ENVIRONMENT}) (${perhaps}))`;
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
  // Nobody may know who polls.
  const before = `(${unless(`${seemsWithoutWorkers} offset ${q.duration('2m')}`, q.recorded(RECORDED.doubtedPolling))})`;
  const lasts = unless(
    and(seemsWithoutWorkers, `(${or(q.recorded(RECORDED.nobodyPolls), before)})`),
    `(${q.recorded(RECORDED.doubtedLive)} > 0)`,
  );
  return { record: RECORDED.workersLost, expr: or(q.recorded(RECORDED.unserved), lasts) };
}
