import { SEVERITIES } from '../domain/environment.ts';
import type { RunningState } from '../domain/work.ts';
import type { MakeAlert } from './alert.ts';
import { COUNT_VALUE, counted, DURATION_VALUE, NAME, WHO } from './annotation.ts';
import type { Duration } from './durations.ts';
import { and, by, ENVIRONMENT, on, or, type Queries, REPLICA, unless } from './queries.ts';
import { afterCause } from './quiet.ts';
import { RECORDED } from './recorded.ts';
import type { Rule } from './rule.ts';

/** The longest silence that one hung heartbeat explains, as a multiple of that from which a heartbeat is stale. */
const HUNG_AT_MOST = 1.4;

const BY_STATE = `${ENVIRONMENT}, state`;

/** What to do about an item that hangs, by its state. */
const CURES = {
  starting: 'It was acknowledged and never had a heartbeat: force-stop it and send its session `user.interrupt`.',
  active: 'It runs and runs: look at its session, and stop it if nobody needs it.',
  stopping: 'It was asked to stop and its worker did not finish it: force-stop it if its session must go on.',
} as const;

/** Items that workers hold without sending heartbeats: a state that lasts for minutes, until the lease ends. */
export function heartbeatRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const stale = by('max', ENVIRONMENT, q.recorded(RECORDED.stale, { state: 'active' }));
  const limit = (severity: string) => q.recorded(RECORDED.staleLimit, { severity });
  const tooMany = {
    critical: on(stale, '>=', limit('critical')),
    warning: unless(stale, `(${on(stale, '<', limit('warning'))})`),
  };
  const alerts = SEVERITIES.toReversed().map((severity) =>
    alert('AnthropicWorkStaleHeartbeats', severity, {
      expr: afterCause(q, unless(tooMany[severity], q.recorded(RECORDED.onlyHung))),
      // The service grants leases of 300 s, and a heartbeat is stale after 120 s: the state lasts 180 s at most. One
      // hung heartbeat of a Go worker makes a gap of 151 s, which a single read of the list may see.
      for: '90s',
      // A session that kills its worker each time is one ticket: a lease, a run and the silence before the next lapse.
      keep: severity === 'critical' ? '3m' : '8m',
      summary: `${NAME}: ${counted('running item')} without a heartbeat`,
      description: `Workers of environment ${WHO} went silent while they served. Look for workers that died, were paused or lost their network.`,
    }),
  );
  return [{ record: RECORDED.onlyHung, expr: onlyHung(q) }, ...alerts];
}

/**
 * Environments in which some heartbeat is stale for long, and never the same: in a large fleet one hangs all the time. No
 * silence is longer there than a hung heartbeat makes it, which is 151 s for a Go worker.
 */
function onlyHung(q: Queries): string {
  const since = by('min', REPLICA, q.last('anthropic_work_oldest_heartbeat_timestamp_seconds'));
  const silence = by('max', ENVIRONMENT, `${q.recorded(RECORDED.listReadAt)} - on (${REPLICA}) ${since}`);
  const staleAfter = by('min', ENVIRONMENT, q.last('anthropic_work_threshold_stale_heartbeat_seconds'));
  const lasting = `count_over_time(${q.range(q.recorded(RECORDED.stale, { state: 'active' }), '1m')})`;
  return and(on(silence, '<', `(${HUNG_AT_MOST} * ${staleAfter})`), `(${lasting} >= 3)`);
}

/**
 * Leases that end without a stop. A session that wakes up between two reads can look the same, so silence is required
 * too.
 */
export function lapseRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const increased = by('max', ENVIRONMENT, q.increase('anthropic_work_items_lapsed_total', '15m'));
  const lapsing = q.recorded(RECORDED.lapsing);
  const acknowledged = by('max', ENVIRONMENT, q.increase('anthropic_work_items_acknowledged_total', '15m'));
  const stopped = (window: Duration) =>
    by('max', ENVIRONMENT, q.increase('anthropic_work_items_stopped_total', window));
  // Two minutes or more of silence precede the end of a lease. Hung heartbeats among sessions that wake up prove nothing,
  // so there must be 27 s of silence for each lapse, and each of these samples is 30 s of it: lapses at one time share
  // theirs. Where a lease is shorter than the time from which a heartbeat is stale, items that are delivered again and
  // again tell the same.
  const silences = by(
    'max',
    ENVIRONMENT,
    by('sum', REPLICA, `sum_over_time(${q.range(q.recorded(RECORDED.stale), '20m')})`),
  );
  const redelivered = by('max', ENVIRONMENT, q.last('anthropic_work_redelivered_items'));
  const lapses = q.recorded(RECORDED.lapses);
  const silent = or(on(lapses, '<', `(1.1 * ${silences})`), and(lapses, `(${redelivered} > 2)`));
  const lately = `(${by('max', ENVIRONMENT, q.increase('anthropic_work_items_lapsed_total', '5m'))} > 0)`;
  return [
    { record: RECORDED.lapses, expr: `${increased} > 2.5` },
    { record: RECORDED.lapsing, expr: silent },
    {
      // Each lapse stamps the item anew, so nothing ever looks old: only finished runs tell the difference. The same rate
      // lately: once runs finish again, what was lost before is no news.
      record: RECORDED.noneFinishes,
      expr: and(`(${on(lapsing, '>', `4 * ${stopped('15m')}`)})`, `(${on(lapsing, '>', `12 * ${stopped('5m')}`)})`),
    },
    alert('AnthropicWorkLeasesLapsing', 'critical', {
      expr: unless(
        q.recorded(RECORDED.noneFinishes),
        // Somebody still takes items: a fleet that died in the middle of many runs loses all of them once.
        q.recorded(RECORDED.nothingTaken),
        q.paged(['AnthropicWorkNoWorkers'], '20m'),
      ),
      for: '2m',
      keep: '2m',
      summary: `${NAME}: runs do not finish, about ${COUNT_VALUE} lost in 15 minutes`,
      description: `Nearly every run of environment ${WHO} loses its lease and starts over: workers die or hang while they serve. Undo their last change.`,
    }),
    alert('AnthropicWorkLeasesLapsing', 'warning', {
      // The last one a moment ago: what is over is no news.
      expr: afterCause(q, and(`(${on(lapsing, '>', `0.05 * ${acknowledged}`)})`, lately)),
      keep: '4m',
      summary: `${NAME}: about ${counted('run')} lost the lease in 15 minutes`,
      description: `Workers of environment ${WHO} die or hang while they serve, and their items start over. An item that never had a heartbeat and lapses again and again: force-stop it and send its session \`user.interrupt\`.`,
    }),
  ];
}

/** An item that starts is there until its lease ends, two minutes after the limit. */
export function startingRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  return stuckRules(q, alert, RECORDED.stuckStarting, ['starting']);
}

export function runningRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  return stuckRules(q, alert, RECORDED.stuck, ['active', 'stopping']);
}

/** An item older than the limit of its state, at the read that showed it: a failed read must not age items. */
function stuckRules(q: Queries, alert: MakeAlert, record: string, states: readonly RunningState[]): readonly Rule[] {
  const limit = by('min', BY_STATE, q.last('anthropic_work_threshold_state_age_seconds', { state: states }));
  // As it is shown now: what is shown no more has ended, and must not age until two minutes have passed.
  const since = by(
    'min',
    `${REPLICA}, state`,
    q.metric('anthropic_work_oldest_item_timestamp_seconds', { state: states }),
  );
  const age = by('max', BY_STATE, `${q.recorded(RECORDED.listReadAt)} - on (${REPLICA}) group_right () ${since}`);
  const alerts = states.map((state) => {
    // A worker without the SDK's loop leaves its items in stopping: that is normal, and nobody waits for them.
    return alert('AnthropicWorkItemStuck', state === 'stopping' ? 'info' : 'warning', {
      expr: afterCause(q, q.recorded(record, { state })),
      // A lease ends after 300 s, two minutes after the limit for a starting item: one or two evaluations see it.
      ...(state === 'starting' ? {} : { for: '2m' as const }),
      // An item that lapses and hangs again, every six minutes, is one ticket.
      keep: state === 'starting' ? '6m' : '3m',
      labels: { state },
      summary: `${NAME}: an item has been ${state} for ${DURATION_VALUE}`,
      description: `An item of environment ${WHO} hangs in ${state}. ${CURES[state]}`,
    });
  });
  return [{ record, expr: `${age}\n> on (${BY_STATE}) ${limit}` }, ...alerts];
}
