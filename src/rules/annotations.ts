import { ALERTS, type Board } from './alerts.ts';
import type { AlertingRule, RuleOptions } from './rule.ts';

/** The address of a board in the Grafana at `base`; with an environment, the board opens with its id selected. */
export function boardUrl(base: string, board: Board, environment: string | null): string {
  const url = `${base}/d/anthropic-work-${board}`;
  return environment === null ? url : `${url}?var-environment=${environment}`;
}

/** The texts of an alert, and where to read on as far as the addresses are known. */
export function annotations(
  alert: string,
  texts: { readonly summary: string; readonly description: string },
  { runbookBaseUrl, dashboardBaseUrl }: RuleOptions,
): AlertingRule['annotations'] {
  const { board, subject } = ALERTS[alert]!;
  // The exporter fills the environment into the commands of a runbook; other servers ignore the query.
  const environment = subject === 'environment' ? '{{ $labels.environment_id }}' : null;
  const query = environment === null ? '' : `?environment=${environment}`;
  return {
    summary: texts.summary,
    description: texts.description,
    ...(runbookBaseUrl === null ? {} : { runbook_url: `${runbookBaseUrl}/${alert}.md${query}` }),
    ...(dashboardBaseUrl === null ? {} : { dashboard_url: boardUrl(dashboardBaseUrl, board, environment) }),
  };
}
