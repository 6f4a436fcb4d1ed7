import { SEVERITIES } from '../../domain/environment.ts';
import type { MakeAlert } from '../parts/alert.ts';
import { COUNT_VALUE, counted, NAME, WHO } from '../parts/annotation.ts';
import type { Duration } from '../parts/durations.ts';
import { and, by, ENVIRONMENT, on, or, type Queries, REPLICA, unless } from '../parts/queries.ts';
import { afterCause, heldWhileUnwatched } from '../parts/quiet.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { HUNG_SECONDS } from '../series/limit-series.ts';

/**
 * Lapses in a quarter of an hour: three are an alert, and two keep a page firing. `increase` makes them a little more.
 */
const MANY_LAPSES = 2.5;
const SOME_LAPSES = 1.5;

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
      // A session that kills its worker each time is one ticket: this spans a lease, a run and the silence before the
      // next lapse.
      keep: severity === 'critical' ? '3m' : '8m',
      summary: `${NAME}: ${counted('running item')} without a heartbeat`,
      description: `Workers of environment ${WHO} went silent while they served. Look for workers that died, were paused or lost their network.`,
    }),
  );
  return [...hungSeries(q), ...alerts];
}

/** Which silence a hung heartbeat explains. These series exist only while some heartbeat is stale. */
function hungSeries(q: Queries): readonly Rule[] {
  const since = by('min', REPLICA, q.last('anthropic_work_oldest_heartbeat_timestamp_seconds'));
  const silence = by('max', ENVIRONMENT, `${q.recorded(RECORDED.listReadAt)} - on (${REPLICA}) ${since}`);
  const stale = q.recorded(RECORDED.stale, { state: 'active' });
  // Few environments have a limit of their own, and few have something stale.
  const usual = `${q.seconds(HUNG_SECONDS)} * ${by('group', ENVIRONMENT, stale)}`;
  const atMost = `(${q.recorded(RECORDED.hungAtMost)}\nor on (${ENVIRONMENT}) ${usual})`;
  return [
    { record: RECORDED.hung, expr: and(`(${on(silence, '<', atMost)})`, stale) },
    {
      // In a large fleet one hangs at any time: some heartbeat is always stale, but never the same one for long.
      record: RECORDED.onlyHung,
      expr: and(q.recorded(RECORDED.hung), `(count_over_time(${q.range(stale, '1m')}) >= 3)`),
    },
    {
      record: RECORDED.silent,
      expr: `${q.recorded(RECORDED.stale, { state: { not: 'active' } })}\nor (${unless(stale, q.recorded(RECORDED.hung))})`,
    },
  ];
}

/**
 * Leases that end without a stop. A session that wakes up between two reads can look the same, so silence is required
 * too.
 */
export function lapseRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const increased = by('max', ENVIRONMENT, q.increase('anthropic_work_items_lapsed_total', '15m'));
  const lapsing = q.recorded(RECORDED.lapsing);
  const nothingTaken = q.recorded(RECORDED.nothingTaken);
  const acknowledged = by('max', ENVIRONMENT, q.increase('anthropic_work_items_acknowledged_total', '15m'));
  const stopped = (window: Duration) =>
    by('max', ENVIRONMENT, q.increase('anthropic_work_items_stopped_total', window));
  // Two minutes or more of a silence that no hung heartbeat explains precede the end of a lease. A single lapse among
  // sessions that wake up proves nothing, so there must be 27 s of such silence for each lapse; each of these samples
  // is 30 s of it, and lapses at the same time share theirs. Where a lease ends before a heartbeat counts as stale,
  // items that are delivered again and again show the same.
  const silences = by(
    'max',
    ENVIRONMENT,
    by('sum', REPLICA, `sum_over_time(${q.range(q.recorded(RECORDED.silent), '20m')})`),
  );
  const redelivered = by('max', ENVIRONMENT, q.last('anthropic_work_redelivered_items'));
  const lapses = q.recorded(RECORDED.lapses);
  const silent = or(on(lapses, '<', `(1.1 * ${silences})`), and(lapses, `(${redelivered} > 2)`));
  return [
    { record: RECORDED.lapses, expr: `${increased} > ${SOME_LAPSES}` },
    {
      record: RECORDED.lapsedNow,
      expr: `${by('max', ENVIRONMENT, q.increase('anthropic_work_items_lapsed_total', '5m'))} > 0`,
    },
    // In a fleet that lost its runs once and is back, more runs finish.
    { record: RECORDED.losing, expr: on(q.recorded(RECORDED.lapsedNow), '>', stopped('5m')) },
    { record: RECORDED.lapsing, expr: silent },
    {
      // Each lapse stamps the item anew, so nothing ever looks old: only finished runs tell the difference. The same
      // must hold lately: once runs finish again, what was lost before is no news.
      record: RECORDED.noneFinishes,
      expr: and(`(${on(lapsing, '>', `4 * ${stopped('15m')}`)})`, `(${on(lapsing, '>', `12 * ${stopped('5m')}`)})`),
    },
    alert('AnthropicWorkLeasesLapsing', 'critical', {
      expr: unless(
        `(${or(
          // Somebody still takes items, and goes on losing them: a fleet that died in the middle of many runs loses all of
          // them once.
          unless(
            and(`(${q.recorded(RECORDED.noneFinishes)} > ${MANY_LAPSES})`, q.recorded(RECORDED.lapsedNow)),
            nothingTaken,
          ),
          // A single worker loses two or three runs in a quarter of an hour, and may take none for five minutes.
          unless(
            and(q.recorded(RECORDED.noneFinishes), q.firing('AnthropicWorkLeasesLapsing')),
            `(${and(nothingTaken, `${nothingTaken} offset ${q.duration('3m')}`)})`,
          ),
          // Only the list shows whether runs finish again, and only after some minutes.
          and(
            `(${by('group', ENVIRONMENT, q.firing('AnthropicWorkLeasesLapsing'))})`,
            `last_over_time(${q.range(q.recorded(RECORDED.readFails, { operation: 'list' }), '5m')})`,
          ),
          heldWhileUnwatched(q, 'AnthropicWorkLeasesLapsing', ENVIRONMENT),
        )})`,
        q.paged(['AnthropicWorkNoWorkers'], '20m'),
      ),
      for: '2m',
      keep: '2m',
      summary: `${NAME}: runs do not finish{{ if gt $value 1.0 }}, about ${COUNT_VALUE} lost in 15 minutes{{ end }}`,
      description: `Nearly every run of environment ${WHO} loses its lease and starts over: workers die or hang while they serve.{{ if gt $value 1.0 }}{{ else }} Nobody can see now whether runs finish, so this may be over.{{ end }} Undo their last change.`,
    }),
    alert('AnthropicWorkLeasesLapsing', 'warning', {
      // The last lapse must be recent: what is over is no news.
      expr: afterCause(
        q,
        and(`(${on(`(${lapsing} > ${MANY_LAPSES})`, '>', `0.05 * ${acknowledged}`)})`, q.recorded(RECORDED.lapsedNow)),
      ),
      // A fleet that dies loses its leases just before its page is due.
      for: '1m',
      keep: '4m',
      summary: `${NAME}: about ${counted('run')} lost the lease in 15 minutes`,
      description: `Workers of environment ${WHO} die or hang while they serve, and their items start over. An item that never had a heartbeat and lapses again and again: force-stop it and send its session \`user.interrupt\`.`,
    }),
  ];
}
