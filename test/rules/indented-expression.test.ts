import { describe, expect, it } from 'vitest';
import { indentExpression } from '../../src/rules/indented-expression.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';

const LONG = `up{instance="${'x'.repeat(100)}"}`;
/** As long as anything in parentheses may be on one line. */
const LONGEST = `up{instance="${'x'.repeat(81)}"}[2m]`;
const LONG_JOB = `up{job="${'(\\\\\\"'.repeat(50)}"}`;

const CASES: readonly (readonly [what: string, expr: string, indented: string])[] = [
  ['a short one stays as it is', 'max by (job) (up == 1)', 'max by (job) (up == 1)'],
  ['operands without parentheses stay at the left', 'a\nand on (b) c\nor d', 'a\nand on (b) c\nor d'],
  ['operands in parentheses move', '(a\nor b)\nunless c', '(\n  a\n  or b\n)\nunless c'],
  ['those within them move further', '((a\nand b)\nor c)', '(\n  (\n    a\n    and b\n  )\n  or c\n)'],
  ['short parentheses within stay in their line', '(max (a)\nor (b))', '(\n  max (a)\n  or (b)\n)'],
  ['a long argument has a line of its own', `last_over_time(${LONG}[2m])`, `last_over_time(\n  ${LONG}[2m]\n)`],
  ['a shorter one has not', `last_over_time(${LONGEST})`, `last_over_time(${LONGEST})`],
  ['a long name of the job makes no line', `last_over_time(${LONG_JOB}[2m])`, `last_over_time(${LONG_JOB}[2m])`],
  ['what is indented already is not indented twice', 'sum (\n    a\n    or b\n  )', 'sum (\n  a\n  or b\n)'],
  [
    'a comment stands above what it is about',
    '(# Why (not).\na\nor (# So.\nb))',
    '(\n  # Why (not).\n  a\n  or (\n    # So.\n    b\n  )\n)',
  ],
  ['parentheses in a text are no parentheses', '(a{b="(\\"("}\nor c)', '(\n  a{b="(\\"("}\n  or c\n)'],
];

describe('an indented expression', () => {
  it.each(CASES)('%s', (_what, expr, indented) => {
    expect(indentExpression(expr)).toBe(indented);
    expect(indentExpression(indented)).toBe(indented);
  });

  it('is what it was, but for white space, for every rule and any job', () => {
    const job = 'a (b" \\c) #[d]';
    for (const { expr } of ruleGroups({ ...DEFAULT_RULE_OPTIONS, job }).flatMap(({ rules }) => rules)) {
      const indented = indentExpression(expr);
      expect(indented.replaceAll(/\s/g, '')).toBe(expr.replaceAll(/\s/g, ''));
      expect(
        indented.split('\n').every((line) => /^( {2})*[^ ]/.test(line)),
        indented,
      ).toBe(true);
    }
  });
});
