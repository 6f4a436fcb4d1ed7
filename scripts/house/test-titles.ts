import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from './finding.ts';

/** `it('…'`, also with `.each(…)` over several lines before it. */
const TITLE =
  /^[ \t]*(?:it(?:\.(?!each|for)\w+)*|it\b[^\n]*\)|(?:\] as const|\])?\)+)\(\s*(['"`])((?:(?!\1)[^\n])*)\1,/gm;
const GROUP = /\bdescribe[^\n]*?\(\s*(['"`])((?:(?!\1)[^\n])*)\1/g;
const PLACEHOLDER = /^(?:%[sjdi]|\$\w+)$/;

/**
 * Titles of tests that are no sentence. One that is all row of a table needs a group that begins the sentence, or rows
 * of words.
 */
export function testTitleFindings(root: string): readonly Finding[] {
  const folder = join(root, 'test');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .toSorted()
    .flatMap((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      const hasGroup = [...text.matchAll(GROUP)].some(([, , title]) => wordsOf(title!) > 1);
      return [...text.matchAll(TITLE)]
        .map(([, , title]) => title!)
        .filter((title) => wordsOf(title) < 2 && !(PLACEHOLDER.test(title) && hasGroup))
        .map((title): Finding => ({ kind: 'test-title', where: `test/${name}`, detail: `"${title}"` }));
    });
}

function wordsOf(title: string): number {
  return title.split(' ').filter((word) => word !== '').length;
}
