import type { Vector } from '../../promql/vector.ts';
import { humanizeDuration, humanizePercentage, humanizeTimestamp, printf } from './go-format.ts';
import type { Command, Operand, Pipe, TemplateNode } from './text-template.ts';

/** What a template can use. */
export interface TemplateContext {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  query(text: string): Vector;
}

/** A series as templates see it. */
interface QueryResult {
  readonly Labels: Readonly<Record<string, string>>;
  readonly Value: number;
}

/** `.` and the variables that start with `$`. */
interface Scope {
  readonly dot: unknown;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly query: TemplateContext['query'];
}

/** The rendered text of a template: what Prometheus writes into the annotations of an alert. */
export function renderTemplate(nodes: readonly TemplateNode[], { labels, value, query }: TemplateContext): string {
  return render(nodes, { dot: null, variables: { $labels: labels, $value: value }, query });
}

function render(nodes: readonly TemplateNode[], scope: Scope): string {
  return nodes.map((node) => renderNode(node, scope)).join('');
}

function renderNode(node: TemplateNode, scope: Scope): string {
  if (typeof node === 'string') return node;
  const value = pipeValue(node.pipe, scope);
  if (!('kind' in node)) return String(value);
  const { kind, names, then, otherwise } = node;
  if (kind === 'range' && Array.isArray(value)) {
    return value
      .map((one, index) => {
        const own = Object.fromEntries(
          names.map((name, position) => [name, position === names.length - 1 ? one : index]),
        );
        return render(then, { ...scope, dot: one, variables: { ...scope.variables, ...own } });
      })
      .join('');
  }
  if (!isTrue(value)) return render(otherwise, scope);
  return render(then, kind === 'with' ? { ...scope, dot: value } : scope);
}

function isTrue(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function pipeValue(pipe: Pipe, scope: Scope): unknown {
  return pipe.reduce<readonly unknown[]>((before, command) => [runCommand(command, before, scope)], [])[0];
}

function runCommand([head, ...rest]: Command, before: readonly unknown[], scope: Scope): unknown {
  const name = head !== undefined && 'word' in head ? head.word : null;
  if (name === null || /^[$.]/.test(name)) return operandValue(head!, scope);
  const run = FUNCTIONS[name];
  if (run === undefined) throw new TypeError(`${name} is no function of the templates`);
  return run([...rest.map((operand) => operandValue(operand, scope)), ...before], scope);
}

function operandValue(operand: Operand, scope: Scope): unknown {
  if ('literal' in operand) return operand.literal;
  if ('pipe' in operand) return pipeValue(operand.pipe, scope);
  const [start, ...fields] = operand.word.split('.');
  const root = start === '' ? scope.dot : scope.variables[start!];
  // A missing label is empty, as in Go.
  return fields
    .filter((field) => field !== '')
    .reduce<unknown>((value, field) => (value as Record<string, unknown> | null)?.[field] ?? '', root);
}

const FUNCTIONS: Readonly<Record<string, (args: readonly unknown[], scope: Scope) => unknown>> = {
  printf: ([format, ...args]) => printf(String(format), args),
  query: ([text], { query }) =>
    query(String(text)).map(({ labels, value }): QueryResult => ({ Labels: labels.values, Value: value })),
  first: ([list]) => (list as readonly QueryResult[])[0],
  value: ([one]) => (one as QueryResult).Value,
  sortByLabel: ([label, list]) =>
    (list as readonly QueryResult[]).toSorted((a, b) =>
      (a.Labels[String(label)] ?? '') < (b.Labels[String(label)] ?? '') ? -1 : 1,
    ),
  lt: ([one, other]) => Number(one) < Number(other),
  gt: ([one, other]) => Number(one) > Number(other),
  ne: ([one, other]) => one !== other,
  humanizeTimestamp: ([seconds]) => humanizeTimestamp(Number(seconds)),
  reReplaceAll: ([pattern, replacement, text]) =>
    String(text).replaceAll(new RegExp(String(pattern), 'gu'), String(replacement)),
  humanizeDuration: ([seconds]) => humanizeDuration(Number(seconds)),
  humanizePercentage: ([ratio]) => humanizePercentage(Number(ratio)),
};
