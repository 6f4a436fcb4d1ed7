import { expect, it } from 'vitest';
import type { Condition } from '../../src/conditions/condition.ts';
import { conditionOrder } from '../../src/conditions/condition-order.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';

const ORDER = conditionOrder(ruleGroups(DEFAULT_RULE_OPTIONS).flatMap(({ rules }) => rules));
const EXPORTER = { kind: 'exporter' } as const;

/** A critical alert about one environment, firing since noon. */
function condition(change: Partial<Condition> = {}): Condition {
  return {
    alert: 'AnthropicWorkSaturated',
    severity: 'critical',
    phase: 'firing',
    subject: { kind: 'environment', id: 'env_1', name: 'prod' },
    environments: ['env_1'],
    since: 43_200_000,
    firesAt: 43_200_000,
    value: 1,
    summary: 'summary',
    description: 'description',
    labels: {},
    ...change,
  };
}

it.each<[string, Partial<Condition>, Partial<Condition>]>([
  ['what fires before what is pending, however severe', { severity: 'info' }, { phase: 'pending' }],
  ['what is recovering before what is pending', { phase: 'recovering', severity: 'info' }, { phase: 'pending' }],
  ['the more severe, even where it is recovering', { phase: 'recovering' }, { severity: 'warning' }],
  ['what fires before what is recovering', { alert: 'AnthropicWorkNoWorkers' }, { phase: 'recovering' }],
  ['what concerns many before what concerns one', { alert: 'AnthropicWorkNoWorkers', subject: EXPORTER }, {}],
  ['the rule that comes first', { since: 50_000_000 }, { alert: 'AnthropicWorkNoWorkers' }],
  ['the one that has lasted longest', {}, { since: 43_200_001 }],
])('puts first %s', (_, first, second) => {
  expect(ORDER(condition(first), condition(second))).toBeLessThan(0);
  expect(ORDER(condition(second), condition(first))).toBeGreaterThan(0);
  expect(ORDER(condition(first), condition(first))).toBe(0);
});
