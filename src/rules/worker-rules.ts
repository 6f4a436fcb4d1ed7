import type { MakeAlert } from './alert.ts';
import {
  counted,
  DURATION_VALUE,
  limit,
  NAME,
  namesIn,
  ofEnvironment,
  QUEUE_STORY,
  WHO,
  whileBlind,
} from './annotation.ts';
import { failing, NOTHING_THERE } from './blind-series.ts';
import { freshList } from './environment-series.ts';
import { and, by, ENVIRONMENT, on, or, type Queries, REPLICA, unless } from './queries.ts';
import { afterCause, pagedWithin, sameHead } from './quiet.ts';
import { RECORDED } from './recorded.ts';
import type { Rule } from './rule.ts';
import { servedSeries } from './served-series.ts';

/** This many environments without workers have a common cause. */
const ANYWHERE = 6;

const WAITING = ofEnvironment(RECORDED.waiting, 'count');
const OLDEST = ofEnvironment(RECORDED.age, 'duration', 'unknown');
/** How far waits that ended by themselves excuse a wait, as a multiple of the stricter age threshold. */
const USUAL_AT_MOST = 3;

/**
 * Environments whose oldest item has waited about as long as items of the last three hours did before somebody took
 * them. Without a list, this distinguishes one worker with long runs from a dead fleet: neither polls for as long as a
 * run takes. A wait beyond all measure excuses nothing: it was an outage.
 */
function usualWait(q: Queries): string {
  const age = q.recorded(RECORDED.age);
  const waited = `max_over_time(${q.range(age, '3h')} offset ${q.duration('10m')})`;
  const strict = by('min', ENVIRONMENT, q.recorded(RECORDED.ageThreshold));
  return `(${and(
    `(${on(`(${age} - ${q.seconds(120)})`, '<', `(${waited})`)})`,
    `(${on(waited, '<', `(${USUAL_AT_MOST} * ${strict})`)})`,
  )})`;
}

/**
 * Who works. A worker of the SDK is serial: it does not poll while it serves an item, so "nobody polls" is normal for a
 * busy fleet, and only the heartbeats in the list, or time, distinguish it from a dead one.
 */
export function workerRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const info = q.recorded(RECORDED.info);
  const age = q.recorded(RECORDED.age);
  const polling = q.recorded(RECORDED.polling);
  const live = q.recorded(RECORDED.live);
  const waiting = q.recorded(RECORDED.waiting);
  const unserved = q.recorded(RECORDED.unserved);
  const strict = by('min', ENVIRONMENT, q.recorded(RECORDED.ageThreshold));
  // An environment is given half of the stricter age threshold, so that a fleet can scale up from zero.
  const overdue = `(${on(age, '>', `(${strict} / 2)`)})`;
  const late = `(${on(age, '>', strict)})`;
  const pollers = (window: '4m' | '5m' | '10m') =>
    by('max', ENVIRONMENT, q.over('max', 'anthropic_work_workers_polling', window));
  const nobodyFor = (window: '4m' | '5m' | '10m') => `(${pollers(window)} == 0)`;
  const neverShorter = and(
    `(min_over_time(${q.range(waiting, '10m')}) > 0)`,
    `(resets(${q.range(waiting, '10m')}) == 0)`,
    `(count_over_time(${q.range(waiting, '10m')}) >= 20)`,
  );
  const acknowledged = by('max', ENVIRONMENT, q.increase('anthropic_work_items_acknowledged_total', '5m'));
  // What is still shown is over. A list that is read all the same says that the environment is there.
  const deleted = `(${unless(failing(q, 'stats', NOTHING_THERE), freshList(q))})`;
  const ageUnknown = `(${by('max', ENVIRONMENT, q.last('anthropic_work_queue_age_unknown'))} == 1)`;
  const dead = `(${live} <= 0)`;
  const served = q.recorded(RECORDED.served);
  // Eight of the nine samples are enough: in vmalert a rule does not see what its group has just recorded.
  const recovered = `((min_over_time(${q.range(served, '4m')}) == 1) and (count_over_time(${q.range(served, '4m')}) >= 8))`;
  const polled = (fn: 'avg' | 'max') => by('max', ENVIRONMENT, q.over(fn, 'anthropic_work_workers_polling', '10m'));
  const empty = `(max_over_time(${q.range(waiting, '10m')}) == 0)`;
  // What only has to support that one environment is unserved shows minutes earlier: reads, scrapes and evaluations may
  // be late, each by itself, and the page of the fleet has to come before those that it mutes.
  const pollersNow = by(
    'max',
    ENVIRONMENT,
    `${q.last('anthropic_work_workers_polling')} unless on (${REPLICA}) ${q.recorded(RECORDED.lagging)}`,
  );
  const nobody = unless(and(`(${waiting} > 0)`, dead, `(${strict} < Inf)`), `(${pollersNow} > 0)`);
  const lost = and(
    `(${by('max', ENVIRONMENT, q.over('max', 'anthropic_work_workers_polling', '15m'))} > 0)`,
    `(${pollersNow} == 0)`,
    dead,
    `(${strict} < Inf)`,
  );
  // Without a list the same sight must have lasted.
  const perhaps = unless(and(overdue, nobodyFor('4m'), sameHead(q, '4m')), live, usualWait(q));
  return [
    ...servedSeries(q),
    {
      record: RECORDED.unserved,
      expr: unless(
        `(\n${or(
          // The list proves that nothing is alive. Whether anybody polls may be unknown: an idle worker would have
          // taken the item.
          unless(and(overdue, dead, freshList(q)), `(${polling} > 0)`),
          // Worker ids are new at each start, so a worker in a crash loop polls like a whole fleet.
          and(late, dead, freshList(q), `(${acknowledged} == 0)`),
          // Stats alone: a busy worker would have come back for the oldest item by now.
          unless(and(late, nobodyFor('5m'), sameHead(q, '5m')), `(${live} > 0)`, usualWait(q)),
          // Not even who polls is known: the first item stands, and the queue has not become shorter once.
          unless(and(late, neverShorter, sameHead(q, '10m')), pollers('10m'), `(${live} > 0)`, usualWait(q)),
          // Not even the age is known: the queue has not become shorter once.
          unless(and(neverShorter, ageUnknown, nobodyFor('10m'), `(${strict} < Inf)`), `(${live} > 0)`),
        )}\n)`,
        pagedWithin(q, ['AnthropicWorkApiAuthFailing'], '5m'),
        deleted,
      ),
    },
    alert('AnthropicWorkNoWorkers', 'critical', {
      // A page ends when workers were seen without interruption, not when a crash loop shows one for a moment, nor
      // because the API cannot be read.
      expr: or(
        unserved,
        unless(
          and(pagedWithin(q, ['AnthropicWorkNoWorkers'], '2m'), info, `(${strict} < Inf)`),
          recovered,
          pagedWithin(q, ['AnthropicWorkApiAuthFailing'], '2m'),
          deleted,
        ),
      ),
      // The waiting time and the two minutes of `polling` have already passed: this only bridges one odd read.
      for: '1m',
      summary: `${NAME}: no workers, ${WAITING} waiting, oldest ${OLDEST}${limit()}`,
      description: `Nobody takes the work of environment ${WHO}: no worker is known to poll and serve.${QUEUE_STORY} ${whileBlind('The API cannot be read now, so this may be over: it stays until workers are seen. ')}Start the workers of this environment, or undo the change that stopped them.`,
    }),
    alert('AnthropicWorkNoWorkers', 'warning', {
      // Without a fresh and complete list, a busy fleet looks like a dead one for a while.
      expr: unless(afterCause(q, and(overdue, `(${polling} == 0)`)), `(${live} > 0)`),
      for: '8m',
      keep: '2m',
      summary: `${NAME}: perhaps no workers, ${WAITING} waiting, oldest ${DURATION_VALUE}${limit()}`,
      description: `No worker of environment ${WHO} polls, and the item list does not prove that one is busy.${QUEUE_STORY} Look whether the worker processes run.`,
    }),
    alert('AnthropicWorkNoWorkersAnywhere', 'critical', {
      // Includes environments that have not waited long enough for their own page, and those where nothing waits yet:
      // they have the same cause. It lasts a minute longer than the pages of the environments, which it mutes.
      expr: or(
        `(${by('count', 'job', [nobody, lost, perhaps, unserved].map((some) => `(${some})`).join(`\n    or on (${ENVIRONMENT}) `))} >= ${ANYWHERE})\nand on (job) ${unserved}`,
        `${by('count', 'job', by('max', ENVIRONMENT, q.paged(['AnthropicWorkNoWorkers'], '1m')))}\nand on (job) ${by('max', 'job', q.paged(['AnthropicWorkNoWorkersAnywhere'], '2m'))}`,
      ),
      // Sooner than the pages of the environments, and through an evaluation that comes late.
      for: '30s',
      keep: '30s',
      summary: `${counted('environment')} without workers`,
      description: `Nobody takes the work of ${counted('environment')}, and they stopped together: ${namesIn(`${RECORDED.unserved}{job=%q}`)}. Look for what they share: a release of the workers, a cluster, a network, a key.`,
    }),
    alert('AnthropicWorkWorkersBelowMinimum', 'warning', {
      // Polling and serving workers; without a list, polling workers while nothing waits that could keep others busy.
      expr: afterCause(
        q,
        on(
          `(\n  ${on(polled('avg'), '+', `avg_over_time(${q.range(live, '10m')})`)}\n  or on (${ENVIRONMENT}) ${and(polled('max'), empty)}\n)`,
          '<',
          by('max', ENVIRONMENT, q.last('anthropic_work_threshold_min_workers')),
        ),
      ),
      for: '5m',
      keep: '2m',
      summary: `${NAME}: ${counted('live worker')}, fewer than configured`,
      description: `Environment ${WHO} had {{ $value | printf \`%.1f\` }} live workers on average over ten minutes. Look for workers that crash or do not start.`,
    }),
    alert('AnthropicWorkWorkersUnknown', 'info', {
      expr: unless(waiting, by('max', ENVIRONMENT, q.over('max', 'anthropic_work_workers_polling', '5m'))),
      for: '15m',
      summary: `${NAME}: the API reports no worker count`,
      description: `The workers of environment ${WHO} send no worker id with their polls, so nobody can say how many poll. Look at the item list for who works, or update the SDK of the workers.`,
    }),
  ];
}
