import { parse } from 'yaml';
import type { GeneratedFile } from '../base/package-files.ts';
import { runbookLink } from '../dashboards/board.ts';
import { renderRules } from '../rules/render.ts';
import { DEFAULT_RULE_OPTIONS } from '../rules/rule.ts';

const CHART = 'deploy/helm/anthropic-work-exporter';

/**
 * Placeholder for a value that the templates insert. The rules are JSON, not a template, because alerts have templates
 * of their own.
 */
const JOB = 'SCRAPE_JOB';
const RUNBOOKS = 'RUNBOOK_BASE_URL';
const GRAFANA = 'DASHBOARD_BASE_URL';

/** The generated files of the Helm chart, beside its copies of the boards. */
export function generateChartFiles(): readonly GeneratedFile[] {
  return [
    { path: `${CHART}/files/rules.json`, text: json(rules()) },
    { path: `${CHART}/files/runbook-link.json`, text: json(runbookLink(RUNBOOKS)) },
  ];
}

/** The groups in the form of a Prometheus Operator object. */
function rules(): unknown {
  const options = { ...DEFAULT_RULE_OPTIONS, job: JOB, runbookBaseUrl: RUNBOOKS, dashboardBaseUrl: GRAFANA };
  return parse(renderRules('prometheus', options));
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
