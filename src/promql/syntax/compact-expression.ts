import type { AggregateOperator, BinaryExpr, Expr, SelectExpr } from './expression.ts';
import { labelMatcher, type MatchOperator } from './label-matcher.ts';
import { labelNames } from './label-names.ts';

/** What expressions share that differ only in the values of labels. */
export interface ExpressionShape {
  /** The expression without what stands between its double quotes. */
  readonly shape: string;
  /** What stood there, in turn. */
  readonly values: readonly string[];
}

const QUOTED = /"(?:\\.|[^"\\])*"/g;

/** @throws SyntaxError for a string with an escape that JSON does not know */
export function shapeOf(text: string): ExpressionShape {
  const values: string[] = [];
  const shape = text.replace(QUOTED, (quoted) => {
    values.push(JSON.parse(quoted) as string);
    return '""';
  });
  return { shape, values };
}

/**
 * An expression as compact JSON: its kind, then its parts in turn. Strings in double quotes are replaced by their index
 * among the values of its shape.
 */
export type CompactExpr =
  /** A number that JSON knows, or infinity. */
  | number
  | 'Inf'
  | readonly ['string', string | number]
  | readonly ['select', string, readonly CompactMatcher[], rangeMs: number | null, offsetMs: number]
  | readonly ['call', string, readonly CompactExpr[]]
  | readonly ['aggregate', AggregateOperator, by: readonly string[], count: number | null, CompactExpr]
  | readonly [
      'binary',
      BinaryExpr['operator'],
      bool: boolean,
      on: readonly string[] | null,
      many: BinaryExpr['many'],
      CompactExpr,
      CompactExpr,
    ];

type CompactMatcher = readonly [label: string, MatchOperator, value: string | number];

/** Stands in a text for the value of a shape; no label has such a value. */
export function placeholder(index: number): string {
  return `\0${index}`;
}

/** @param expr from a text with placeholders for the values of its shape */
export function compactOf(expr: Expr): CompactExpr {
  switch (expr.kind) {
    case 'number':
      return expr.value === Number.POSITIVE_INFINITY ? 'Inf' : expr.value;
    case 'string':
      return ['string', valueOrIndex(expr.value)];
    case 'select':
      return ['select', expr.name, expr.matchers.map(compactMatcher), expr.rangeMs, expr.offsetMs];
    case 'call':
      return ['call', expr.name, expr.args.map(compactOf)];
    case 'aggregate':
      return ['aggregate', expr.operator, expr.by.names, expr.count, compactOf(expr.of)];
    case 'binary': {
      const { operator, bool, on, many, left, right } = expr;
      return ['binary', operator, bool, on?.names ?? null, many, compactOf(left), compactOf(right)];
    }
  }
}

function compactMatcher({ label, operator, value }: SelectExpr['matchers'][number]): CompactMatcher {
  return [label, operator, valueOrIndex(value)];
}

function valueOrIndex(value: string): string | number {
  return value.startsWith('\0') ? Number(value.slice(1)) : value;
}

/** @param values those of the shape of the expression that is wanted */
export function expressionFrom(compact: CompactExpr, values: readonly string[]): Expr {
  if (typeof compact === 'number') return { kind: 'number', value: compact };
  if (compact === 'Inf') return { kind: 'number', value: Number.POSITIVE_INFINITY };
  const textOf = (value: string | number) => (typeof value === 'number' ? values[value]! : value);
  switch (compact[0]) {
    case 'string':
      return { kind: 'string', value: textOf(compact[1]) };
    case 'select': {
      const [kind, name, matchers, rangeMs, offsetMs] = compact;
      const made = matchers.map(([label, operator, value]) => labelMatcher(label, operator, textOf(value)));
      return { kind, name, matchers: made, rangeMs, offsetMs };
    }
    case 'call': {
      const [kind, name, args] = compact;
      return { kind, name, args: args.map((arg) => expressionFrom(arg, values)) };
    }
    case 'aggregate': {
      const [kind, operator, by, count, of] = compact;
      return { kind, operator, by: labelNames(by), count, of: expressionFrom(of, values) };
    }
    case 'binary': {
      const [kind, operator, bool, on, many, left, right] = compact;
      return {
        kind,
        operator,
        bool,
        on: on && labelNames(on),
        many,
        left: expressionFrom(left, values),
        right: expressionFrom(right, values),
      };
    }
  }
}
