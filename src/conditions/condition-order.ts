import { ALERT_SEVERITIES, isAlert, type Rule } from '../rules/rule.ts';
import type { Condition, ConditionPhase } from './condition.ts';

/** A page that is out, then one that may be over, then one that may come. */
const PHASES: readonly ConditionPhase[] = ['firing', 'recovering', 'pending'];

/** Which of two conditions a person should hear of first. */
export type ConditionOrder = (one: Condition, other: Condition) => number;

/**
 * What is out before what is coming, the gravest severity first, then what concerns many environments, then the order of
 * the rules, in which causes stand above what they silence; of one alert the one that lasts longest.
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
