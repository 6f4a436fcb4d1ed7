import { ALERT_SEVERITIES, isAlert, type Rule } from '../rules/rule.ts';
import type { Condition, ConditionPhase } from './condition.ts';

/** First alerts that are firing, then those that are ending, then those that are pending. */
const PHASES: readonly ConditionPhase[] = ['firing', 'recovering', 'pending'];

/** Which of two conditions a person should hear of first. */
export type ConditionOrder = (one: Condition, other: Condition) => number;

/**
 * Firing before pending, then the highest severity, then what concerns many environments, then the order of the rules,
 * in which causes come before what they silence; within one alert, the longest-lasting first.
 */
export function conditionOrder(rules: readonly Rule[]): ConditionOrder {
  const places = new Map(rules.filter(isAlert).map(({ alert }, index) => [alert, index]));
  const rank = ({ phase, severity, subject, alert, since }: Condition) => [
    phase === 'pending' ? 1 : 0,
    ALERT_SEVERITIES.indexOf(severity),
    PHASES.indexOf(phase),
    subject.kind === 'environment' ? 1 : 0,
    places.get(alert) ?? 0,
    since,
  ];
  return (one, other) => {
    const others = rank(other);
    return rank(one).reduce((difference, value, index) => difference || value - others[index]!, 0);
  };
}
