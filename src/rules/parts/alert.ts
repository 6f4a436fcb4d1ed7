import { ALERTS, type AlertName } from './alert-names.ts';
import { boardUrl } from './board-url.ts';
import { type Duration, scaleDuration } from './durations.ts';
import type { RuleOptions } from './options.ts';
import type { AlertingRule, AlertSeverity } from './rule.ts';

export interface AlertBody {
  readonly expr: string;
  readonly for?: Duration;
  readonly keepFiringFor?: Duration;
  /** One line for the screen of a phone: who, and the fact with its numbers. */
  readonly summary: string;
  /** Who is affected, what it means now, and the first thing to do. */
  readonly description: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export type MakeAlert = (name: AlertName, severity: AlertSeverity, body: AlertBody) => AlertingRule;

/** Adds what follows from the name of an alert: its runbook and its dashboard, if their addresses are known. */
export function alertMaker(options: RuleOptions): MakeAlert {
  const scaled = (duration: Duration | undefined) =>
    duration === undefined ? null : scaleDuration(duration, options.timeScale);
  return (name, severity, body) => ({
    alert: name,
    expr: body.expr,
    for: scaled(body.for),
    keepFiringFor: scaled(body.keepFiringFor),
    labels: { severity, ...body.labels },
    annotations: {
      summary: body.summary,
      description: body.description,
      ...(options.runbookBaseUrl === null ? {} : { runbook_url: runbookUrl(options.runbookBaseUrl, name, body) }),
      ...(options.dashboardBaseUrl === null
        ? {}
        : { dashboard_url: boardUrl(options.dashboardBaseUrl, ALERTS[name].board, environmentOf(body)) }),
    },
  });
}

/**
 * Served by the exporter, a runbook fills the environment of the query into its commands; other servers ignore the
 * query.
 */
function runbookUrl(base: string, name: AlertName, body: AlertBody): string {
  const environment = environmentOf(body);
  return `${base}/${name}.md${environment === null ? '' : `?environment=${environment}`}`;
}

/** The template of the environment's id. Only an alert with that label may link to it: an empty id selects nothing. */
function environmentOf({ summary }: AlertBody): string | null {
  return summary.includes('$labels.environment_name') ? '{{ $labels.environment_id }}' : null;
}
