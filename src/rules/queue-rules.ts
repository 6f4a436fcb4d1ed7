import { SEVERITIES } from '../domain/environment.ts';
import { type MakeAlert, WHO } from './alert.ts';
import { and, by, ENVIRONMENT, on, type Queries, unless } from './queries.ts';
import { RECORDED } from './recorded.ts';
import type { Rule } from './rule.ts';

const BY_SEVERITY = `${ENVIRONMENT}, severity`;

/** What waits, compared with the numbers of its own environment. */
export function queueRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const age = q.recorded(RECORDED.age);
  const depth = q.recorded(RECORDED.depth);
  const ageLimit = (severity: string) => q.recorded(RECORDED.ageThreshold, { severity });
  const depthLimit = (severity: string) => q.recorded(RECORDED.depthThreshold, { severity });
  return [
    { record: RECORDED.depth, expr: by('max', ENVIRONMENT, q.last('anthropic_work_queue_depth')) },
    { record: RECORDED.age, expr: by('max', ENVIRONMENT, q.last('anthropic_work_queue_oldest_age_seconds')) },
    {
      // Two replicas may run two configurations for a moment: the stricter number counts.
      record: RECORDED.ageThreshold,
      expr: by('min', BY_SEVERITY, q.last('anthropic_work_threshold_queue_age_seconds')),
    },
    { record: RECORDED.depthThreshold, expr: by('min', BY_SEVERITY, q.last('anthropic_work_threshold_queue_depth')) },
    ...SEVERITIES.toReversed().map((severity) =>
      alert('AnthropicWorkOldestItemTooOld', severity, {
        expr: on(age, '>', ageLimit(severity)),
        for: severity === 'critical' ? '2m' : '5m',
        keep: '5m',
        description: `The oldest item of environment ${WHO} has waited {{ $value | humanizeDuration }}.`,
      }),
    ),
    alert('AnthropicWorkPendingStuck', 'warning', {
      // In a busy queue some item is always between claim and acknowledgement. It is stuck when it is old, and when
      // nothing at all gets acknowledged; where the list is not read, age alone has to do.
      expr: unless(
        and(
          `(${by('max', ENVIRONMENT, q.over('min', 'anthropic_work_queue_pending', '5m'))} > 0)`,
          `(${age} > ${q.seconds(60)})`,
        ),
        `(${by('max', ENVIRONMENT, q.increase('anthropic_work_items_acknowledged_total', '5m'))} > 0)`,
      ),
      for: '5m',
      keep: '5m',
      description: `At least {{ $value }} items of environment ${WHO} have been claimed but unacknowledged for 5 minutes.`,
    }),
    alert('AnthropicWorkHeadOfLineBlocked', 'warning', {
      expr: and(
        `(${age} > ${q.seconds(900)})`,
        `(${on(age, '>', ageLimit('warning'))})`,
        `(${by('max', ENVIRONMENT, q.changes('anthropic_work_queue_oldest_timestamp_seconds', '15m'))} == 0)`,
        `(${by('min', ENVIRONMENT, q.over('min', 'anthropic_work_workers_polling', '15m'))} > 0)`,
      ),
      for: '5m',
      keep: '5m',
      description: `The oldest item of environment ${WHO} has waited {{ $value | humanizeDuration }} and has been the same for 15 minutes, although workers poll.`,
    }),
    ...SEVERITIES.toReversed().map((severity) =>
      alert('AnthropicWorkDepthHigh', severity, {
        expr: on(depth, '>', depthLimit(severity)),
        for: '15m',
        keep: '5m',
        description: `{{ $value }} items wait in environment ${WHO}.`,
      }),
    ),
    alert('AnthropicWorkBacklogGrowing', 'warning', {
      expr: and(
        `(deriv(${q.range(depth, '30m')}) > 0)`,
        `(${on(depth, '>', `(${depthLimit('warning')} / 2)`)})`,
        `(${depth} > ${depth} offset ${q.duration('30m')})`,
      ),
      for: '15m',
      description: `The backlog of environment ${WHO} grows by {{ $value | humanize }} items a second.`,
    }),
  ];
}
