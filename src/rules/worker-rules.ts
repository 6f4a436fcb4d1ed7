import type { MakeAlert } from './alert.ts';
import { COUNT_VALUE, DURATION_VALUE, NAME, namesIn, ofEnvironment, WHO, whileBlind } from './annotation.ts';
import { freshList } from './environment-series.ts';
import { and, by, ENVIRONMENT, on, or, type Queries, unless } from './queries.ts';
import { afterCause, pagedWithin } from './quiet.ts';
import { RECORDED } from './recorded.ts';
import type { Rule } from './rule.ts';
import { servedSeries } from './served-series.ts';

/** This many environments without workers have a common cause. */
const ANYWHERE = 6;

const WAITING = ofEnvironment(RECORDED.waiting, 'count');
const OLDEST = ofEnvironment(RECORDED.age, 'duration', 'unknown');
const LIMIT = `{{ with printf \`min(${RECORDED.ageThreshold}{job=%q,environment_id=%q})\` $labels.job $labels.environment_id | query }}{{ . | first | value | humanizeDuration }}{{ end }}`;

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
  const limit = by('min', ENVIRONMENT, q.recorded(RECORDED.ageThreshold));
  return `(${and(
    `(${on(`(${age} - ${q.seconds(120)})`, '<', `(${waited})`)})`,
    `(${on(waited, '<', `(${USUAL_AT_MOST} * ${limit})`)})`,
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
  const nobodyFor = (window: '5m' | '10m') =>
    `(${by('max', ENVIRONMENT, q.over('max', 'anthropic_work_workers_polling', window))} == 0)`;
  const acknowledged = by('max', ENVIRONMENT, q.increase('anthropic_work_items_acknowledged_total', '5m'));
  const sameHead = `(${by('max', ENVIRONMENT, q.changes('anthropic_work_queue_oldest_timestamp_seconds', '5m'))} == 0)`;
  const ageUnknown = `(${by('max', ENVIRONMENT, q.last('anthropic_work_queue_age_unknown'))} == 1)`;
  const dead = `(${live} <= 0)`;
  const served = q.recorded(RECORDED.served);
  // Eight of the nine samples are enough: in vmalert a rule does not see what its group has just recorded.
  const recovered = `((min_over_time(${q.range(served, '4m')}) == 1) and (count_over_time(${q.range(served, '4m')}) >= 8))`;
  const polled = (fn: 'avg' | 'max') => by('max', ENVIRONMENT, q.over(fn, 'anthropic_work_workers_polling', '10m'));
  const empty = `(max_over_time(${q.range(waiting, '10m')}) == 0)`;
  const nobody = `(${waiting} > 0)\n    and on (${ENVIRONMENT}) (${polling} == 0)\n    and on (${ENVIRONMENT}) ${dead}\n    and on (${ENVIRONMENT}) (${strict} < Inf)`;
  const lost = and(
    `(${by('max', ENVIRONMENT, q.over('max', 'anthropic_work_workers_polling', '15m'))} > 0)`,
    `(${polling} == 0)`,
    dead,
    `(${strict} < Inf)`,
  );
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
          unless(and(late, nobodyFor('5m'), sameHead), `(${live} > 0)`, usualWait(q)),
          // Not even the age is known: the queue has not become shorter once.
          unless(
            and(
              `(min_over_time(${q.range(waiting, '10m')}) > 0)`,
              `(resets(${q.range(waiting, '10m')}) == 0)`,
              `(count_over_time(${q.range(waiting, '10m')}) >= 20)`,
              ageUnknown,
              nobodyFor('10m'),
              `(${strict} < Inf)`,
            ),
            `(${live} > 0)`,
          ),
        )}\n)`,
        pagedWithin(q, ['AnthropicWorkApiAuthFailing'], '5m'),
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
        ),
      ),
      // The waiting time and the two minutes of `polling` have already passed: this only bridges one odd read.
      for: '1m',
      summary: `${NAME}: no workers, ${WAITING} waiting, oldest ${OLDEST} (limit ${LIMIT})`,
      description: `Nobody takes the work of environment ${WHO}: no worker is known to poll and serve. ${whileBlind('The API cannot be read now, so this may be over: it stays until workers are seen. ')}Start the workers of this environment, or undo the change that stopped them.`,
    }),
    alert('AnthropicWorkNoWorkers', 'warning', {
      // Without a fresh and complete list, a busy fleet looks like a dead one for a while.
      expr: unless(afterCause(q, and(overdue, `(${polling} == 0)`)), `(${live} > 0)`),
      for: '8m',
      keep: '2m',
      summary: `${NAME}: perhaps no workers, ${WAITING} waiting, oldest ${DURATION_VALUE}`,
      description: `No worker of environment ${WHO} polls, and the item list does not prove that one is busy. Look whether the worker processes run.`,
    }),
    alert('AnthropicWorkNoWorkersAnywhere', 'critical', {
      // Includes environments that have not waited long enough for their own page, and those where nothing waits yet:
      // they have the same cause.
      expr: or(
        `(${by('count', 'job', `\n    ${nobody}\n    or ${lost}\n    or ${unserved}\n  `)} >= ${ANYWHERE})\nand on (job) ${unserved}`,
        `${by('count', 'job', by('max', ENVIRONMENT, q.paged(['AnthropicWorkNoWorkers'], '2m')))}\nand on (job) ${by('max', 'job', q.paged(['AnthropicWorkNoWorkersAnywhere'], '2m'))}`,
      ),
      for: '1m',
      // Longer than the pages of the environments, which it mutes.
      keep: '3m',
      summary: `${COUNT_VALUE} environments have no workers`,
      description: `Nobody takes the work of ${COUNT_VALUE} environments at once: ${namesIn(`${RECORDED.unserved}{job=%q}`)}. Look for what they share: a release of the workers, a cluster, a network, a key.`,
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
      summary: `${NAME}: ${COUNT_VALUE} live workers, fewer than configured`,
      description: `Environment ${WHO} had {{ $value | printf \`%.1f\` }} live workers on average over ten minutes. Look for workers that crash or do not start.`,
    }),
    alert('AnthropicWorkWorkersUnknown', 'info', {
      expr: unless(waiting, by('max', ENVIRONMENT, q.over('max', 'anthropic_work_workers_polling', '5m'))),
      for: '15m',
      summary: `${NAME}: the API reports no worker count`,
      description: `The workers of environment ${WHO} send no worker id with their polls, so nobody can say how many poll.`,
    }),
  ];
}
