import { type MakeAlert, WHO } from './alert.ts';
import { and, by, CONNECTION, ENVIRONMENT, on, type Queries, unless } from './queries.ts';
import { RECORDED } from './recorded.ts';
import type { Rule } from './rule.ts';

/** Whether the exporter sees what it is told to watch; while it does not, every queue alert is silent. */
export function visibilityRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const info = q.recorded(RECORDED.info);
  const blind = q.recorded(RECORDED.blind);
  const lastSeen = q.recorded(RECORDED.lastSeen);
  const grace = q.recorded(RECORDED.grace);
  const watchedSince = by('min', ENVIRONMENT, q.last('anthropic_work_watched_since_timestamp_seconds'));
  const upList = by('max', ENVIRONMENT, q.over('max', 'anthropic_work_up', '5m', { operation: 'list' }));
  const readBySomebody = by('max', ENVIRONMENT, q.over('max', 'anthropic_work_up', '2m', { operation: 'stats' }));
  return [
    {
      record: RECORDED.info,
      expr: by('max', `${ENVIRONMENT}, connection`, q.last('anthropic_work_environment_info')),
    },
    {
      // Reaches back over a restart, so that a fleet which was read a moment ago is not called blind.
      record: RECORDED.lastSeen,
      expr: by(
        'max',
        ENVIRONMENT,
        q.over('max', 'anthropic_work_last_success_timestamp_seconds', '15m', { operation: 'stats' }),
      ),
    },
    {
      record: RECORDED.grace,
      expr: `clamp_min(5 * ${by('max', ENVIRONMENT, q.last('anthropic_work_poll_interval_seconds', { operation: 'stats' }))}, ${q.seconds(120)})`,
    },
    {
      // Being new to every replica excuses an environment, as long as nobody has read it: a restart or another
      // replica in the middle of an outage must not end the page.
      record: RECORDED.blind,
      expr: unless(
        info,
        `(${on(`(time() - ${lastSeen})`, '<=', grace)})`,
        `(${on(`(time() - ${watchedSince})`, '<=', grace)}\n  unless on (${ENVIRONMENT}) ${lastSeen})`,
      ),
    },
    alert('AnthropicWorkApiUnreachable', 'critical', {
      expr: `(\n  ${by('count', CONNECTION, blind)}\n  / on (${CONNECTION}) ${by('count', CONNECTION, info)}\n  > 0.5\n)\nand on (${CONNECTION}) (${by('count', CONNECTION, blind)} > 1)`,
      // Sooner and longer than the alerts it mutes: else each of them would come through at either end.
      for: '1m',
      keep: '10m',
      description:
        '{{ $value | humanizePercentage }} of the environments of connection {{ $labels.connection }} cannot be read: API, network or shared credential.',
    }),
    alert('AnthropicWorkEnvironmentNotVisible', 'critical', {
      expr: blind,
      for: '2m',
      keep: '5m',
      description: `No successful read of environment ${WHO} for at least five poll intervals: its queue alerts are blind.`,
    }),
    alert('AnthropicWorkItemsNotVisible', 'warning', {
      expr: `${upList} == 0`,
      for: '10m',
      description: `Every read of the item list of environment ${WHO} fails: heartbeat, stuck-item and saturation alerts are off.`,
    }),
    alert('AnthropicWorkListNotConfigured', 'info', {
      expr: `${by('max', ENVIRONMENT, q.last('anthropic_work_list_attempted'))} == 0`,
      for: '15m',
      description: `No credential can read the item list of environment ${WHO}: heartbeat, stuck-item and saturation alerts are off.`,
    }),
    alert('AnthropicWorkItemListTruncated', 'warning', {
      expr: `${by('max', ENVIRONMENT, q.last('anthropic_work_list_truncated'))} > 0`,
      for: '15m',
      description: `The item list of environment ${WHO} exceeds the page limit; item counts are a lower bound.`,
    }),
    alert('AnthropicWorkReplicaBlind', 'warning', {
      expr: by(
        'count',
        'job, instance',
        and(`(${q.over('max', 'anthropic_work_up', '10m', { operation: 'stats' })} == 0)`, `(${readBySomebody} == 1)`),
      ),
      for: '5m',
      description: 'Instance {{ $labels.instance }} fails on {{ $value }} environments that another replica reads.',
    }),
  ];
}
