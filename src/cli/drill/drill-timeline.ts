import type { AlertName } from '../../rules/parts/alert-names.ts';
import { durationMs } from '../../rules/parts/durations.ts';
import { DEFAULT_RULE_OPTIONS } from '../../rules/parts/options.ts';
import { type AlertSeverity, isAlert } from '../../rules/parts/rule.ts';
import { ruleGroups } from '../../rules/rule-groups.ts';

interface ExpectedAlert {
  readonly alert: AlertName;
  readonly severity: AlertSeverity;
  /** The expression holds within this many seconds, at the default intervals and thresholds. */
  readonly trueAfter: number;
}

/** Scenarios worth rehearsing, and the alert that each of them leads to. */
export const DRILLS: Readonly<Record<string, readonly ExpectedAlert[]>> = {
  // The oldest item first has to wait for half of the stricter `thresholds.queue_age`.
  'no-workers': [{ alert: 'AnthropicWorkNoWorkers', severity: 'critical', trueAfter: 180 }],
  // Stale at 120 s, seen by the next read of the list.
  'stale-heartbeats': [{ alert: 'AnthropicWorkStaleHeartbeats', severity: 'warning', trueAfter: 180 }],
  // A lease lasts 300 s.
  'leases-lapsing': [{ alert: 'AnthropicWorkLeasesLapsing', severity: 'warning', trueAfter: 420 }],
  // Past the stricter `thresholds.queue_age`, and nothing acknowledged for five minutes: a page that keeps PendingStuck silent.
  'stuck-pending': [{ alert: 'AnthropicWorkNoWorkers', severity: 'critical', trueAfter: 360 }],
  saturated: [{ alert: 'AnthropicWorkSaturated', severity: 'warning', trueAfter: 180 }],
  // Not visible after five intervals, and not before 120 s; and then for two minutes.
  'api-down': [{ alert: 'AnthropicWorkEnvironmentNotVisible', severity: 'critical', trueAfter: 270 }],
  // As `no-workers`.
  'auth-expired': [{ alert: 'AnthropicWorkApiAuthFailing', severity: 'critical', trueAfter: 180 }],
};

/** One evaluation of the rules, and the `group_wait` of the Alertmanager example: 30 s each. */
const DELIVERY_SECONDS = 60;

export interface TimelineEntry {
  readonly alert: AlertName;
  readonly severity: AlertSeverity;
  /** Seconds from the start of the drill until the notification should have arrived. */
  readonly bySeconds: number;
}

/**
 * What should arrive in a drill, and by when: the time that its expression takes, the rule's `for`, and the delivery.
 */
export function timelineOf(scenario: string): readonly TimelineEntry[] {
  const alerts = ruleGroups(DEFAULT_RULE_OPTIONS).flatMap(({ rules }) => rules.filter(isAlert));
  return (DRILLS[scenario] ?? []).map(({ alert, severity, trueAfter }) => {
    const holds = alerts.filter((rule) => rule.alert === alert && rule.labels.severity === severity);
    const forSeconds = Math.min(...holds.map((rule) => (rule.for === null ? 0 : durationMs(rule.for) / 1000)));
    return { alert, severity, bySeconds: trueAfter + forSeconds + DELIVERY_SECONDS };
  });
}
