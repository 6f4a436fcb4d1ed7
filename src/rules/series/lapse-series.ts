import type { Duration } from '../parts/durations.ts';
import { and, by, ENVIRONMENT, on, or, type Queries, REPLICA } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';

/**
 * Lapses in a quarter of an hour: three are an alert, and two keep a page firing. `increase` makes them a little more.
 */
export const MANY_LAPSES = 2.5;
const SOME_LAPSES = 1.5;

/** Leases that ended without a stop, and whether something confirms that they did. */
export function lapseSeries(q: Queries): readonly Rule[] {
  const lapsed = by('max', ENVIRONMENT, q.increase('anthropic_work_items_lapsed_total', '15m'));
  // Two minutes or more of a silence that no hung heartbeat explains precede the end of a lease. A single lapse among
  // sessions that wake up proves nothing, so there must be 27 s of such silence for each lapse; each of these samples
  // is 30 s of it, and lapses at the same time share theirs. Where a lease ends before a heartbeat counts as stale,
  // items that are delivered again and again show the same.
  const silences = by(
    'max',
    ENVIRONMENT,
    by('sum', REPLICA, `sum_over_time(${q.range(q.recorded(RECORDED.silentItems), '20m')})`),
  );
  const redelivered = by('max', ENVIRONMENT, q.last('anthropic_work_redelivered_items'));
  const lapsed15m = q.recorded(RECORDED.lapsed15m);
  const confirmed = or(on(lapsed15m, '<', `(1.1 * ${silences})`), and(lapsed15m, `(${redelivered} > 2)`));
  return [
    { record: RECORDED.lapsed15m, expr: `${lapsed} > ${SOME_LAPSES}` },
    {
      record: RECORDED.lapsed5m,
      expr: `${by('max', ENVIRONMENT, q.increase('anthropic_work_items_lapsed_total', '5m'))} > 0`,
    },
    // In a fleet that lost its runs once and is back, more runs finish.
    { record: RECORDED.losingRuns, expr: on(q.recorded(RECORDED.lapsed5m), '>', stopped(q, '5m')) },
    { record: RECORDED.leasesLapsing, expr: confirmed },
  ];
}

/**
 * Environments that lose many times more runs than finish. Recorded as often as its page: of two Prometheus servers, whose
 * scrapes differ by seconds, one would otherwise see minutes later than the other that runs finish again, and its page would
 * be sent anew.
 */
export function noneFinishesSeries(q: Queries): Rule {
  const leasesLapsing = q.recorded(RECORDED.leasesLapsing);
  return {
    record: RECORDED.noneFinishes,
    // Each lapse stamps the item anew, so nothing ever looks old: only finished runs tell the difference. The same must
    // hold lately: once runs finish again, what was lost before is no news.
    expr: and(
      `(${on(leasesLapsing, '>', `4 * ${stopped(q, '15m')}`)})`,
      `(${on(leasesLapsing, '>', `12 * ${stopped(q, '5m')}`)})`,
    ),
  };
}

function stopped(q: Queries, window: Duration): string {
  return by('max', ENVIRONMENT, q.increase('anthropic_work_items_stopped_total', window));
}
