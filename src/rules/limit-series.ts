import { by, ENVIRONMENT, or, type Queries, unless } from './queries.ts';
import { RECORDED } from './recorded.ts';
import type { Rule } from './rule.ts';

/** Environments that the API has archived: nobody needs to serve them, and work left in them is a ticket. */
export function archived(q: Queries): string {
  return q.last('anthropic_work_environment_archived_timestamp_seconds');
}

/** Limits of each environment, which change with its configuration alone. Those that most leave as they are cost nothing. */
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
    { record: RECORDED.strict, expr: by('min', ENVIRONMENT, q.recorded(RECORDED.ageThreshold)) },
    { record: RECORDED.ageOff, expr: by('group', ENVIRONMENT, `${q.recorded(RECORDED.strict)} == Inf`) },
    // As delivered, one stale heartbeat is a ticket, and no number of them is a page.
    {
      record: RECORDED.staleLimit,
      expr: or(`${staleLimit('warning')} > 1`, `${staleLimit('critical')} < Inf`),
    },
  ];
}
