import { setImmediate } from 'node:timers/promises';
import { type Expr, selectorsIn } from '../../promql/syntax/expression.ts';
import { durationMs } from '../../rules/parts/durations.ts';
import { DEFAULT_RULE_OPTIONS } from '../../rules/parts/options.ts';
import { isAlert, type Rule, type RuleGroup } from '../../rules/parts/rule.ts';
import { LONG_WINDOWS, ruleGroups } from '../../rules/rule-groups.ts';
import { expressionOf } from './expression-of.ts';

/** A rule with its parsed expression. */
export interface CompiledRule {
  readonly rule: Rule;
  readonly expr: Expr;
  /** Between two evaluations of it here. */
  readonly intervalMs: number;
}

/**
 * Between two evaluations for the page, also of groups that Prometheus evaluates less often. Nobody here knows at which
 * second of a minute it does: at the same pace, a fault that barely lasts long enough could page and never be shown here.
 */
const EVALUATION_MS = 30_000;

let shipped: Promise<readonly CompiledRule[]> | null = null;

/** The rules of `alerts/`, made once per process. */
export function shippedRules(): Promise<readonly CompiledRule[]> {
  shipped ??= compileRules(ruleGroups(DEFAULT_RULE_OPTIONS), expressionOf);
  return shipped;
}

/** For so many rules this takes some time, so it yields to other work in between. */
export async function compileRules(
  groups: readonly RuleGroup[],
  expressionOf: (text: string) => Expr,
): Promise<readonly CompiledRule[]> {
  const compiled: CompiledRule[] = [];
  for (const { name, rules, interval } of groups) {
    // A reader need not wait for numbers that are there, but windows of days would fill the memory.
    const intervalMs = name === LONG_WINDOWS ? durationMs(interval) : EVALUATION_MS;
    for (const rule of rules) {
      compiled.push({ rule, expr: expressionOf(rule.expr), intervalMs });
      await setImmediate();
    }
  }
  return compiled;
}

/** The rules in an order in which each comes after those that record what it reads; otherwise as they were. */
export function dependenciesFirst<R extends CompiledRule>(rules: readonly R[]): readonly R[] {
  const recording = Map.groupBy(rules, ({ rule }) => (isAlert(rule) ? null : rule.record));
  // Also while it waits for what it reads: rules that read each other keep their order.
  const visited = new Set<R>();
  const ordered: R[] = [];
  const visit = (rule: R): void => {
    if (visited.has(rule)) return;
    visited.add(rule);
    for (const { name } of selectorsIn(rule.expr)) for (const needed of recording.get(name) ?? []) visit(needed);
    ordered.push(rule);
  };
  for (const rule of rules) visit(rule);
  return ordered;
}
