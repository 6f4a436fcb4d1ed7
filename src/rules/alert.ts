import { ALERTS, type AlertName } from './alert-names.ts';
import { type Duration, scaleDuration } from './durations.ts';
import type { RuleOptions } from './options.ts';
import type { AlertingRule, AlertSeverity } from './rule.ts';

/** How a page names an environment: the name for people, the id for commands. */
export const WHO = '{{ $labels.environment_name }} ({{ $labels.environment_id }})';

export interface AlertBody {
  readonly expr: string;
  readonly for?: Duration;
  readonly keep?: Duration;
  /** Templated: who, how much, since when. */
  readonly description: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export type MakeAlert = (name: AlertName, severity: AlertSeverity, body: AlertBody) => AlertingRule;

/** Fills in what follows from the name of an alert: its summary, its runbook and its dashboard. */
export function alertMaker(options: RuleOptions): MakeAlert {
  const scaled = (duration: Duration | undefined) =>
    duration === undefined ? null : scaleDuration(duration, options.timeScale);
  return (name, severity, body) => ({
    alert: name,
    expr: body.expr,
    for: scaled(body.for),
    keepFiringFor: scaled(body.keep),
    labels: { severity, ...body.labels },
    annotations: {
      summary: ALERTS[name].summary,
      description: body.description,
      runbook_url: `${options.runbookBaseUrl}/${name}.md`,
      dashboard_url: dashboardUrl(name, body, options),
    },
  });
}

function dashboardUrl(name: AlertName, body: AlertBody, options: RuleOptions): string {
  const url = `${options.dashboardBaseUrl}/d/anthropic-work-${ALERTS[name].board}`;
  // Only an alert that has the label may link to it: an empty variable selects nothing.
  if (!body.description.includes(WHO)) return url;
  return `${url}?var-environment={{ $labels.environment_id }}`;
}
