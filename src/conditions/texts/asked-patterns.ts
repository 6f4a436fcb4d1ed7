import type { Command, Operand, Pipe, TemplateNode } from './text-template.ts';

/** What a template asks Prometheus: the patterns for `printf` whose result goes to `query`. */
export function askedPatterns(nodes: readonly TemplateNode[]): readonly string[] {
  return nodes.flatMap((node) => {
    if (typeof node === 'string') return [];
    if (!('kind' in node)) return askedBy(node.pipe);
    return [...askedBy(node.pipe), ...askedPatterns(node.then), ...askedPatterns(node.otherwise)];
  });
}

function askedBy(pipe: Pipe): readonly string[] {
  const inner = pipe.flatMap((command) => command.flatMap((one) => ('pipe' in one ? askedBy(one.pipe) : [])));
  const asked = pipe.flatMap((command, index) => (isWord(pipe[index + 1]?.[0], 'query') ? patternOf(command) : []));
  return [...inner, ...asked];
}

/** @throws TypeError for a query that is not written by `printf`: what it asks is not known before it is asked */
function patternOf([first, pattern]: Command): string {
  if (isWord(first, 'printf') && pattern && 'literal' in pattern) return String(pattern.literal);
  throw new TypeError('a text of a rule asks something that no pattern for printf shows');
}

function isWord(operand: Operand | undefined, word: string): boolean {
  return operand !== undefined && 'word' in operand && operand.word === word;
}
