import type { AlertName } from './alert-names.ts';
import type { Duration } from './durations.ts';

/** `none` is the heartbeat of a dead man's switch; `info` needs nobody's attention by itself. */
export const ALERT_SEVERITIES = ['critical', 'warning', 'info', 'none'] as const;
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];

/** A query whose result Prometheus stores under a new name. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/** A query that must hold for `for` before anybody is notified. */
export interface AlertingRule {
  readonly alert: AlertName;
  readonly expr: string;
  readonly for: Duration | null;
  /** How long the alert outlives its expression, so that a lost scrape or a restart does not end and reopen a page. */
  readonly keepFiringFor: Duration | null;
  /** `severity`, and never a value: if a label changes, it is a new alert. */
  readonly labels: Readonly<Record<string, string>> & { readonly severity: AlertSeverity };
  readonly annotations: Readonly<
    Record<'summary' | 'description', string> & Partial<Record<'runbook_url' | 'dashboard_url', string>>
  >;
}

export type Rule = RecordingRule | AlertingRule;

/** Rules that Prometheus evaluates one after the other: a recording rule is in the group of its users. */
export interface RuleGroup {
  readonly name: string;
  readonly interval: Duration;
  readonly rules: readonly Rule[];
}

export function isAlert(rule: Rule): rule is AlertingRule {
  return 'alert' in rule;
}
