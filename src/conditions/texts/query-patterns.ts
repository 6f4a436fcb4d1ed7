import type { Command, Operand, Pipe, TemplateNode } from './text-template.ts';

/** The queries of a template: the formats of `printf` whose result goes to `query`, with `%q` for each label value. */
export function queryPatterns(nodes: readonly TemplateNode[]): readonly string[] {
  return nodes.flatMap((node) => {
    if (typeof node === 'string') return [];
    if (!('kind' in node)) return patternsIn(node.pipe);
    return [...patternsIn(node.pipe), ...queryPatterns(node.then), ...queryPatterns(node.otherwise)];
  });
}

function patternsIn(pipe: Pipe): readonly string[] {
  const nested = pipe.flatMap((command) => command.flatMap((one) => ('pipe' in one ? patternsIn(one.pipe) : [])));
  const own = pipe.flatMap((command, index) => (isWord(pipe[index + 1]?.[0], 'query') ? patternOf(command) : []));
  return [...nested, ...own];
}

/** @throws TypeError for a query that `printf` does not make: its text is known only when it is rendered */
function patternOf([first, pattern]: Command): string {
  if (isWord(first, 'printf') && pattern && 'literal' in pattern) return String(pattern.literal);
  throw new TypeError('a text of a rule asks something that no pattern for printf shows');
}

function isWord(operand: Operand | undefined, word: string): boolean {
  return operand !== undefined && 'word' in operand && operand.word === word;
}
