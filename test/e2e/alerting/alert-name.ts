import type { LiveScenario, Told } from './live-scenario.ts';

/** As notifications are compared: the full name, and the severity. */
export function nameOf({ alert, severity }: Told): string {
  return `AnthropicWork${alert} ${severity}`;
}

/** A ticket that became a page: Alertmanager mutes it from then on, its end included. */
export function isSuperseded({ alert, severity }: Told, { tells }: LiveScenario): boolean {
  return severity === 'warning' && tells.some((other) => other.alert === alert && other.severity === 'critical');
}
