import { expect, it } from 'vitest';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/options.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';
import { EQUIVALENT_MUTANTS } from './mutation/equivalent-mutants.ts';
import { mutantsOf } from './mutation/mutants.ts';
import { ruleLabel } from './support/rule-table.ts';

const RULES = ruleGroups(DEFAULT_RULE_OPTIONS).flatMap(({ rules }) => rules);

it.each(EQUIVALENT_MUTANTS)(
  'an edit that nothing can notice is one of the rules as they are: $rule, $edit',
  ({ rule, edit }) => {
    const edits = RULES.filter((one) => ruleLabel(one) === rule).flatMap((one) =>
      mutantsOf(one).map((mutant) => mutant.edit),
    );
    expect(edits).toContain(edit);
  },
);
