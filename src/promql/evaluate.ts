import type { EpochMs } from '../base/clock.ts';
import { aggregate } from './aggregate.ts';
import { AmbiguousMatchError, binary } from './binary.ts';
import { RANGE_FUNCTIONS } from './range-functions.ts';
import { LabelSet, NO_LABELS } from './store/label-set.ts';
import type { SeriesStore } from './store/series-store.ts';
import type { Expr, SelectExpr } from './syntax/expression.ts';
import { type Result, type Vector, vectorFrom } from './vector.ts';

/** Where an expression is evaluated, and when. */
export interface EvaluationContext {
  readonly store: SeriesStore;
  readonly at: EpochMs;
}

/**
 * The value of an expression at a moment: a number, or a vector.
 *
 * @throws AmbiguousMatchError where Prometheus fails because the sides of an operation do not match one to one
 */
export function evaluate(expr: Expr, context: EvaluationContext): Result {
  switch (expr.kind) {
    case 'number':
      return expr.value;
    case 'string':
      throw new TypeError('a text stands where series or a number should');
    case 'select':
      return selectInstant(expr, context);
    case 'aggregate':
      return aggregate(expr.operator, vectorOf(expr.of, context), expr);
    case 'binary': {
      const left = evaluate(expr.left, context);
      // Whatever is on the right, nothing on the left gives nothing.
      if (typeof left !== 'number' && left.length === 0 && expr.operator !== 'or') return left;
      return binary(expr, left, evaluate(expr.right, context));
    }
    case 'call':
      return call(expr.name, expr.args, context);
  }
}

/** @throws TypeError for an expression that is a number. */
export function vectorOf(expr: Expr, context: EvaluationContext): Vector {
  const result = evaluate(expr, context);
  if (typeof result === 'number') throw new TypeError('a number stands where series should');
  return result;
}

function selectInstant(selector: SelectExpr, { store, at }: EvaluationContext): Vector {
  return vectorFrom(store.select(selector), (series) => series.valueAt(at - selector.offsetMs));
}

function call(name: string, args: readonly Expr[], context: EvaluationContext): Result {
  const overRange = RANGE_FUNCTIONS[name];
  const [first, second] = args;
  if (overRange !== undefined) {
    if (first?.kind !== 'select' || first.rangeMs === null) throw new TypeError(`${name} wants a range`);
    const to = context.at - first.offsetMs;
    const window = { from: to - first.rangeMs, to };
    return vectorFrom(context.store.select(first), (series) => overRange(series, window));
  }
  switch (name) {
    case 'time':
      return context.at / 1000;
    case 'vector':
      return [{ labels: NO_LABELS, value: numberOf(first!, context) }];
    case 'abs':
      return mapValues(vectorOf(first!, context), Math.abs);
    case 'clamp_min':
      return mapValues(vectorOf(first!, context), clampedBy(Math.max, numberOf(second!, context)));
    case 'clamp_max':
      return mapValues(vectorOf(first!, context), clampedBy(Math.min, numberOf(second!, context)));
    case 'label_replace': {
      const [of, ...texts] = args;
      return labelReplace(vectorOf(of!, context), texts.map(stringOf));
    }
    case 'absent':
      return vectorOf(first!, context).length > 0 ? [] : [{ labels: labelsOfAbsent(first!), value: 1 }];
    default:
      throw new TypeError(`${name} cannot be evaluated`);
  }
}

/** The labels of what `absent` gives: those that a bare selector requires by `=`. */
function labelsOfAbsent(expr: Expr): LabelSet {
  if (expr.kind !== 'select') return NO_LABELS;
  return LabelSet.of(
    Object.fromEntries(expr.matchers.flatMap(({ label, equals }) => (equals === null ? [] : [[label, equals]]))),
  );
}

/**
 * `label_replace`: a label takes its value from another one, where that matches a pattern as a whole. Of the ways to
 * name a group in the replacement only `$1` to `$9` are those of PromQL.
 *
 * @throws AmbiguousMatchError where Prometheus fails because two series would have the same labels
 */
function labelReplace(
  vector: Vector,
  [label = '', replacement = '', source = '', pattern = '']: readonly string[],
): Vector {
  const whole = new RegExp(`^(?:${pattern})$`, 's');
  const made = vector.map(({ labels, value }) => {
    const from = labels.get(source);
    if (!whole.test(from)) return { labels, value };
    return { labels: LabelSet.of({ ...labels.values, [label]: from.replace(whole, replacement) }), value };
  });
  if (new Set(made.map(({ labels }) => labels)).size < made.length) throw new AmbiguousMatchError();
  return made;
}

function clampedBy(pick: (one: number, other: number) => number, limit: number) {
  return (value: number) => pick(value, limit);
}

function mapValues(vector: Vector, change: (value: number) => number): Vector {
  return vector.map(({ labels, value }) => ({ labels, value: change(value) }));
}

function stringOf(expr: Expr): string {
  if (expr.kind !== 'string') throw new TypeError('something else stands where a text should');
  return expr.value;
}

function numberOf(expr: Expr, context: EvaluationContext): number {
  const result = evaluate(expr, context);
  if (typeof result !== 'number') throw new TypeError('series stand where a number should');
  return result;
}
