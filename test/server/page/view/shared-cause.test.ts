import { expect, it } from 'vitest';
import { DEFAULT_RULE_OPTIONS } from '../../../../src/rules/parts/options.ts';
import { isAlert } from '../../../../src/rules/parts/rule.ts';
import { ruleGroups } from '../../../../src/rules/rule-groups.ts';
import { sharedCause } from '../../../../src/server/page/view/shared-cause.ts';

it('no alert about one environment speaks of a single one where several share it', () => {
  const alerts = ruleGroups(DEFAULT_RULE_OPTIONS)
    .flatMap(({ rules }) => rules)
    .filter(isAlert)
    .filter(({ annotations, labels }) => annotations.summary.includes('environment_name') && labels.severity !== 'info')
    .map(({ alert }) => sharedCause(alert, 3));
  expect(alerts.length).toBeGreaterThan(10);
  for (const text of alerts) {
    expect(text).toMatch(/^[A-Z][^:]{5,60}: 3 environments$/);
    expect(text).not.toMatch(/\b(an|a) (watched )?(environment|item|session)\b/i);
  }
});
