import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/processes.ts';

const TESTS = join(ROOT, 'test');
const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, text: readFileSync(join(TESTS, path), 'utf8') }));

/** What tests do in one way only, or not at all; the files that may. */
const HABITS = [
  [
    'wait for a condition, with waitUntil',
    /\bsetTimeout\b|\bexpect\s*\.poll\b|\bvi\.wait(?:Until|For)\b/,
    ['support/wait-until.ts'],
  ],
  ['fake the world, not modules', /\bvi\.(?:do)?[mM]ock\(/, []],
  ['are never skipped, and never run alone', /\b(?:it|describe)\.(?:skip|only|todo|fails)\b|\.skipIf\(/, []],
  ['are called it', /^\s*test(?:\.\w+)*\(/m, []],
] as const satisfies readonly (readonly [habit: string, against: RegExp, allowed: readonly string[]])[];

describe('the tests', () => {
  it.each(HABITS)('%s', (_, against, allowed) => {
    const own = 'repository/test-habits.test.ts';
    const found = files.filter(({ path, text }) => path !== own && against.test(text)).map(({ path }) => path);
    expect(found).toEqual(allowed);
  });
});
