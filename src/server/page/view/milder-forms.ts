import type { Condition } from '../../../conditions/condition.ts';
import { ALERT_SEVERITIES } from '../../../rules/parts/rule.ts';

/**
 * Conditions without the milder forms of an alert about the same environment: Alertmanager mutes them while the more
 * severe one fires, and while both are pending, that one says all there is to say.
 */
export function withoutMilderForms(conditions: readonly Condition[]): readonly Condition[] {
  const severest = new Map<string, Condition>();
  for (const condition of conditions) {
    const known = severest.get(formOf(condition));
    if (known === undefined || isMilder(known, condition)) severest.set(formOf(condition), condition);
  }
  return conditions.filter((condition) => {
    if (condition.subject.kind !== 'environment') return true;
    const other = severest.get(formOf(condition))!;
    return !isMilder(condition, other) || (other.phase === 'pending' && condition.phase !== 'pending');
  });
}

function isMilder(one: Condition, other: Condition): boolean {
  return ALERT_SEVERITIES.indexOf(one.severity) > ALERT_SEVERITIES.indexOf(other.severity);
}

/** The same for all severities of one alert about one environment. */
function formOf({ alert, subject }: Condition): string {
  return subject.kind === 'environment' ? `${alert} ${subject.id}` : alert;
}
