import { durationMs } from '../../../src/rules/parts/durations.ts';
import { DEFAULT_RULE_OPTIONS } from '../../../src/rules/parts/options.ts';
import { isAlert } from '../../../src/rules/parts/rule.ts';
import { ruleGroups } from '../../../src/rules/rule-groups.ts';

const ALERTS = ruleGroups(DEFAULT_RULE_OPTIONS).flatMap(({ interval, rules }) =>
  rules.filter(isAlert).map((rule) => ({ ...rule, interval })),
);

/** How long an alert waits, how long it is kept, and how seldom it is asked: milliseconds, the longest of its rules. */
export interface Patience {
  readonly forMs: number;
  readonly keptMs: number;
  readonly intervalMs: number;
}

export function patienceOf(alert: string, severity: string): Patience {
  const rules = ALERTS.filter((rule) => rule.alert === alert && rule.labels.severity === severity);
  if (rules.length === 0) throw new Error(`no rule makes ${alert} ${severity}`);
  const longest = (name: 'for' | 'keepFiringFor' | 'interval') =>
    Math.max(...rules.map((rule) => durationMs(rule[name] ?? '0s')));
  return { forMs: longest('for'), keptMs: longest('keepFiringFor'), intervalMs: longest('interval') };
}
