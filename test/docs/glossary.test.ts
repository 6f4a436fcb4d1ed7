import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/processes.ts';
import { pageOf } from './pages.ts';

const [, , ...rows] = pageOf('docs/design/glossary.md')
  .text.split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
const entries = rows.map(([term = '', , code = '', not = '']) => ({
  terms: term.split(', '),
  names: [...code.matchAll(/`([^`]+)`/g)].map((match) => match[1]!),
  not: not.split(', '),
}));

describe('docs/design/glossary.md', () => {
  it('names only what the source has', () => {
    const paths = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.ts'),
    );
    const words = new Set(paths.flatMap((path) => readFileSync(join(ROOT, 'src', path), 'utf8').match(/\w+/g) ?? []));
    for (const path of paths) words.add(basename(path, '.ts'));
    const named = entries.flatMap(({ names }) => names);
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter((name) => !words.has(name))).toEqual([]);
  });

  it('has each term once, and no term among the words that are not used for it', () => {
    const terms = entries.flatMap((entry) => entry.terms);
    expect(new Set(terms).size).toBe(terms.length);
    expect(entries.filter(({ terms: own, not }) => not.some((word) => own.includes(word)))).toEqual([]);
  });
});
