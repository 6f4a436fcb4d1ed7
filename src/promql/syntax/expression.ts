import type { LabelMatcher } from './label-matcher.ts';
import type { LabelNames } from './label-names.ts';

export type AggregateOperator = 'sum' | 'max' | 'min' | 'count' | 'avg' | 'group' | 'topk';
export type ArithmeticOperator = '+' | '-' | '*' | '/';
export type ComparisonOperator = '==' | '!=' | '>' | '<' | '>=' | '<=';
export type SetOperator = 'and' | 'or' | 'unless';

/** Series of one name; with a range, their samples within it. */
export interface SelectExpr {
  readonly kind: 'select';
  readonly name: string;
  readonly matchers: readonly LabelMatcher[];
  readonly rangeMs: number | null;
  readonly offsetMs: number;
}

export interface BinaryExpr {
  readonly kind: 'binary';
  readonly operator: ArithmeticOperator | ComparisonOperator | SetOperator;
  /** Gives `1` or `0` instead of filtering. */
  readonly bool: boolean;
  /** Null: all labels. */
  readonly on: LabelNames | null;
  /** The side that may have several series for one of the other side. */
  readonly many: 'left' | 'right' | null;
  readonly left: Expr;
  readonly right: Expr;
}

/** The part of PromQL that the shipped rules use; anything else is an error when it is parsed. */
export type Expr =
  | { readonly kind: 'number'; readonly value: number }
  /** Only as an argument of a function. */
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expr[] }
  | {
      readonly kind: 'aggregate';
      readonly operator: AggregateOperator;
      readonly by: LabelNames;
      /** How many, for `topk`. */
      readonly count: number | null;
      readonly of: Expr;
    }
  | SelectExpr
  | BinaryExpr;

/** Every selector in an expression. */
export function selectorsIn(expr: Expr): readonly SelectExpr[] {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return [];
    case 'select':
      return [expr];
    case 'call':
      return expr.args.flatMap(selectorsIn);
    case 'aggregate':
      return selectorsIn(expr.of);
    case 'binary':
      return [...selectorsIn(expr.left), ...selectorsIn(expr.right)];
  }
}
