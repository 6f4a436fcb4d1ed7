import { SEVERITIES } from '../domain/environment.ts';
import { type MakeAlert, WHO } from './alert.ts';
import { by, ENVIRONMENT, on, type Queries } from './queries.ts';
import { RECORDED } from './recorded.ts';
import type { Rule } from './rule.ts';

const BY_STATE = `${ENVIRONMENT}, state`;

/** Items in the hands of workers: whether they still beat, lapse or hang. */
export function itemRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const staleActive = by('max', ENVIRONMENT, q.last('anthropic_work_stale_heartbeat_items', { state: 'active' }));
  const lapsed = by('max', ENVIRONMENT, q.increase('anthropic_work_items_lapsed_total', '15m'));
  // Judged as of the read that saw the item: an exporter that does not read must not make items older.
  const listRead = by(
    'max',
    ENVIRONMENT,
    q.last('anthropic_work_last_success_timestamp_seconds', { operation: 'list' }),
  );
  const since = by('min', BY_STATE, q.last('anthropic_work_oldest_item_timestamp_seconds'));
  const limit = by('min', BY_STATE, q.last('anthropic_work_threshold_state_age_seconds'));
  return [
    {
      record: RECORDED.staleThreshold,
      expr: by('min', `${ENVIRONMENT}, severity`, q.last('anthropic_work_threshold_stale_heartbeat_items')),
    },
    ...SEVERITIES.toReversed().map((severity) =>
      alert('AnthropicWorkStaleHeartbeats', severity, {
        expr: on(staleActive, '>=', q.recorded(RECORDED.staleThreshold, { severity })),
        // The service grants leases of 300 s and 120 s make a heartbeat stale: the state lasts 180 s at most.
        for: '1m',
        keep: '5m',
        description: `{{ $value }} running items of environment ${WHO} have stale heartbeats.`,
      }),
    ),
    alert('AnthropicWorkLeasesLapsing', 'warning', {
      expr: `${lapsed} > 0`,
      description: `About {{ $value | humanize }} running items of environment ${WHO} lost their lease in 15 minutes: workers die or hang.`,
    }),
    alert('AnthropicWorkItemStuck', 'warning', {
      expr: `(\n  ${listRead}\n  - on (${ENVIRONMENT}) group_right () ${since}\n)\n> on (${BY_STATE}) ${limit}`,
      for: '2m',
      keep: '5m',
      description: `An item of environment ${WHO} has been {{ $labels.state }} for {{ $value | humanizeDuration }}.`,
    }),
  ];
}
