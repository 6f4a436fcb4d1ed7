import type { ConditionDefinition } from '../diagnosis/conditions.ts';
import type { Severity } from '../domain/environment.ts';
import { boardUrl } from '../domain/server-settings.ts';

/** A query whose result Prometheus stores under a new name. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  /** Why it is there: a comment in the file, unless the rule above says it. */
  readonly comment?: string;
  /** Whether `rules --set starter` has it. */
  readonly starter?: boolean;
}

/** A query that tells somebody as soon as it has held for `for`. */
export interface AlertingRule extends Omit<RecordingRule, 'record'> {
  readonly alert: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  /** `none` is the heartbeat of a dead man's switch. */
  readonly labels: Readonly<Record<string, string>> & { readonly severity: Severity | 'none' };
  readonly annotations: Readonly<Record<string, string>> & { readonly summary: string; readonly description: string };
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

/** The dashboard that an alert links to: the part of its uid after `anthropic-work-`. */
type Board = NonNullable<NonNullable<ConditionDefinition['rules']>['board']> | 'environment' | 'slo';

/** The texts of an alert, and where to read on as far as the addresses are known. */
export function annotations(
  alert: string,
  texts: Pick<ConditionDefinition, 'summary' | 'description'>,
  { board, isOfEnvironment = false }: { readonly board: Board; readonly isOfEnvironment?: boolean },
  { runbookBaseUrl, dashboardBaseUrl }: RuleOptions,
): AlertingRule['annotations'] {
  // The exporter fills the environment into the commands of a runbook; other servers ignore the query.
  const environment = isOfEnvironment ? '{{ $labels.environment_id }}' : null;
  const query = environment === null ? '' : `?environment=${environment}`;
  return {
    ...texts,
    ...(runbookBaseUrl !== null && { runbook_url: `${runbookBaseUrl}/${alert}.md${query}` }),
    ...(dashboardBaseUrl !== null && { dashboard_url: boardUrl(dashboardBaseUrl, board, environment) }),
  };
}
