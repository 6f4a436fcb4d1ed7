import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import type { AggregateOperator, BinaryExpr, Expr, SelectExpr } from './expression.ts';
import { type LabelMatcher, labelMatcher, type MatchOperator } from './label-matcher.ts';
import { type LabelNames, labelNames } from './label-names.ts';
import { durationLiteral, numberLiteral, stringLiteral } from './literals.ts';

const AGGREGATES: readonly string[] = ['sum', 'max', 'min', 'count', 'avg', 'group', 'topk'];
const OPERATORS: readonly string[] = ['+', '-', '*', '/', '==', '!=', '>', '<', '>=', '<=', 'and', 'or', 'unless'];

/**
 * @throws TypeError for what the rules do not use, and for what is not PromQL; SyntaxError for an invalid string or
 * pattern in it.
 */
export function parseExpression(text: string): Expr {
  return new TreeReader(text).read(firstChildOf(parser.parse(text).topNode));
}

/** Turns the syntax tree of Prometheus' own web editor into an expression. */
class TreeReader {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  read(node: SyntaxNode | null): Expr {
    switch (node?.name) {
      case 'ParenExpr':
        return this.read(firstChildOf(node));
      case 'NumberDurationLiteral':
        return { kind: 'number', value: numberLiteral(this.#textOf(node)) };
      case 'StringLiteral':
        return { kind: 'string', value: stringLiteral(this.#textOf(node)) };
      case 'UnaryExpr':
        return this.#unary(node);
      case 'VectorSelector':
        return this.#selector(node);
      case 'MatrixSelector':
        return { ...this.#selector(node.firstChild!), rangeMs: durationLiteral(this.#textOf(node.lastChild!)) };
      case 'OffsetExpr':
        return this.#offset(node);
      case 'FunctionCall':
        return {
          kind: 'call',
          name: this.#textOf(node.getChild('FunctionIdentifier')!),
          args: this.#arguments(node.getChild('FunctionCallBody')!),
        };
      case 'AggregateExpr':
        return this.#aggregate(node);
      case 'BinaryExpr':
        return this.#binary(node);
      default:
        throw new TypeError(`${node?.name ?? 'nothing'} cannot be evaluated: ${this.#text}`);
    }
  }

  #unary(node: SyntaxNode): Expr {
    const [sign, of] = childrenOf(node);
    const operand = this.read(of!);
    if (this.#textOf(sign!) === '+') return operand;
    const minusOne: Expr = { kind: 'number', value: -1 };
    return { kind: 'binary', operator: '*', bool: false, on: null, many: null, left: minusOne, right: operand };
  }

  #selector(node: SyntaxNode): SelectExpr {
    const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
    return {
      kind: 'select',
      name: this.#textOf(node.getChild('Identifier')!),
      matchers: matchers.map((matcher) => this.#matcher(matcher)),
      rangeMs: null,
      offsetMs: 0,
    };
  }

  #matcher(node: SyntaxNode): LabelMatcher {
    const [label, operator, literal] = childrenOf(node).map((child) => this.#textOf(child));
    return labelMatcher(label!, operator as MatchOperator, stringLiteral(literal!));
  }

  #offset(node: SyntaxNode): Expr {
    return withOffset(this.read(node.firstChild), durationLiteral(this.#textOf(node.lastChild!)));
  }

  #aggregate(node: SyntaxNode): Expr {
    const operator = this.#textOf(node.getChild('AggregateOp')!);
    const modifier = node.getChild('AggregateModifier');
    if (!AGGREGATES.includes(operator) || modifier?.getChild('Without')) {
      throw new TypeError(`${operator} cannot be evaluated: ${this.#text}`);
    }
    const args = this.#arguments(node.getChild('FunctionCallBody')!);
    const count = args.length === 2 && args[0]!.kind === 'number' ? args[0]!.value : null;
    const by = this.#grouping(modifier);
    return { kind: 'aggregate', operator: operator as AggregateOperator, by, count, of: args.at(-1)! };
  }

  #binary(node: SyntaxNode): Expr {
    const children = childrenOf(node);
    const operator = this.#textOf(children[1]!);
    const matching = node.getChild('MatchingModifierClause');
    const includedLabel = matching?.getChildren('GroupingLabels')[1]?.getChild('LabelName');
    if (!OPERATORS.includes(operator) || matching?.getChild('Ignoring') || includedLabel) {
      throw new TypeError(`${operator} cannot be evaluated: ${this.#text}`);
    }
    return {
      kind: 'binary',
      operator: operator as BinaryExpr['operator'],
      bool: node.getChild('BoolModifier') !== null,
      on: matching ? this.#grouping(matching) : null,
      many: matching?.getChild('GroupLeft') ? 'left' : matching?.getChild('GroupRight') ? 'right' : null,
      left: this.read(children[0]!),
      right: this.read(children.at(-1)!),
    };
  }

  #grouping(node: SyntaxNode | null): LabelNames {
    const names = node?.getChild('GroupingLabels')?.getChildren('LabelName') ?? [];
    return labelNames(names.map((name) => this.#textOf(name)));
  }

  #arguments(body: SyntaxNode): Expr[] {
    return childrenOf(body).map((child) => this.read(child));
  }

  #textOf({ from, to }: SyntaxNode): string {
    return this.#text.slice(from, to);
  }
}

/** The editor's grammar applies an offset to all of `a > b`, where PromQL means `b` alone. */
function withOffset(expr: Expr, offsetMs: number): Expr {
  if (expr.kind === 'select') return { ...expr, offsetMs };
  if (expr.kind === 'binary') return { ...expr, right: withOffset(expr.right, offsetMs) };
  throw new TypeError('only a selector can have an offset');
}

/** Without comments, which may stand between any two of them. */
function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (child.name !== 'LineComment') children.push(child);
  }
  return children;
}

function firstChildOf(node: SyntaxNode): SyntaxNode | null {
  return childrenOf(node)[0] ?? null;
}
