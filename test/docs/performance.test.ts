import { describe, expect, it } from 'vitest';
import type { Figure } from '../../bench/figure.ts';
import { type BenchName, GOALS } from '../../bench/goals.ts';
import { tableLines } from '../../bench/table.ts';
import { pageOf } from './pages.ts';

const { text } = pageOf('docs/performance.md');
const LINES = text.split('\n');
const NAMES = Object.keys(GOALS) as BenchName[];

/** What the page says was measured. */
function figuresOf(lines: readonly string[]): Figure[] {
  return lines.map((line) => {
    const [, what, , result, from] = line.slice(2, -2).split(' | ');
    return { what: what!, result: Number.parseFloat(result!), from: from ?? '' };
  });
}

describe('docs/performance.md', () => {
  it.each(NAMES)(
    'shows of the bench %s each row with its goal and whether it is met, as the bench prints them',
    (name) => {
      const shown = LINES.filter((line) => line.startsWith(`| ${name} | `));
      expect(tableLines(name, figuresOf(shown)).map(({ line }) => line)).toEqual(shown);
    },
  );

  it('shows the rows of no other bench', () => {
    const benches = LINES.filter((line) => /^\| (?!bench|---)/.test(line)).map((line) => line.split(' ')[1]);
    expect([...new Set(benches)]).toEqual(NAMES);
  });

  it('says when, on what, and how many goals are missed, in the words of the bench', () => {
    expect(text).toMatch(/^\d{4}-\d\d-\d\d, Node v\d+\.\d+\.\d+, \d+ × .+, \d+ GB$/m);
    const missed = LINES.filter((line) => line.includes(' **missed** |')).length;
    const total = missed === 0 ? 'Every goal is met' : `${missed} goals are missed`;
    expect(text).toMatch(new RegExp(`^${total}, after \\d+\\.\\d min$`, 'm'));
  });
});

describe('the table of the benches', () => {
  const [first, ...others] = GOALS.memory.map(({ what }) => ({ what, result: 1 }));

  it('the table of the benches is not written where a row is missing, or has no goal', () => {
    expect(() => tableLines('memory', [first!])).toThrow(`memory did not measure ${others[0]!.what}`);
    expect(() => tableLines('memory', [first!, ...others, { what: 'more', result: 1 }])).toThrow('which has no goal');
  });

  it.each([
    [1.1, ''],
    [1.104, ''],
    [1.106, ' **missed**'],
    [0.2, ''],
  ])('judges %d against 1.1', (result, mark) => {
    const [line] = tableLines('memory', [{ ...first!, result }, ...others]);
    expect(line).toMatchObject({ isMissed: mark !== '' });
    expect(line!.line.split(' | ')[3]).toMatch(mark === '' ? /^[\d.]+$/ : / \*\*missed\*\*$/);
  });
});
