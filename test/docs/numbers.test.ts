import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/processes.ts';
import { PAGES } from './pages.ts';

/** A unit of time in milliseconds, or a part of one. */
const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  '%': 1e-2,
  ppm: 1e-6,
};

/** `10 min` in milliseconds, `25 %` as 0.25, `64` as it is. */
function numberIn(text: string): number {
  const [, number, unit] = /^([\d.]+)(?: (\S+))?$/.exec(text) ?? [];
  return Number(number) * (unit === undefined ? 1 : (UNITS[unit] ?? Number.NaN));
}

/** The value of a constant that is a number, or a product of numbers and such constants of the same file. */
function constant(path: string, name: string): number {
  const source = readFileSync(join(ROOT, path), 'utf8');
  const [, expression] = new RegExp(`\\bconst ${name}(?:: \\w+)? = ([\\w.* -]+);`).exec(source) ?? [];
  if (expression === undefined) return Number.NaN;
  return expression
    .split(' * ')
    .map((factor) => (/^\d/.test(factor) ? Number(factor.replaceAll('_', '')) : constant(path, factor)))
    .reduce((product, factor) => product * factor, 1);
}

const pages = PAGES.filter(({ path, text }) => path.startsWith('docs/design/') && text.includes('\n## Numbers\n'));

it('the design pages that state numbers have a table of them', () => {
  expect(pages.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['budget', 'clock-skew', 'counting', 'list-scan'].map((name) => `docs/design/${name}.md`)),
  );
});

describe.each(pages)('$path', ({ text }) => {
  const [, section = ''] = text.split('\n## Numbers\n');
  const rows = section
    .split(/^## /m)[0]!
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2);

  it.each(rows)('has the number of the source: %s', (row) => {
    const [, value, name, path] = /\| ([^|]+) \| `(\w+)` in `([^`]+)` \|$/.exec(row)!;
    expect(constant(path!, name!)).toBeCloseTo(numberIn(value!), 9);
  });
});
