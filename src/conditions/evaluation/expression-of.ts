import { type CompactExpr, expressionFrom, shapeOf } from '../../promql/syntax/compact-expression.ts';
import type { Expr } from '../../promql/syntax/expression.ts';
import parsed from './parsed-expressions.json' with { type: 'json' };

const BY_SHAPE: ReadonlyMap<string, unknown> = new Map(Object.entries(parsed));

/**
 * The expression of a shipped rule, or one that its texts ask. They were parsed when the program was made: a parser of
 * PromQL takes 6 MB and a tenth of a second at each start.
 *
 * @throws TypeError for any other expression; SyntaxError for a string in it that is none
 */
export function expressionOf(text: string): Expr {
  const { shape, values } = shapeOf(text);
  const compact = BY_SHAPE.get(shape);
  if (compact === undefined) throw new TypeError(`an expression that no shipped rule has: ${text}`);
  return expressionFrom(compact as CompactExpr, values);
}
