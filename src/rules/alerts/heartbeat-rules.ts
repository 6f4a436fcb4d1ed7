import { SEVERITIES } from '../../domain/environment.ts';
import type { MakeAlert } from '../parts/alert.ts';
import { counted, ENVIRONMENT_NAME, NAME_AND_ID } from '../parts/annotation.ts';
import { unlessCausePaged } from '../parts/cause-pages.ts';
import { and, by, ENVIRONMENT, on, type Queries, REPLICA, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { HUNG_SECONDS } from '../series/limit-series.ts';

/** Items that workers hold without sending heartbeats: a state that lasts for minutes, until the lease ends. */
export function heartbeatRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const stale = by('max', ENVIRONMENT, q.recorded(RECORDED.staleHeartbeats, { state: 'active' }));
  const limit = (severity: string) => q.recorded(RECORDED.staleLimit, { severity });
  const tooMany = {
    critical: on(stale, '>=', limit('critical')),
    warning: unless(stale, `(${on(stale, '<', limit('warning'))})`),
  };
  const alerts = SEVERITIES.toReversed().map((severity) =>
    alert('AnthropicWorkStaleHeartbeats', severity, {
      expr: unlessCausePaged(q, unless(tooMany[severity], q.recorded(RECORDED.heartbeatsOnlyHung))),
      // The service grants leases of 300 s, and a heartbeat is stale after 120 s: the state lasts 180 s at most. One
      // hung heartbeat of a Go worker makes a gap of 151 s, which a single read of the list may see.
      for: '90s',
      // A session that kills its worker each time is one ticket: this spans a lease, a run and the silence before the
      // next lapse.
      keepFiringFor: severity === 'critical' ? '3m' : '8m',
      summary: `${ENVIRONMENT_NAME}: ${counted('running item')} without a heartbeat`,
      description: `Workers of environment ${NAME_AND_ID} went silent while they served. Look for workers that died, were paused or lost their network.`,
    }),
  );
  return [...hungSeries(q), ...alerts];
}

/** Which silence a hung heartbeat explains. These series exist only while some heartbeat is stale. */
function hungSeries(q: Queries): readonly Rule[] {
  const since = by('min', REPLICA, q.last('anthropic_work_oldest_heartbeat_timestamp_seconds'));
  const silence = by('max', ENVIRONMENT, `${q.recorded(RECORDED.listReadAt)} - on (${REPLICA}) ${since}`);
  const stale = q.recorded(RECORDED.staleHeartbeats, { state: 'active' });
  // Few environments have a limit of their own, and few have something stale.
  const usualThreshold = `${q.seconds(HUNG_SECONDS)} * ${by('group', ENVIRONMENT, stale)}`;
  const hungThreshold = `(${q.recorded(RECORDED.hungHeartbeatThreshold)}\nor on (${ENVIRONMENT}) ${usualThreshold})`;
  return [
    { record: RECORDED.heartbeatsHung, expr: and(`(${on(silence, '<', hungThreshold)})`, stale) },
    {
      // In a large fleet one hangs at any time: some heartbeat is always stale, but never the same one for long.
      record: RECORDED.heartbeatsOnlyHung,
      expr: and(q.recorded(RECORDED.heartbeatsHung), `(count_over_time(${q.range(stale, '1m')}) >= 3)`),
    },
    {
      record: RECORDED.silentItems,
      expr: `${q.recorded(RECORDED.staleHeartbeats, { state: { not: 'active' } })}\nor (${unless(stale, q.recorded(RECORDED.heartbeatsHung))})`,
    },
  ];
}
