import { expect, it } from 'vitest';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';
import { pageOf } from './pages.ts';

/** How many rules the largest group has. */
const largest = (set: 'all' | 'starter') =>
  Math.max(...ruleGroups({ ...DEFAULT_RULE_OPTIONS, set }).map(({ rules }) => rules.length));

it('docs/operating.md tells who limits the size of groups how large they are', () => {
  const { text } = pageOf('docs/operating.md');
  const said = /The largest group here has (\d+), or (\d+) with `rules --set starter`/.exec(text)!;
  expect(said.slice(1).map(Number)).toEqual([largest('all'), largest('starter')]);
});
