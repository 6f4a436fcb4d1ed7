import { by, ENVIRONMENT, or, type Queries, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';

/**
 * The longest silence that one hung heartbeat explains, as a multiple of the time after which a heartbeat is stale, and
 * in seconds: 151 s for a Go worker.
 */
const HUNG_PER_STALE = 1.4;
export const HUNG_SECONDS = 168;

/** Environments that the API has archived: nobody needs to serve them, and work left in them is a ticket. */
export function archived(q: Queries): string {
  return q.last('anthropic_work_environment_archived_timestamp_seconds');
}

/**
 * Limits of each environment, which change with its configuration alone. One that most environments leave at its
 * default is recorded only where it differs.
 */
export function limitSeries(q: Queries): readonly Rule[] {
  const staleLimit = (severity: string) =>
    by('min', `${ENVIRONMENT}, severity`, q.last('anthropic_work_threshold_stale_heartbeat_items', { severity }));
  return [
    {
      // Two replicas may briefly run two configurations: the stricter number counts. Without a threshold no wait is too
      // long, as is right for an archived environment.
      record: RECORDED.ageThreshold,
      expr: unless(
        by('min', `${ENVIRONMENT}, severity`, q.last('anthropic_work_threshold_queue_age_seconds')),
        archived(q),
      ),
    },
    { record: RECORDED.strictAgeThreshold, expr: by('min', ENVIRONMENT, q.recorded(RECORDED.ageThreshold)) },
    // No wait is too long here.
    {
      record: RECORDED.ageThresholdOff,
      expr: by('group', ENVIRONMENT, `${q.recorded(RECORDED.strictAgeThreshold)} == Inf or ${archived(q)}`),
    },
    // As delivered, one stale heartbeat is a ticket, and no number of them is a page.
    {
      record: RECORDED.staleLimit,
      expr: or(`${staleLimit('warning')} > 1`, `${staleLimit('critical')} < Inf`),
    },
  ];
}

/**
 * The longest silence that a hung heartbeat explains, where it is shorter than usual because heartbeats are stale
 * sooner.
 */
export function hungHeartbeatThresholdSeries(q: Queries): Rule {
  const staleAfter = by('min', ENVIRONMENT, q.last('anthropic_work_threshold_stale_heartbeat_seconds'));
  return {
    record: RECORDED.hungHeartbeatThreshold,
    expr: `${HUNG_PER_STALE} * ${staleAfter} < ${q.seconds(HUNG_SECONDS)}`,
  };
}
