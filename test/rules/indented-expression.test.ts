import { describe, expect, it } from 'vitest';
import { indentExpression } from '../../src/rules/indented-expression.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';

describe('an indented expression', () => {
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
