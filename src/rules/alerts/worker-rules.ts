import type { MakeAlert } from '../parts/alert.ts';
import {
  ageLimit,
  DURATION_VALUE,
  ENVIRONMENT_NAME,
  NAME_AND_ID,
  QUEUE_SENTENCES,
  WAITING_COUNT,
  withEnvironment,
} from '../parts/annotation.ts';
import { unlessCausePaged } from '../parts/cause-pages.ts';
import { and, by, ENVIRONMENT, on, type Queries, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { doubtedSeries } from '../series/doubted-series.ts';
import { archived } from '../series/limit-series.ts';
import { notServedSeries } from '../series/not-served-series.ts';
import { scaledToZeroSeries } from '../series/scaled-to-zero.ts';
import { unservedLongSeries, unservedSeries } from '../series/unserved-series.ts';
import { withoutWorkersSeries, workersLostSeries } from '../series/without-workers-series.ts';
import { noWorkersRules } from './no-workers-rules.ts';

/**
 * Who works. A worker of the SDK is serial: it does not poll while it serves an item, so "nobody polls" is normal for a
 * busy fleet, and only the heartbeats in the list, or time, distinguish it from a dead one.
 */
export function workerRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const workersLive = q.recorded(RECORDED.workersLive);
  const workersOfMinimum = q.recorded(RECORDED.workersOfMinimum);
  return [
    ...doubtedSeries(q),
    ...unservedSeries(q),
    workersLostSeries(q),
    notServedSeries(q),
    ...noWorkersRules(q, alert),
    alert('AnthropicWorkNoWorkers', 'warning', {
      // Without a fresh and complete list, a busy fleet looks like a dead one for a while.
      expr: unless(
        unlessCausePaged(q, and(q.recorded(RECORDED.overdue), q.recorded(RECORDED.nobodyPolls))),
        `(${workersLive} > 0)`,
      ),
      for: '8m',
      keepFiringFor: '2m',
      summary: `${ENVIRONMENT_NAME}: perhaps no workers, ${WAITING_COUNT} waiting, oldest ${DURATION_VALUE}${ageLimit()}`,
      description: `No worker of environment ${NAME_AND_ID} polls, and the item list does not prove that one is busy.${QUEUE_SENTENCES} Check whether the worker processes run.`,
    }),
    alert('AnthropicWorkWorkersBelowMinimum', 'warning', {
      // A rollout that is over is no news, although the average still remembers it.
      expr: unlessCausePaged(
        q,
        on(
          `avg_over_time(${q.range(workersOfMinimum, '10m')})`,
          '<',
          `(${on(minimum(q), '>', `min_over_time(${q.range(workersOfMinimum, '2m')})`)})`,
        ),
      ),
      for: '5m',
      keepFiringFor: '2m',
      // Not rounded to a whole number, which might equal the minimum.
      summary: `${ENVIRONMENT_NAME}: {{ $value | printf \`%.1f\` }} live workers on average, fewer than ${withEnvironment(
        'min(anthropic_work_threshold_min_workers{job=%q,environment_id=%q})',
        'the {{ . | first | value | printf `%.0f` }} ',
      )}configured`,
      description: `Environment ${NAME_AND_ID} had fewer live workers over the last ten minutes than \`thresholds.min_workers\` demands. Look for workers that crash or do not start.`,
    }),
    alert('AnthropicWorkWorkersUnknown', 'info', {
      // Only the stats carry the count: where they are not read, its absence says nothing about the workers.
      expr: unless(
        by('group', ENVIRONMENT, q.last('anthropic_work_queue_depth')),
        q.over('last', 'anthropic_work_workers_polling', '5m'),
      ),
      for: '15m',
      summary: `${ENVIRONMENT_NAME}: the API reports no worker count`,
      description: `The workers of environment ${NAME_AND_ID} send no worker id with their polls, so nobody can say how many poll. Look in the item list to see who works, or update the SDK of the workers.`,
    }),
  ];
}

/** Whether workers are missing, for rules that never decide on a single look. */
export function lastingWorkerSeries(q: Queries): readonly Rule[] {
  return [scaledToZeroSeries(q), unservedLongSeries(q), withoutWorkersSeries(q)];
}

/**
 * Polling and serving workers of environments that must have some. Without a list, only polling workers, and only while
 * nothing waits: otherwise the rest may be busy.
 */
export function workersSeries(q: Queries): readonly Rule[] {
  const polling = by('max', ENVIRONMENT, q.last('anthropic_work_workers_polling'));
  const all = on(polling, '+', q.recorded(RECORDED.workersLive));
  const idle = and(
    q.recorded(RECORDED.polling),
    `(max_over_time(${q.range(q.recorded(RECORDED.waiting), '10m')}) == 0)`,
  );
  const some = and(`(${all}\nor on (${ENVIRONMENT}) ${idle})`, `(${minimum(q)} > 0)`);
  return [{ record: RECORDED.workersOfMinimum, expr: unless(some, archived(q)) }];
}

function minimum(q: Queries): string {
  return by('min', ENVIRONMENT, q.last('anthropic_work_threshold_min_workers'));
}
