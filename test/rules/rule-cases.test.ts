import { describe, expect, it } from 'vitest';
import { ALERT_NAMES } from '../../src/rules/alert-names.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/options.ts';
import { isAlert } from '../../src/rules/rule.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';
import { CASES } from './cases/all-cases.ts';
import { subjectsOf } from './support/promtool-file.ts';
import { runCases } from './support/run-cases.ts';

const groups = ruleGroups(DEFAULT_RULE_OPTIONS);
const everyCase = Object.values(CASES).flat();

describe('the rules in promtool', () => {
  it.concurrent.each(Object.entries(CASES))('%s', { timeout: 180_000 }, async (_part, cases) => {
    const { ok, output } = await runCases(cases, groups);
    expect(ok, output).toBe(true);
  });
});

describe('the cases', () => {
  const variants = groups.flatMap(({ rules }) => rules.filter(isAlert)).map(({ alert, labels }) => ({ alert, labels }));

  it.each(variants)('$alert $labels fires in one of them', ({ alert, labels }) => {
    const firing = everyCase.flatMap((one) => one.checks.flatMap(([, ...fired]) => fired));
    const matches = firing.some(
      (one) =>
        `AnthropicWork${one.alert}` === alert &&
        Object.entries(labels).every(([label, value]) => one.labels[label] === value),
    );
    // Every whole case expects the Watchdog.
    expect(matches || alert === 'AnthropicWorkWatchdog').toBe(true);
  });

  it.each(ALERT_NAMES)('%s has a near miss', (name) => {
    const nearMiss = everyCase.some(
      (one) =>
        [...subjectsOf(one)].some((subject) => `AnthropicWork${subject}` === name) &&
        one.checks.some(([, ...fired]) => fired.every(({ alert }) => `AnthropicWork${alert}` !== name)),
    );
    expect(nearMiss).toBe(true);
  });
});
