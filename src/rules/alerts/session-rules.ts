import type { MakeAlert } from '../parts/alert.ts';
import { counted, DURATION_VALUE, ENVIRONMENT_NAME, NAME_AND_ID } from '../parts/annotation.ts';
import { unlessCausePaged } from '../parts/cause-pages.ts';
import { by, ENVIRONMENT, on, PROCESS, type Queries, REPLICA, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { exporterTime } from '../series/read-series.ts';

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
      summary: `${ENVIRONMENT_NAME}: a running item's session has waited ${DURATION_VALUE} for a result or an approval`,
      description: `A worker of environment ${NAME_AND_ID} sends heartbeats, but the session that it serves is idle and requires action. Either nobody answered an approval, or the worker could not post a result. Look at the session's last events.`,
    }),
    alert('AnthropicWorkSessionEndedItemLive', 'warning', {
      expr: `${terminated} > 0`,
      for: '10m',
      keepFiringFor: '10m',
      summary: `${ENVIRONMENT_NAME}: ${counted('running item')} of terminated sessions`,
      description: `Workers of environment ${NAME_AND_ID} are held by sessions that have ended. Force-stop the items and update the workers: newer ones stop by themselves.`,
    }),
    alert('AnthropicWorkRedeliveryLoop', 'warning', {
      // An item that never had a heartbeat has its own ticket, which comes at the first delivery and knows the cure.
      expr: unless(
        unlessCausePaged(q, `${redelivered} > 0`),
        q.fired(['AnthropicWorkItemStuck'], 'warning', '20m', { state: 'starting' }),
      ),
      for: '1m',
      keepFiringFor: '10m',
      summary: `${ENVIRONMENT_NAME}: ${counted('item')} delivered again and again`,
      description: `Items of environment ${NAME_AND_ID} lose their lease each time they are served: they kill or stop their worker. Look at what these sessions do, and force-stop the items.`,
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
