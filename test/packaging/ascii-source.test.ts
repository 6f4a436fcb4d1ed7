import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { asciiSource } from '../../scripts/build/ascii-source.ts';
import { ROOT } from '../support/processes.ts';

it.each([
  ['a string', `'at most – “24 h” → 🙂'`],
  ['a letter of Latin-1', `"2 × 3 · é"`],
  ['a template', `\`≥ \${'…'}\``],
  ['a backslash that is one itself', `'\\\\ →'`],
  ['a name', `(() => { const größe = '→'; return größe; })()`],
  ['a regular expression', `'a – b 🙂'.replace(/[–]/, '-').replace(/🙂/u, 'x')`],
  ['a set of pairs', `'🙂🙃'.match(/^[🙂🙃]$/u)?.[0] ?? 'none'`],
])('%s means the same in ASCII', (_, source) => {
  const ascii = asciiSource(source);
  expect(ascii).toMatch(/^[\0-\x7f]+$/);
  expect(runInNewContext(ascii)).toBe(runInNewContext(source));
});

it.each([
  ['a letter after a backslash', `'\\→'`],
  ['a raw template', 'String.raw`→`'],
])('%s would mean something else, and fails the build', (_, source) => {
  expect(() => asciiSource(source)).toThrow('→');
});

it('every file of the program is in ASCII', () => {
  const files = readdirSync(join(ROOT, 'dist')).filter((name) => name.endsWith('.cjs'));
  expect(files).toContain('main.cjs');
  for (const name of files) expect(readFileSync(join(ROOT, 'dist', name), 'latin1'), name).toMatch(/^[\0-\x7f]*$/);
});
