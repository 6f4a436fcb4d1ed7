import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../support/processes.ts';
import { FUZZED, OWN_TEXT } from './fuzzed-files.ts';

/** What takes text apart. The simulator and what is generated read only what this project wrote. */
const TAKES_APART =
  /JSON\.parse\(|Date\.parse\(|URL\.(?:canP|p)arse\(|\.exec\(|\.matchAll\(|parseDocument\(|new X509Certificate\(|export (?:async )?function (?:parse|decode)[A-Z]/;
const ELSEWHERE = /^(?:simulator|dashboards|docs|deploy)\//;

describe('the list of what is fuzzed', () => {
  const files = globSync('**/*.ts', { cwd: join(ROOT, 'src') }).filter((file) => !ELSEWHERE.test(file));

  it('has every file that takes text apart', () => {
    const found = files.filter((file) => TAKES_APART.test(readFileSync(join(ROOT, 'src', file), 'utf8')));
    expect(found.filter((file) => FUZZED[file] === undefined && OWN_TEXT[file] === undefined)).toEqual([]);
  });

  it('names files that are there, and tests that run at random', () => {
    for (const file of [...Object.keys(FUZZED), ...Object.keys(OWN_TEXT)]) expect(files).toContain(file);
    for (const test of new Set(Object.values(FUZZED))) {
      expect([test, existsSync(join(ROOT, 'test', test))]).toEqual([test, true]);
      expect([test, readFileSync(join(ROOT, 'test', test), 'utf8')]).toEqual([
        test,
        expect.stringContaining('fc.assert'),
      ]);
    }
  });

  it('names a test that reaches the file through its imports', () => {
    const missed = Object.entries(FUZZED).filter(
      ([file, test]) => !reachedFrom(join(ROOT, 'test', test)).has(join(ROOT, 'src', file)),
    );
    expect(missed).toEqual([]);
  });
});

/** The file and all that it imports, also by way of other files. */
function reachedFrom(start: string): ReadonlySet<string> {
  const reached = new Set([start]);
  for (const file of reached) {
    const imports = readFileSync(file, 'utf8').matchAll(/(?:from |import\()'(\.[^']+\.ts)'/g);
    for (const [, path] of imports) reached.add(join(dirname(file), path!));
  }
  return reached;
}
