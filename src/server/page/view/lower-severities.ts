import type { Condition } from '../../../conditions/condition.ts';
import { ALERT_SEVERITIES } from '../../../rules/parts/rule.ts';

/**
 * Of alerts that fire in several severities about the same environment, only the highest. Alertmanager mutes the lower ones
 * while it fires; while both are pending, the highest says all there is to say.
 */
export function withoutLowerSeverities(conditions: readonly Condition[]): readonly Condition[] {
  const severest = new Map<string, Condition>();
  for (const condition of conditions) {
    const known = severest.get(alertKey(condition));
    if (known === undefined || isLowerSeverity(known, condition)) severest.set(alertKey(condition), condition);
  }
  return conditions.filter((condition) => {
    if (condition.subject.kind !== 'environment') return true;
    const other = severest.get(alertKey(condition))!;
    return !isLowerSeverity(condition, other) || (other.phase === 'pending' && condition.phase !== 'pending');
  });
}

function isLowerSeverity(one: Condition, other: Condition): boolean {
  return ALERT_SEVERITIES.indexOf(one.severity) > ALERT_SEVERITIES.indexOf(other.severity);
}

/** The same for all severities of one alert about one environment. */
function alertKey({ alert, subject }: Condition): string {
  return subject.kind === 'environment' ? `${alert} ${subject.id}` : alert;
}
