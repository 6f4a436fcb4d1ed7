import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { parse } from 'yaml';
import type { GeneratedFile } from '../base/package-files.ts';
import { allBoards } from '../dashboards/generate.ts';
import { RUNBOOK_PLACE, runbookLink } from '../dashboards/parts/runbook-link.ts';
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
const RUNBOOK_LINK = 'RUNBOOK_LINK';

/** The generated files of the Helm chart. */
export function generateChartFiles(): readonly GeneratedFile[] {
  return [
    { path: `${CHART}/files/rules.json`, text: json(rules()) },
    { path: `${CHART}/files/runbook-link.json`, text: json(runbookLink(RUNBOOKS)) },
    ...allBoards().map((board) => ({ path: `${CHART}/files/dashboards/${board.uid}.json`, text: withPlaces(board) })),
  ];
}

/** The groups in the form of a Prometheus Operator object. */
function rules(): unknown {
  const options = { ...DEFAULT_RULE_OPTIONS, job: JOB, runbookBaseUrl: RUNBOOKS, dashboardBaseUrl: GRAFANA };
  return parse(renderRules('prometheus', options));
}

/**
 * The text of a board, with a placeholder for the link to a runbook. Without white space: Argo CD and `kubectl apply`
 * keep a copy of the object in an annotation, which holds 256 KiB.
 */
function withPlaces(board: Dashboard): string {
  const empty = JSON.stringify(RUNBOOK_PLACE);
  const marked = JSON.stringify({ ...RUNBOOK_PLACE, value: [RUNBOOK_LINK] });
  return `${JSON.stringify(board).replaceAll(empty, marked)}\n`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
