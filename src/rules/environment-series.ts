import { RUNNING_STATES } from '../domain/work.ts';
import { and, by, CONNECTION, ENVIRONMENT, on, PROCESS, type Queries, REPLICA, unless } from './queries.ts';
import { RECORDED } from './recorded.ts';
import type { Rule } from './rule.ts';

/** A replica whose last read is this much older than another's is behind: what it shows may be outdated. */
const LAG_SECONDS = 30;

/**
 * The exporter's own time, exported with its stamps. Prometheus' clock may be minutes off, so a process's stamps are
 * compared with nothing else.
 */
export function exporterTime(q: Queries): string {
  return by('max', PROCESS, q.last('anthropic_work_exporter_time_seconds'));
}

/** Seconds since a stamp of the exporter; under the labels that the target had before it says what was then. */
function sinceStamp(q: Queries, per: typeof ENVIRONMENT | typeof REPLICA, stamp: string): string {
  return by('min', per, `${exporterTime(q)} - on (${PROCESS}) group_right () ${stamp}`);
}

/** API clock − exporter clock by environment and replica; absent where it is unknown. */
export function skewOf(q: Queries): string {
  const skew = by('max', `${CONNECTION}, instance`, q.last('anthropic_work_api_clock_skew_seconds'));
  const info = q.last('anthropic_work_environment_info');
  // An environment that just moved to another connection still has the old one: use a maximum, because a join would
  // fail.
  return by('max', REPLICA, `${info} * on (${CONNECTION}, instance) group_left () ${skew}`);
}

/** When the list was read, on the API's clock. */
function listReadAt(q: Queries): string {
  const read = q.last('anthropic_work_last_success_timestamp_seconds', { operation: 'list' });
  // Sums what exists: an unknown skew adds nothing, and a skew alone is no read.
  const readAt = by('sum', REPLICA, `\n    ${by('max', `${REPLICA}, operation`, read)}\n    or ${skewOf(q)}\n  `);
  return `${readAt}\nand on (${REPLICA}) ${read}`;
}

/** The list was read within two minutes, and to its end. */
function freshList(q: Queries): string {
  const read = q.last('anthropic_work_last_success_timestamp_seconds', { operation: 'list' });
  const cut = q.last('anthropic_work_list_truncated');
  return unless(`${sinceStamp(q, ENVIRONMENT, read)} < ${q.seconds(120)}`, `(${cut} > 0)`);
}

/** Environments that the API has archived: nobody needs to serve them, and work left in them is a ticket. */
export function archived(q: Queries): string {
  return q.last('anthropic_work_environment_archived_timestamp_seconds');
}

/** The series that every rule about an environment uses: what waits, since when, who works. */
export function environmentSeries(q: Queries): readonly Rule[] {
  const lagging = q.recorded(RECORDED.lagging);
  const current = (expr: string) => by('max', ENVIRONMENT, `${expr} unless on (${REPLICA}) ${lagging}`);
  const statsAge = q.recorded(RECORDED.statsAge);
  const queued = by('max', ENVIRONMENT, by('sum', REPLICA, q.last('anthropic_work_items', { state: 'queued' })));
  const running = q.last('anthropic_work_items', { state: RUNNING_STATES });
  return [
    {
      record: RECORDED.info,
      expr: by('group', `${ENVIRONMENT}, connection`, q.last('anthropic_work_environment_info')),
    },
    {
      // Looks back past a restart, so that a fleet that was read a moment ago does not count as unreadable.
      record: RECORDED.statsAge,
      expr: sinceStamp(
        q,
        REPLICA,
        q.over('max', 'anthropic_work_last_success_timestamp_seconds', '15m', { operation: 'stats' }),
      ),
    },
    {
      record: RECORDED.lagging,
      expr: `${statsAge}\n> on (${ENVIRONMENT}) group_left () (${by('min', ENVIRONMENT, statsAge)} + ${q.seconds(LAG_SECONDS)})`,
    },
    {
      record: RECORDED.waiting,
      expr: `${on(current(q.last('anthropic_work_queue_depth')), '+', current(q.last('anthropic_work_queue_pending')))}\nor on (${ENVIRONMENT}) ${queued}`,
    },
    { record: RECORDED.listFresh, expr: freshList(q) },
    { record: RECORDED.listReadAt, expr: listReadAt(q) },
    {
      record: RECORDED.age,
      expr: `${current(q.last('anthropic_work_queue_oldest_age_seconds'))}\nor on (${ENVIRONMENT}) ${listedAge(q)}`,
    },
    {
      // Two replicas may briefly run two configurations: the stricter number counts. Without a threshold no wait is too
      // long, as is right for an archived environment.
      record: RECORDED.ageThreshold,
      expr: unless(
        by('min', `${ENVIRONMENT}, severity`, q.last('anthropic_work_threshold_queue_age_seconds')),
        archived(q),
      ),
    },
    { record: RECORDED.strict, expr: by('min', ENVIRONMENT, q.recorded(RECORDED.ageThreshold)) },
    // A worker in backoff drops out of the API's window of 30 s although it is alive; two minutes bridge that.
    { record: RECORDED.polling, expr: current(q.over('max', 'anthropic_work_workers_polling', '2m')) },
    { record: RECORDED.nobodyPolls, expr: `${q.recorded(RECORDED.polling)} == 0` },
    {
      record: RECORDED.stale,
      expr: `${by('max', `${REPLICA}, state`, q.last('anthropic_work_stale_heartbeat_items'))} > 0`,
    },
    {
      // Subtracted within one replica, which read both numbers at once; the difference of two reads can be anything.
      record: RECORDED.live,
      expr: current(by('sum', REPLICA, `\n  ${running}\n  or -1 * ${q.recorded(RECORDED.stale)}\n`)),
    },
  ];
}

/** If the API does not say since when work waits, the list does, as long as it is fresh and shows waiting items. */
function listedAge(q: Queries): string {
  const since = by('min', REPLICA, q.last('anthropic_work_oldest_item_timestamp_seconds', { state: 'queued' }));
  const waits = `(${q.last('anthropic_work_items', { state: 'queued' })} > 0)`;
  const age = `${q.recorded(RECORDED.listReadAt)} - on (${REPLICA}) (${since} and on (${REPLICA}) ${waits})`;
  return and(by('max', ENVIRONMENT, age), q.recorded(RECORDED.listFresh));
}
