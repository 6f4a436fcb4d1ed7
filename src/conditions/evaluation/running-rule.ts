import type { EpochMs } from '../../base/clock.ts';
import { type ExpressionRead, readsOf } from '../../promql/is-unchanged.ts';
import type { LabelSet } from '../../promql/store/label-set.ts';
import type { Vector } from '../../promql/vector.ts';
import { isAlert } from '../../rules/parts/rule.ts';
import { AlertInstances } from './alert-instances.ts';
import type { CompiledRule } from './compile-rules.ts';

/** A rule with what is known of it between two evaluations. */
export interface RunningRule extends CompiledRule {
  /** What the expression reads; null if its result also depends on the time. */
  readonly reads: readonly ExpressionRead[] | null;
  /** Null for a recording rule. */
  readonly alerts: AlertInstances | null;
  /** When it is evaluated next. */
  dueAt: EpochMs;
  /** The label sets of its `ALERTS` series at the last evaluation. */
  alertSeries: ReadonlySet<LabelSet>;
  /** The last result; null before the first one and after a failure. For a recording rule `vector` is null: its series have it. */
  result: { at: EpochMs; readonly vector: Vector | null } | null;
}

/** A rule before its first evaluation. */
export function runningRule(compiled: CompiledRule): RunningRule {
  return {
    ...compiled,
    reads: readsOf(compiled.expr),
    alerts: isAlert(compiled.rule) ? new AlertInstances(compiled.rule) : null,
    dueAt: Number.NEGATIVE_INFINITY,
    alertSeries: new Set<LabelSet>(),
    result: null,
  };
}
