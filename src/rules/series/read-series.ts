import { and, by, CONNECTION, ENVIRONMENT, PROCESS, type Queries, REPLICA, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';

/** A replica whose last read is this much older than another's is behind: what it shows may be outdated. */
const LAG_SECONDS = 30;

/**
 * The exporter's own time, exported with its stamps. Prometheus' clock may be minutes off, so a process's stamps are
 * compared with nothing else.
 */
export function exporterTime(q: Queries): string {
  return by('max', PROCESS, q.last('anthropic_work_exporter_time_seconds'));
}

/**
 * Seconds since a stamp of the exporter. Under labels that its target no longer has, it shows what was true then. A
 * stamp in the future is from before the clock was set back, and nobody knows how old it is.
 */
function sinceStamp(q: Queries, per: typeof ENVIRONMENT | typeof REPLICA, stamp: string): string {
  return by('min', per, `abs(${exporterTime(q)} - on (${PROCESS}) group_right () ${stamp})`);
}

/** API clock − exporter clock by environment and replica, where they differ by more than a second. */
export function clockSkew(q: Queries): string {
  const known = by('max', `${CONNECTION}, instance`, q.last('anthropic_work_api_clock_skew_seconds'));
  const info = q.last('anthropic_work_environment_info');
  // An environment that just moved to another connection still has the old one: use a maximum, because a join would
  // fail.
  return by('max', REPLICA, `${info} * on (${CONNECTION}, instance) group_left () (${known} > 1 or ${known} < -1)`);
}

/** When the list was read, on the API's clock. */
export function listReadAt(q: Queries): string {
  const reads = q.last('anthropic_work_last_success_timestamp_seconds', { operation: 'list' });
  // One, also while a target has just got another label: two would be added up. The label of the operation keeps it apart
  // from the skew.
  const read = by('max', `${REPLICA}, operation`, reads);
  // Sums what exists: clocks that agree add nothing, and where there is only a skew, nothing is compared with it.
  return by('sum', REPLICA, `\n  ${read}\n  or ${q.recorded(RECORDED.clockSkew)}\n`);
}

/** The list was read to its end within two minutes, by a replica that is not behind, so what it shows counts. */
function freshList(q: Queries): string {
  const read = q.last('anthropic_work_last_success_timestamp_seconds', { operation: 'list' });
  const truncated = q.last('anthropic_work_list_truncated');
  const current = `(${read} unless on (${REPLICA}) ${q.recorded(RECORDED.lagging)})`;
  return unless(`${sinceStamp(q, ENVIRONMENT, current)} < ${q.seconds(120)}`, `(${truncated} > 0)`);
}

/** How long the oldest item has waited that the list shows as waiting, as long as the list is fresh. */
export function listedWait(q: Queries): string {
  const since = by('min', REPLICA, q.last('anthropic_work_oldest_item_timestamp_seconds', { state: 'queued' }));
  const waits = `(${q.last('anthropic_work_items', { state: 'queued' })} > 0)`;
  const age = `${q.recorded(RECORDED.listReadAt)} - on (${REPLICA}) (${since} and on (${REPLICA}) ${waits})`;
  return and(by('max', ENVIRONMENT, age), q.recorded(RECORDED.listFresh));
}

/** What waits by the list alone, for environments whose stats are not read; and how many environments are read. */
export function slowReadSeries(q: Queries): readonly Rule[] {
  const queued = unless(q.last('anthropic_work_items', { state: 'queued' }), q.last('anthropic_work_queue_depth'));
  // Absent if no key can read them.
  const interval = q.last('anthropic_work_poll_interval_seconds', { operation: 'stats' });
  return [
    { record: RECORDED.listedWaiting, expr: by('max', ENVIRONMENT, by('sum', REPLICA, queued)) },
    {
      record: RECORDED.environmentsRead,
      expr: by('count', CONNECTION, and(q.recorded(RECORDED.environmentInfo), interval)),
    },
  ];
}

/** What was read of each environment, by which replica, and when. */
export function readSeries(q: Queries): readonly Rule[] {
  const statsAge = q.recorded(RECORDED.statsAge);
  return [
    {
      record: RECORDED.environmentInfo,
      expr: by('group', `${ENVIRONMENT}, connection`, q.last('anthropic_work_environment_info')),
    },
    {
      // Looks back past a restart, so that a fleet that was read a moment ago does not count as unreadable.
      record: RECORDED.statsAge,
      expr: sinceStamp(
        q,
        REPLICA,
        q.over('last', 'anthropic_work_last_success_timestamp_seconds', '15m', { operation: 'stats' }),
      ),
    },
    {
      record: RECORDED.lagging,
      expr: `${statsAge}\n> on (${ENVIRONMENT}) group_left () (${by('min', ENVIRONMENT, statsAge)} + ${q.seconds(LAG_SECONDS)})`,
    },
    {
      record: RECORDED.readFailed,
      expr: `${by('max', `${ENVIRONMENT}, operation`, q.last('anthropic_work_up'))} == 0`,
    },
    { record: RECORDED.listFresh, expr: freshList(q) },
    {
      // If the API does not say since when work waits, the list does.
      record: RECORDED.listedAge,
      expr: unless(listedWait(q), q.last('anthropic_work_queue_oldest_age_seconds')),
    },
  ];
}
