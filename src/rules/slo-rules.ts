import { type MakeAlert, WHO } from './alert.ts';
import type { Duration } from './durations.ts';
import { and, by, ENVIRONMENT, on, type Queries } from './queries.ts';
import { RECORDED } from './recorded.ts';
import type { AlertSeverity, Rule } from './rule.ts';

interface BurnWindow {
  readonly long: Duration;
  readonly short: Duration;
  /** How many times faster than allowed the budget is spent: the SRE workbook's factors for a 30-day budget. */
  readonly factor: number;
  readonly for: Duration;
  readonly severity: AlertSeverity;
  /** A quarter of the long window at one sample in 30 s: the first samples after a start are no trend. */
  readonly samples: number;
}

const BURN_WINDOWS: readonly BurnWindow[] = [
  { long: '1h', short: '5m', factor: 14.4, for: '2m', severity: 'critical', samples: 30 },
  { long: '6h', short: '30m', factor: 6, for: '15m', severity: 'critical', samples: 180 },
  { long: '1d', short: '2h', factor: 3, for: '1h', severity: 'warning', samples: 720 },
  { long: '3d', short: '6h', factor: 1, for: '3h', severity: 'warning', samples: 2160 },
];

/**
 * The share of time in which the oldest item had waited longer than promised. Time and not items, because a queue that
 * nobody serves has no events to count; absent while the queue cannot be seen, which is not the fault of the queue.
 */
export function sloRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const ok = q.recorded(RECORDED.waitOk);
  const windows = [...new Set(BURN_WINDOWS.flatMap(({ long, short }) => [short, long]))];
  const bad = (window: Duration) => q.recorded(`${RECORDED.waitBad}${window}`);
  return [
    {
      record: RECORDED.waitOk,
      expr: on(
        by('max', ENVIRONMENT, q.last('anthropic_work_queue_oldest_age_seconds')),
        '<= bool',
        by('max', ENVIRONMENT, q.last('anthropic_work_slo_queue_wait_target_seconds')),
      ),
    },
    {
      record: RECORDED.allowedBad,
      expr: `1 - ${by('max', ENVIRONMENT, q.last('anthropic_work_slo_objective_ratio'))}`,
    },
    ...windows.map((window) => ({
      record: `${RECORDED.waitBad}${window}`,
      expr: `1 - avg_over_time(${q.range(ok, window)})`,
    })),
    ...BURN_WINDOWS.map(({ long, short, factor, for: patience, severity, samples }) => {
      const limit = `(${factor} * ${q.recorded(RECORDED.allowedBad)})`;
      return alert('AnthropicWorkWaitBudgetBurn', severity, {
        expr: and(
          `(${on(bad(long), '>', limit)})`,
          `(${on(bad(short), '>', limit)})`,
          `(count_over_time(${q.range(ok, long)}) >= ${samples})`,
        ),
        for: patience,
        labels: { long, short },
        description: `{{ $value | humanizePercentage }} of the last ${long} was outside the wait objective of environment ${WHO}.`,
      });
    }),
  ];
}
