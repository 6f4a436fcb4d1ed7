import { ExporterError } from '../base/errors.ts';
import type { LabelSet } from './store/label-set.ts';
import type { ArithmeticOperator, BinaryExpr, ComparisonOperator, SetOperator } from './syntax/expression.ts';
import type { LabelNames } from './syntax/label-names.ts';
import { type Result, type Vector, type VectorSample, vectorFrom } from './vector.ts';

const ARITHMETIC: Readonly<Record<ArithmeticOperator, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
};

const COMPARISON: Readonly<Record<ComparisonOperator, (left: number, right: number) => boolean>> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '>': (left, right) => left > right,
  '<': (left, right) => left < right,
  '>=': (left, right) => left >= right,
  '<=': (left, right) => left <= right,
};

type Operation = Pick<BinaryExpr, 'operator' | 'bool' | 'on' | 'many'>;

/** Combines two sides, matched by their labels as in PromQL. */
export function binary(operation: Operation, left: Result, right: Result): Result {
  if (isSet(operation.operator)) return combineSets(operation.operator, operation.on, left as Vector, right as Vector);
  if (typeof left === 'number' && typeof right === 'number') return applyOperator(operation, left, right) ?? Number.NaN;
  if (typeof right === 'number')
    return vectorFrom(left as Vector, ({ value }) => applyOperator(operation, value, right));
  if (typeof left === 'number') return compareFromLeft(operation, left, right);
  return matchVectors(operation, left, right);
}

function isSet(operator: BinaryExpr['operator']): operator is SetOperator {
  return operator === 'and' || operator === 'or' || operator === 'unless';
}

/** Null if a comparison does not hold: its sample is filtered out. */
function applyOperator({ operator, bool }: Operation, left: number, right: number): number | null {
  if (operator in ARITHMETIC) return ARITHMETIC[operator as ArithmeticOperator](left, right);
  const holds = COMPARISON[operator as ComparisonOperator](left, right);
  if (bool) return Number(holds);
  return holds ? left : null;
}

/** A comparison keeps the value of the vector, whichever side it is on. */
function compareFromLeft(operation: Operation, left: number, right: Vector): Vector {
  const keepsRight = operation.operator in COMPARISON && !operation.bool;
  return vectorFrom(right, ({ value }) => {
    const result = applyOperator(operation, left, value);
    return result !== null && keepsRight ? value : result;
  });
}

function keyOf(labels: LabelSet, on: LabelNames | null): LabelSet {
  return on === null ? labels : labels.only(on);
}

function combineSets(operator: SetOperator, on: LabelNames | null, left: Vector, right: Vector): Vector {
  if (operator === 'or') {
    const leftKeys = keysOf(left, on);
    return [...left, ...right.filter(({ labels }) => !leftKeys.has(keyOf(labels, on)))];
  }
  const rightKeys = keysOf(right, on);
  return left.filter(({ labels }) => rightKeys.has(keyOf(labels, on)) === (operator === 'and'));
}

function keysOf(vector: Vector, on: LabelNames | null): ReadonlySet<LabelSet> {
  const keys = new Set<LabelSet>();
  for (let index = 0; index < vector.length; index++) keys.add(keyOf(vector[index]!.labels, on));
  return keys;
}

/** Raised where Prometheus also fails the evaluation. */
export class AmbiguousMatchError extends ExporterError {
  constructor() {
    super('ambiguous_match', 'several series of one side of an operation fit one of the other');
  }
}

/** Vector matching: one to one, or many to one with `group_left` and `group_right`. */
function matchVectors(operation: Operation, left: Vector, right: Vector): Vector {
  const { on, many } = operation;
  const [manySide, oneSide] = many === 'right' ? [right, left] : [left, right];
  const oneByKey = new Map<LabelSet, VectorSample>();
  for (let index = 0; index < oneSide.length; index++) {
    const key = keyOf(oneSide[index]!.labels, on);
    if (oneByKey.has(key)) throw new AmbiguousMatchError();
    oneByKey.set(key, oneSide[index]!);
  }
  const matchedKeys = many === null ? new Set<LabelSet>() : null;
  const results: VectorSample[] = [];
  for (let index = 0; index < manySide.length; index++) {
    const { labels, value } = manySide[index]!;
    const key = keyOf(labels, on);
    const other = oneByKey.get(key)?.value;
    if (other === undefined) continue;
    const result = many === 'right' ? applyOperator(operation, other, value) : applyOperator(operation, value, other);
    if (result === null) continue;
    if (matchedKeys?.has(key)) throw new AmbiguousMatchError();
    matchedKeys?.add(key);
    results.push({ labels: many === null ? key : labels, value: result });
  }
  return results;
}
