import { ALERT_SEVERITIES, isAlert, type Rule } from '../rules/parts/rule.ts';
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
  const ranks = new Map(rules.filter(isAlert).map(({ alert }, index) => [alert, index]));
  const rank = ({ alert }: Condition) => ranks.get(alert) ?? 0;
  // Compared criterion by criterion, because thousands of comparisons are made twice a minute and most are decided early.
  return (one, other) =>
    Number(one.phase === 'pending') - Number(other.phase === 'pending') ||
    ALERT_SEVERITIES.indexOf(one.severity) - ALERT_SEVERITIES.indexOf(other.severity) ||
    PHASES.indexOf(one.phase) - PHASES.indexOf(other.phase) ||
    Number(one.subject.kind === 'environment') - Number(other.subject.kind === 'environment') ||
    rank(one) - rank(other) ||
    one.since - other.since;
}
