import { failing, NOTHING_THERE } from './blind-series.ts';
import { freshList } from './environment-series.ts';
import { and, by, ENVIRONMENT, on, or, type Queries, REPLICA, unless } from './queries.ts';
import { pagedWithin, sameHead } from './quiet.ts';
import { RECORDED } from './recorded.ts';
import type { Rule } from './rule.ts';

/** How far waits that ended by themselves excuse a wait, as a multiple of the stricter age threshold. */
const USUAL_AT_MOST = 3;

const strictOf = (q: Queries) => by('min', ENVIRONMENT, q.recorded(RECORDED.ageThreshold));
/** An environment is given half of the stricter age threshold, so that a fleet can scale up from zero. */
export const overdue = (q: Queries) => `(${on(q.recorded(RECORDED.age), '>', `(${strictOf(q)} / 2)`)})`;
const pollers = (q: Queries, window: '4m' | '5m' | '10m') =>
  by('max', ENVIRONMENT, q.over('max', 'anthropic_work_workers_polling', window));
const nobodyFor = (q: Queries, window: '4m' | '5m' | '10m') => `(${pollers(q, window)} == 0)`;

/**
 * Environments whose oldest item has waited about as long as items of the last three hours did before somebody took
 * them. Without a list, this distinguishes one worker with long runs from a dead fleet: neither polls for as long as a
 * run takes. A wait beyond all measure excuses nothing: it was an outage.
 */
function usualWait(q: Queries): string {
  const age = q.recorded(RECORDED.age);
  const waited = `max_over_time(${q.range(age, '3h')} offset ${q.duration('10m')})`;
  return `(${and(
    `(${on(`(${age} - ${q.seconds(120)})`, '<', `(${waited})`)})`,
    `(${on(waited, '<', `(${USUAL_AT_MOST} * ${strictOf(q)})`)})`,
  )})`;
}

/** Whether the queue was known some minutes ago: of an environment that was just added nobody can say what lasts. */
function seenBefore(q: Queries): string {
  return `last_over_time(${q.range(q.recorded(RECORDED.age), '15m')} offset ${q.duration('4m')})`;
}

/** Nobody polls, and it is too soon to say whether that is a long run or a dead fleet: the page about it is due first. */
export function tooNewToTell(q: Queries): string {
  return `(${unless(`(${q.recorded(RECORDED.polling)} == 0)`, seenBefore(q))})`;
}

/** What is still shown is over. A list that is read all the same says that the environment is there. */
export function deleted(q: Queries): string {
  return `(${unless(failing(q, 'stats', NOTHING_THERE), freshList(q))})`;
}

/** Environments in which work waits, and for which nobody works. */
export function unservedSeries(q: Queries): readonly Rule[] {
  const age = q.recorded(RECORDED.age);
  const polling = q.recorded(RECORDED.polling);
  const live = q.recorded(RECORDED.live);
  const waiting = q.recorded(RECORDED.waiting);
  const strict = strictOf(q);
  const late = `(${on(age, '>', strict)})`;
  const dead = `(${live} <= 0)`;
  const neverShorter = and(
    `(min_over_time(${q.range(waiting, '10m')}) > 0)`,
    `(resets(${q.range(waiting, '10m')}) == 0)`,
    `(count_over_time(${q.range(waiting, '10m')}) >= 20)`,
  );
  const acknowledged = by('max', ENVIRONMENT, q.increase('anthropic_work_items_acknowledged_total', '5m'));
  const ageUnknown = `(${by('max', ENVIRONMENT, q.last('anthropic_work_queue_age_unknown'))} == 1)`;
  return [
    {
      record: RECORDED.unserved,
      expr: unless(
        `(\n${or(
          // The list proves that nothing is alive. Whether anybody polls may be unknown: an idle worker would have
          // taken the item.
          unless(and(overdue(q), dead, freshList(q)), `(${polling} > 0)`),
          // Worker ids are new at each start, so a worker in a crash loop polls like a whole fleet.
          and(late, dead, freshList(q), `(${acknowledged} == 0)`),
          // Stats alone: a busy worker would have come back for the oldest item by now.
          unless(and(late, nobodyFor(q, '5m'), sameHead(q, '5m'), `(${seenBefore(q)})`), `(${live} > 0)`, usualWait(q)),
          // Not even who polls is known: the first item stands, and the queue has not become shorter once.
          unless(and(late, neverShorter, sameHead(q, '10m')), pollers(q, '10m'), `(${live} > 0)`, usualWait(q)),
          // Not even the age is known: the queue has not become shorter once.
          unless(and(neverShorter, ageUnknown, nobodyFor(q, '10m'), `(${strict} < Inf)`), `(${live} > 0)`),
        )}\n)`,
        pagedWithin(q, ['AnthropicWorkApiAuthFailing'], '5m'),
        deleted(q),
      ),
    },
  ];
}

/**
 * Environments without workers as far as anything shows it, minutes before that would be enough for a page: reads,
 * scrapes and evaluations may be late, each by itself, and the page about many has to come before those of each.
 */
export function withoutWorkers(q: Queries): string {
  const live = q.recorded(RECORDED.live);
  const dead = `(${live} <= 0)`;
  const wanted = `(${strictOf(q)} < Inf)`;
  const pollersNow = by(
    'max',
    ENVIRONMENT,
    `${q.last('anthropic_work_workers_polling')} unless on (${REPLICA}) ${q.recorded(RECORDED.lagging)}`,
  );
  const nobody = unless(and(`(${q.recorded(RECORDED.waiting)} > 0)`, dead, wanted), `(${pollersNow} > 0)`);
  const lost = and(
    `(${by('max', ENVIRONMENT, q.over('max', 'anthropic_work_workers_polling', '15m'))} > 0)`,
    `(${pollersNow} == 0)`,
    dead,
    wanted,
  );
  // Without a list the same sight must have lasted.
  const perhaps = unless(and(overdue(q), nobodyFor(q, '4m'), sameHead(q, '4m')), live, usualWait(q));
  return [nobody, lost, perhaps, q.recorded(RECORDED.unserved)]
    .map((some) => `(${some})`)
    .join(`\n    or on (${ENVIRONMENT}) `);
}
