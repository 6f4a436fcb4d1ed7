import { setImmediate } from 'node:timers/promises';
import type { Expr } from '../promql/expression.ts';
import { parseExpression } from '../promql/parse-expression.ts';
import { durationMs } from '../rules/durations.ts';
import { DEFAULT_RULE_OPTIONS } from '../rules/options.ts';
import type { Rule, RuleGroup } from '../rules/rule.ts';
import { ruleGroups } from '../rules/rule-groups.ts';

/** A rule with its parsed expression. */
export interface CompiledRule {
  readonly rule: Rule;
  readonly expr: Expr;
  /** Of its group. */
  readonly intervalMs: number;
}

let shipped: Promise<readonly CompiledRule[]> | null = null;

/** The rules of `alerts/`, parsed once per process. */
export function shippedRules(): Promise<readonly CompiledRule[]> {
  shipped ??= compileRules(ruleGroups(DEFAULT_RULE_OPTIONS));
  return shipped;
}

/** Parsing all of them takes a good part of a second, so it yields to other work in between. */
export async function compileRules(groups: readonly RuleGroup[]): Promise<readonly CompiledRule[]> {
  const compiled: CompiledRule[] = [];
  for (const { rules, interval } of groups) {
    for (const rule of rules) {
      compiled.push({ rule, expr: parseExpression(rule.expr), intervalMs: durationMs(interval) });
      await setImmediate();
    }
  }
  return compiled;
}
