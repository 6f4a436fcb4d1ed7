import { createRequire } from 'node:module';
import type { EditorState as EditorStateType, Extension } from '@codemirror/state';
import type { SyntaxNode, Tree } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/**
 * The type checker of Prometheus' own web editor. Its ES build imports without file extensions, which Node refuses, so
 * it and everything it shares classes with come from the CommonJS builds.
 */
const require = createRequire(import.meta.url);
const { EditorState } = require('@codemirror/state') as { EditorState: typeof EditorStateType };
const { ensureSyntaxTree } = require('@codemirror/language') as {
  ensureSyntaxTree(state: EditorStateType, upto: number, timeout: number): Tree | null;
};
const { Parser } = require('@prometheus-io/codemirror-promql/dist/cjs/parser/parser.js') as {
  Parser: new (state: EditorStateType) => { analyze(): void; getDiagnostics(): { message: string }[] };
};
const { promQLLanguage } = require('@prometheus-io/codemirror-promql/dist/cjs/promql.js') as {
  promQLLanguage(top: string): Extension;
};

/** Syntax errors and type errors of an expression, in words. */
export function problems(expr: string): string[] {
  const found: string[] = [];
  parser.parse(expr).iterate({
    enter({ type, from, to }) {
      if (type.isError) found.push(`syntax error at ${from}: ${expr.slice(from, to + 20)}`);
    },
  });
  const state = EditorState.create({ doc: expr, extensions: [promQLLanguage('PromQL')] });
  // An editor parses for 20 ms and goes on later: on a busy machine the state would hold half of a tree.
  if (ensureSyntaxTree(state, expr.length, 10_000) === null) throw new Error(`not parsed in time: ${expr}`);
  const checker = new Parser(state.update({}).state);
  checker.analyze();
  return [...found, ...checker.getDiagnostics().map(({ message }) => message)];
}

export interface Selector {
  readonly metric: string;
  readonly text: string;
  readonly labels: readonly string[];
  /** Its label matchers as they are written, without spaces: `job=~"$job"`. */
  readonly matchers: readonly string[];
  /** The function whose argument it is, range included; null in a subquery, an aggregation or an operation. */
  readonly inside: string | null;
  /** The range behind it, if any. */
  readonly window: string | null;
}

const textOf = (expr: string, { from, to }: { from: number; to: number }) => expr.slice(from, to);

function* walk(node: SyntaxNode): Generator<SyntaxNode> {
  yield node;
  for (let child = node.firstChild; child !== null; child = child.nextSibling) yield* walk(child);
}

function namesIn(expr: string, node: SyntaxNode | null, kind: string): string[] {
  return node === null ? [] : [...walk(node)].filter(({ name }) => name === kind).map((found) => textOf(expr, found));
}

const MATCHER_KINDS = ['UnquotedLabelMatcher', 'QuotedLabelMatcher'];

function selectorsBelow(expr: string, node: SyntaxNode): Selector[] {
  return [...walk(node)]
    .filter(({ name }) => name === 'VectorSelector')
    .map((selector) => {
      const matrix = selector.parent?.name === 'MatrixSelector' ? selector.parent : null;
      // `offset` and `@` belong to the selector.
      let holder = (matrix ?? selector).parent;
      while (holder !== null && ['OffsetExpr', 'StepInvariantExpr'].includes(holder.name)) holder = holder.parent;
      const call = holder?.name === 'FunctionCallBody' ? holder.parent : null;
      const window = matrix === null ? null : (/\[([^\]]+)\]$/.exec(textOf(expr, matrix))?.[1] ?? null);
      return {
        metric: namesIn(expr, selector.getChild('Identifier'), 'Identifier')[0] ?? '',
        text: textOf(expr, selector),
        labels: namesIn(expr, selector.getChild('LabelMatchers'), 'LabelName'),
        matchers: MATCHER_KINDS.flatMap((kind) => namesIn(expr, selector.getChild('LabelMatchers'), kind)).map((text) =>
          text.replaceAll(/\s/g, ''),
        ),
        inside: call === null ? null : expr.slice(call.from, expr.indexOf('(', call.from)),
        window,
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
