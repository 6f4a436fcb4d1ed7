import { RUNNING_STATES } from '../domain/work.ts';
import { type MakeAlert, WHO } from './alert.ts';
import { and, by, ENVIRONMENT, on, type Queries, unless } from './queries.ts';
import { RECORDED } from './recorded.ts';
import type { Rule } from './rule.ts';

const REPLICA = `${ENVIRONMENT}, instance`;

/**
 * Who works. A worker of the SDK is serial: it does not poll while it serves an item, so "nobody polls" is the normal
 * sight of a busy fleet, and only the heartbeats in the list tell it from a dead one. Reads what the queue rules record.
 */
export function workerRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const polling = q.recorded(RECORDED.polling);
  const live = q.recorded(RECORDED.live);
  const overdue = q.recorded(RECORDED.overdue);
  const patience = `(${by('min', ENVIRONMENT, q.recorded(RECORDED.ageThreshold))} / 2)`;
  const listAge = `time() - ${by('max', ENVIRONMENT, q.last('anthropic_work_last_success_timestamp_seconds', { operation: 'list' }))}`;
  const truncated = by('max', ENVIRONMENT, q.last('anthropic_work_list_truncated'));
  const headMoves = by('max', ENVIRONMENT, q.changes('anthropic_work_queue_oldest_timestamp_seconds', '10m'));
  return [
    // A worker in backoff drops out of the API's window of 30 s although it is alive; two minutes bridge that.
    { record: RECORDED.polling, expr: by('max', ENVIRONMENT, q.over('max', 'anthropic_work_workers_polling', '2m')) },
    {
      // Subtracted inside one replica, which read both numbers at once; the difference of two reads can be anything.
      record: RECORDED.live,
      expr: by(
        'max',
        ENVIRONMENT,
        `\n  ${by('sum', REPLICA, q.last('anthropic_work_items', { state: RUNNING_STATES }))}\n  - on (${REPLICA}) ${by('sum', REPLICA, q.last('anthropic_work_stale_heartbeat_items'))}\n`,
      ),
    },
    {
      record: RECORDED.seen,
      expr: on(by('max', ENVIRONMENT, q.last('anthropic_work_workers_polling')), '+', live),
    },
    {
      // Half of the stricter age threshold is the patience of an environment: it lets a fleet scale up from zero.
      record: RECORDED.overdue,
      expr: on(q.recorded(RECORDED.age), '>', patience),
    },
    alert('AnthropicWorkNoWorkers', 'critical', {
      expr: unless(
        and(overdue, `(${polling} == 0)`, `(${live} <= 0)`, `(${listAge} < ${q.seconds(120)})`),
        `(${truncated} > 0)`,
      ),
      // Patience and the two minutes of `polling` have passed already: this only rides over one odd read.
      for: '1m',
      keep: '5m',
      description: `No worker of environment ${WHO} polls, and no running item has a fresh heartbeat; the oldest item has waited {{ $value | humanizeDuration }}.`,
    }),
    alert('AnthropicWorkNoWorkers', 'warning', {
      // Without a fresh and complete list a busy fleet looks the same as a dead one: no page, the age alerts page.
      expr: unless(and(overdue, `(${polling} == 0)`), `(${live} > 0)`),
      for: '8m',
      keep: '5m',
      description: `No worker of environment ${WHO} polls, and the item list does not prove that one is busy; the oldest item has waited {{ $value | humanizeDuration }}.`,
    }),
    alert('AnthropicWorkSaturated', 'warning', {
      // In a large fleet somebody always polls, for the moment between two items: then a moving head of the queue tells.
      expr: and(overdue, `(${live} > 0)`, `(${polling} == 0 or ${headMoves} > 0)`),
      for: '8m',
      keep: '5m',
      description: `The workers of environment ${WHO} are busy and do not keep up; the oldest item has waited {{ $value | humanizeDuration }}.`,
    }),
    alert('AnthropicWorkWorkersBelowMinimum', 'warning', {
      expr: on(
        `avg_over_time(${q.range(q.recorded(RECORDED.seen), '10m')})`,
        '<',
        by('max', ENVIRONMENT, q.last('anthropic_work_threshold_min_workers')),
      ),
      for: '5m',
      keep: '5m',
      description: `Environment ${WHO} shows {{ $value | humanize }} live workers on average.`,
    }),
    alert('AnthropicWorkWorkersUnknown', 'info', {
      expr: unless(
        q.recorded(RECORDED.depth),
        by('max', ENVIRONMENT, q.over('max', 'anthropic_work_workers_polling', '5m')),
      ),
      for: '15m',
      description: `The API reports no workers_polling for environment ${WHO}: its workers send no worker id. NoWorkers and Saturated are off.`,
    }),
  ];
}
