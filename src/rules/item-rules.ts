import { SEVERITIES } from '../domain/environment.ts';
import { RUNNING_STATES } from '../domain/work.ts';
import type { MakeAlert } from './alert.ts';
import { COUNT_VALUE, counted, DURATION_VALUE, NAME, WHO } from './annotation.ts';
import { skewOf } from './environment-series.ts';
import { and, by, ENVIRONMENT, on, type Queries, REPLICA, unless } from './queries.ts';
import { afterCause, causePaged, pagedWithin } from './quiet.ts';
import { RECORDED } from './recorded.ts';
import type { Rule } from './rule.ts';

const BY_STATE = `${ENVIRONMENT}, state`;

/** What to do about an item that hangs, by its state. */
const CURES = {
  starting: 'It was acknowledged and never had a heartbeat: force-stop it and send its session `user.interrupt`.',
  active: 'It runs and runs: look at its session, and stop it if nobody needs it.',
  stopping: 'It was asked to stop and its worker did not finish it: force-stop it if its session must go on.',
} as const;

/** Items that workers hold: whether they send heartbeats, lapse or hang. */
export function itemRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const staleActive = by('max', ENVIRONMENT, q.last('anthropic_work_stale_heartbeat_items', { state: 'active' }));
  const staleLimit = (severity: string) =>
    by('min', ENVIRONMENT, q.last('anthropic_work_threshold_stale_heartbeat_items', { severity }));
  return [
    ...lapses(q, alert),
    ...SEVERITIES.toReversed().map((severity) =>
      alert('AnthropicWorkStaleHeartbeats', severity, {
        expr: afterCause(q, on(staleActive, '>=', staleLimit(severity))),
        // The service grants leases of 300 s, and a heartbeat is stale after 120 s: the state lasts 180 s at most. One
        // hung heartbeat of a Go worker makes a gap of 151 s, which a single read of the list may see.
        for: '90s',
        keep: '3m',
        summary: `${NAME}: ${counted('running item')} without a heartbeat`,
        description: `Workers of environment ${WHO} went silent while they served. Look for workers that died, were paused or lost their network.`,
      }),
    ),
    ...stuckItems(q, alert),
  ];
}

/**
 * Leases that end without a stop. A session that wakes up between two reads can look the same, so silence is required
 * too.
 */
function lapses(q: Queries, alert: MakeAlert): readonly Rule[] {
  const increased = by('max', ENVIRONMENT, q.increase('anthropic_work_items_lapsed_total', '15m'));
  const lapsing = q.recorded(RECORDED.lapsing);
  const acknowledged = by('max', ENVIRONMENT, q.increase('anthropic_work_items_acknowledged_total', '15m'));
  const stopped = by('max', ENVIRONMENT, q.increase('anthropic_work_items_stopped_total', '15m'));
  // Two minutes or more of silence precede the end of a lease. One hung heartbeat among many sessions that wake up
  // proves nothing, so there must be several seconds of silence for each lapse: a hundredth of twenty minutes is
  // twelve.
  const silences = by(
    'max',
    ENVIRONMENT,
    by('sum', REPLICA, q.over('avg', 'anthropic_work_stale_heartbeat_items', '20m')),
  );
  return [
    { record: RECORDED.lapsing, expr: `(${on(increased, '<', `(100 * ${silences})`)}) > 2.5` },
    alert('AnthropicWorkLeasesLapsing', 'critical', {
      // Each lapse stamps the item anew, so nothing ever looks old: only finished runs tell the difference.
      expr: unless(
        and(
          `(${on(lapsing, '>', `4 * ${stopped}`)})`,
          `(${acknowledged} > 2.5)`,
          // Somebody still takes items: a fleet that died in the middle of many runs loses all of them once.
          `(${by('max', ENVIRONMENT, q.increase('anthropic_work_items_acknowledged_total', '5m'))} > 0)`,
        ),
        pagedWithin(q, ['AnthropicWorkNoWorkers'], '20m'),
      ),
      for: '2m',
      keep: '3m',
      summary: `${NAME}: runs do not finish, about ${COUNT_VALUE} lost in 15 minutes`,
      description: `Nearly every run of environment ${WHO} loses its lease and starts over: workers die or hang while they serve. Undo their last change.`,
    }),
    causePaged(q),
    alert('AnthropicWorkLeasesLapsing', 'warning', {
      expr: afterCause(q, on(lapsing, '>', `0.05 * ${acknowledged}`)),
      keep: '2m',
      summary: `${NAME}: about ${counted('run')} lost the lease in 15 minutes`,
      description: `Workers of environment ${WHO} die or hang while they serve, and their items start over. An item that never had a heartbeat and lapses again and again: force-stop it and send its session \`user.interrupt\`.`,
    }),
  ];
}

/** An item older than the limit of its state, at the read that showed it: a failed read must not age items. */
function stuckItems(q: Queries, alert: MakeAlert): readonly Rule[] {
  const limit = by('min', BY_STATE, q.last('anthropic_work_threshold_state_age_seconds'));
  const read = q.last('anthropic_work_last_success_timestamp_seconds', { operation: 'list' });
  // Sums what exists: an unknown skew adds nothing.
  const readAt = by('sum', REPLICA, `\n    ${by('max', `${REPLICA}, operation`, read)}\n    or ${skewOf(q)}\n  `);
  const since = by(
    'min',
    `${REPLICA}, state`,
    q.last('anthropic_work_oldest_item_timestamp_seconds', { state: RUNNING_STATES }),
  );
  const age = by('max', BY_STATE, `\n  ${readAt}\n  - on (${REPLICA}) group_right () ${since}\n`);
  const alerts = RUNNING_STATES.map((state) => {
    // A worker without the SDK's loop leaves its items in stopping: that is normal, and nobody waits for them.
    return alert('AnthropicWorkItemStuck', state === 'stopping' ? 'info' : 'warning', {
      expr: afterCause(q, q.recorded(RECORDED.stuck, { state })),
      // A lease ends after 300 s, two minutes after the limit for a starting item.
      for: state === 'starting' ? '1m' : '2m',
      // An item that lapses and hangs again, every six minutes, is one ticket.
      keep: state === 'starting' ? '6m' : '3m',
      labels: { state },
      summary: `${NAME}: an item has been ${state} for ${DURATION_VALUE}`,
      description: `An item of environment ${WHO} hangs in ${state}. ${CURES[state]}`,
    });
  });
  return [{ record: RECORDED.stuck, expr: `${age}\n> on (${BY_STATE}) ${limit}` }, ...alerts];
}
