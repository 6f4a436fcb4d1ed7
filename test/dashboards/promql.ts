import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

export interface Selector {
  readonly metric: string;
  readonly text: string;
  readonly labels: readonly string[];
  /** The function whose argument it is, range included; null in a subquery, an aggregation or an operation. */
  readonly inside: string | null;
}

const textOf = (expr: string, { from, to }: { from: number; to: number }) => expr.slice(from, to);

function* walk(node: SyntaxNode): Generator<SyntaxNode> {
  yield node;
  for (let child = node.firstChild; child !== null; child = child.nextSibling) yield* walk(child);
}

function namesIn(expr: string, node: SyntaxNode | null, kind: string): string[] {
  return node === null ? [] : [...walk(node)].filter(({ name }) => name === kind).map((found) => textOf(expr, found));
}

function selectorsBelow(expr: string, node: SyntaxNode): Selector[] {
  return [...walk(node)]
    .filter(({ name }) => name === 'VectorSelector')
    .map((selector) => {
      // A range, `offset` and `@` belong to the selector.
      let holder = selector.parent;
      while (holder !== null && ['MatrixSelector', 'OffsetExpr', 'StepInvariantExpr'].includes(holder.name))
        holder = holder.parent;
      const call = holder?.name === 'FunctionCallBody' ? holder.parent : null;
      return {
        metric: namesIn(expr, selector.getChild('Identifier'), 'Identifier')[0] ?? '',
        text: textOf(expr, selector),
        labels: namesIn(expr, selector.getChild('LabelMatchers'), 'LabelName'),
        inside: call === null ? null : expr.slice(call.from, expr.indexOf('(', call.from)),
      };
    });
}

/** Every vector selector of an expression. */
export function selectors(expr: string): Selector[] {
  return selectorsBelow(expr, parser.parse(expr).topNode);
}

/** The labels of every `by (…)` and `on (…)`, with the metrics they group or match. */
export function groupings(expr: string): { labels: string[]; metrics: string[] }[] {
  return [...walk(parser.parse(expr).topNode)]
    .filter(({ name }) => name === 'AggregateExpr' || name === 'BinaryExpr')
    .map((node) => ({
      labels: ['AggregateModifier', 'MatchingModifierClause'].flatMap((kind) =>
        namesIn(expr, node.getChild(kind), 'LabelName'),
      ),
      metrics: selectorsBelow(expr, node).map(({ metric }) => metric),
    }));
}
