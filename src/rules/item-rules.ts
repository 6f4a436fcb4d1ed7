import { SEVERITIES } from '../domain/environment.ts';
import { type MakeAlert, WHO } from './alert.ts';
import { by, CONNECTION, ENVIRONMENT, on, type Queries } from './queries.ts';
import { RECORDED } from './recorded.ts';
import type { Rule } from './rule.ts';

const BY_STATE = `${ENVIRONMENT}, state`;
const REPLICA = `${ENVIRONMENT}, instance`;
const CLOCK = `${CONNECTION}, instance`;

/** Items in the hands of workers: whether they still heartbeat, lapse or hang. */
export function itemRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const staleActive = by('max', ENVIRONMENT, q.last('anthropic_work_stale_heartbeat_items', { state: 'active' }));
  const lapsed = by('max', ENVIRONMENT, q.increase('anthropic_work_items_lapsed_total', '15m'));
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
      expr: `(\n  ${by('max', ENVIRONMENT, listRead(q))}\n  - on (${ENVIRONMENT}) group_right () ${since}\n)\n> on (${BY_STATE}) ${limit}`,
      for: '2m',
      keep: '5m',
      description: `An item of environment ${WHO} has been {{ $labels.state }} for {{ $value | humanizeDuration }}.`,
    }),
  ];
}

/**
 * When each replica last read the list, on the API's clock, which the stamps of items are of. An item is judged as of
 * the read that saw it: an exporter that does not read must not make items older.
 */
function listRead(q: Queries): string {
  const success = q.last('anthropic_work_last_success_timestamp_seconds', { operation: 'list' });
  const info = q.last('anthropic_work_environment_info');
  const skew = by('max', CLOCK, q.last('anthropic_work_api_clock_skew_seconds'));
  // An environment that just went to another connection still has the one before: a maximum, where a join would fail.
  const ahead = by('max', REPLICA, `${info} * on (${CLOCK}) group_left () ${skew}`);
  // A sum of what there is: an unknown skew adds nothing.
  return by('sum', REPLICA, `\n    ${by('max', `${REPLICA}, operation`, success)}\n    or ${ahead}\n  `);
}
