import type { Severity } from '../domain/environment.ts';

/** A query whose result Prometheus stores under a new name. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  /** Why it is there: a comment in the file; null where the rule above says it. */
  readonly comment: string | null;
  /** Whether `rules --set starter` has it. */
  readonly isStarter: boolean;
}

/** A query that tells somebody as soon as it has held for `for`. */
export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  /** `none` is the heartbeat of a dead man's switch. */
  readonly labels: Readonly<Record<string, string>> & { readonly severity: Severity | 'none' };
  readonly annotations: Readonly<Record<string, string>> & { readonly summary: string; readonly description: string };
  readonly comment: string | null;
  readonly isStarter: boolean;
}

export type Rule = RecordingRule | AlertingRule;

/** Rules that Prometheus evaluates one after the other. */
export interface RuleGroup {
  readonly name: string;
  readonly interval: string;
  readonly comment: string;
  readonly rules: readonly Rule[];
}

export const RULE_SETS = ['all', 'starter'] as const;
export type RuleSet = (typeof RULE_SETS)[number];

/** What differs between installations; everything else in the rules is the same for all. */
export interface RuleOptions {
  /** The exporter's scrape job: the value of the target label `job`. */
  readonly job: string;
  /** Where the runbooks are served; `/NAME.md` is appended, and the environment. Null omits the link. */
  readonly runbookBaseUrl: string | null;
  /** The address of Grafana; `/d/UID` is appended. Null omits the link. */
  readonly dashboardBaseUrl: string | null;
  readonly set: RuleSet;
}

export const DEFAULT_RULE_OPTIONS: RuleOptions = {
  job: 'anthropic-work-exporter',
  runbookBaseUrl: null,
  dashboardBaseUrl: null,
  set: 'all',
};

export function isAlert(rule: Rule): rule is AlertingRule {
  return 'alert' in rule;
}
