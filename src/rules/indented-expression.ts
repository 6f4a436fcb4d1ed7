/** Text, or what stands between two parentheses. */
type Part = string | readonly Part[];

/** A text in double quotes, a comment, a parenthesis, or anything up to the next of them. */
const TOKEN = /"(?:\\.|[^"\\])*"|#.*|[()]|[^"#()]+/g;
/** The chart and the mixin put in their own job later, which must not move a line. */
const JOB = /job="(?:\\.|[^"\\])*"/g;
/** What stands in parentheses gets lines of its own if it is longer than this without the job, in characters. */
const LONGEST = 100;
const STEP = '  ';

/**
 * The same expression, with whatever stands in parentheses indented, so that a reader sees which operands an `unless`
 * or an `or` has: our rules have up to a hundred lines. Operators stand at the beginning of a line.
 */
export function indentExpression(expr: string): string {
  return laidOut(partsOf(expr), '');
}

function partsOf(expr: string): readonly Part[] {
  const open: Part[][] = [[]];
  for (const [token] of expr.matchAll(TOKEN)) {
    if (token === '(') open.push([]);
    else if (token === ')') {
      const inner = open.pop()!;
      open.at(-1)!.push(inner);
    } else open.at(-1)!.push(token);
  }
  return open[0]!;
}

function laidOut(parts: readonly Part[], indent: string): string {
  return parts
    .map((part) => (typeof part === 'string' ? part.replaceAll(/\n\s*/g, `\n${indent}`) : inParentheses(part, indent)))
    .join('');
}

function inParentheses(inner: readonly Part[], indent: string): string {
  const text = plain(inner);
  if (!text.includes('\n') && text.replaceAll(JOB, '').length <= LONGEST) return `(${text})`;
  const deeper = indent + STEP;
  return `(\n${deeper}${laidOut(inner, deeper).trim()}\n${indent})`;
}

function plain(parts: readonly Part[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : `(${plain(part)})`)).join('');
}
