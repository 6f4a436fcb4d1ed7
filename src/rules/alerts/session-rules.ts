import type { MakeAlert } from '../parts/alert.ts';
import { counted, DURATION_VALUE, NAME, PERCENT_VALUE, WHO } from '../parts/annotation.ts';
import { by, ENVIRONMENT, on, PROCESS, type Queries, REPLICA, unless } from '../parts/queries.ts';
import { afterCause } from '../parts/quiet.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { exporterTime } from '../series/read-series.ts';

/** The fewest short runs in half an hour worth an alert; a range may see slightly less of a counter than there was. */
const SHORT_RUNS = 4.5;
/** The fraction of all runs that is worth one. */
const SHORT_PART = 0.5;
const WINDOW = '30m';
/** The bound of 5 s: an OpenTelemetry Collector writes it without the point. */
const SHORT_BOUND = ['5', '5\\.0'];

/** Workers are alive while their work makes no progress. None of these wakes anybody. */
export function sessionRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const terminated = by('max', ENVIRONMENT, q.last('anthropic_work_session_items', { status: 'terminated' }));
  const redelivered = by('max', ENVIRONMENT, q.last('anthropic_work_redelivered_items'));
  const limit = by('min', ENVIRONMENT, q.last('anthropic_work_threshold_session_wait_seconds'));
  return [
    alert('AnthropicWorkSessionWaiting', 'warning', {
      expr: on(waitedSeconds(q), '>', limit),
      for: '2m',
      // A session is read every two minutes, or less often where there are many.
      keepFiringFor: '10m',
      summary: `${NAME}: a running item's session has waited ${DURATION_VALUE} for a result or an approval`,
      description: `A worker of environment ${WHO} sends heartbeats, but the session that it serves is idle and requires action. Either nobody answered an approval, or the worker could not post a result. Look at the session's last events.`,
    }),
    alert('AnthropicWorkSessionEndedItemLive', 'warning', {
      expr: `${terminated} > 0`,
      for: '10m',
      keepFiringFor: '10m',
      summary: `${NAME}: ${counted('running item')} of terminated sessions`,
      description: `Workers of environment ${WHO} are held by sessions that have ended. Force-stop the items and update the workers: newer ones stop by themselves.`,
    }),
    alert('AnthropicWorkRedeliveryLoop', 'warning', {
      // An item that never had a heartbeat has its own ticket, which comes at the first delivery and knows the cure.
      expr: unless(
        afterCause(q, `${redelivered} > 0`),
        q.fired(['AnthropicWorkItemStuck'], 'warning', '20m', { state: 'starting' }),
      ),
      for: '1m',
      keepFiringFor: '10m',
      summary: `${NAME}: ${counted('item')} delivered again and again`,
      description: `Items of environment ${WHO} lose their lease each time they are served: they kill or stop their worker. Look at what these sessions do, and force-stop the items.`,
    }),
  ];
}

/** How long the longest-waiting session has been idle, on the API's clock. */
function waitedSeconds(q: Queries): string {
  const since = q.last('anthropic_work_session_oldest_wait_timestamp_seconds', { reason: 'requires_action' });
  const byOwnClock = by('max', `${REPLICA}, reason`, `${exporterTime(q)} - on (${PROCESS}) group_right () ${since}`);
  // Sums what exists: clocks that agree add nothing, and a skew alone is no wait.
  const age = by('sum', REPLICA, `\n    ${byOwnClock}\n    or ${q.recorded(RECORDED.clockSkew)}\n  `);
  return by('max', ENVIRONMENT, `${age} and on (${REPLICA}) ${since}`);
}

/**
 * Runs that end as soon as they begin, among those that ended in the last half hour. Health checks do so, too, and are
 * no runs.
 */
export function shortRunRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const perReplica = (series: string) => by('max', REPLICA, increase(q, q.recorded(series)));
  const checks =
    `${perReplica('anthropic_work_items_acknowledged_total')}\n- ${perReplica('anthropic_work_queue_wait_seconds_count')}` +
    `\n- ${perReplica('anthropic_work_queue_wait_unknown_total')}`;
  return [
    { record: RECORDED.healthChecks, expr: `${checks}\n> 0.5` },
    { record: RECORDED.shortRuns, expr: `${runsWithin(q, SHORT_BOUND)}\n> ${SHORT_RUNS}` },
    alert('AnthropicWorkRunsTooShort', 'warning', {
      expr: tooShort(q),
      for: '5m',
      keepFiringFor: '5m',
      summary: `${NAME}: ${PERCENT_VALUE} of the runs ended within 5 seconds`,
      description: `Runs of environment ${WHO} end as soon as they begin, so work looks done and is not. Start one by hand: a command that returns early, a missing tool or a missing permission shows at once. The runs of archived or terminated sessions also end like this.`,
    }),
  ];
}

/** The fraction of runs that ended within 5 s, if there were several. */
function tooShort(q: Queries): string {
  return by('max', ENVIRONMENT, `${q.recorded(RECORDED.shortRuns)} / ${runsWithin(q, '+Inf')} > ${SHORT_PART}`);
}

/**
 * Runs of sessions that took at most this long. The label `le` keeps both operands of `or` apart, so that the sum is a
 * difference.
 */
function runsWithin(q: Queries, le: string | readonly string[]): string {
  const runs = increase(q, q.recorded('anthropic_work_run_seconds_bucket', { le }));
  return by('sum', REPLICA, `${runs} or -1 * ${q.recorded(RECORDED.healthChecks)}`);
}

function increase(q: Queries, counter: string): string {
  return `increase(${q.range(counter, WINDOW)})`;
}
