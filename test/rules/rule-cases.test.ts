import { describe, expect, it } from 'vitest';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { isAlert } from '../../src/rules/parts/rule.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';
import { CASES } from './cases/all-cases.ts';
import { SITUATIONS } from './situations/all-situations.ts';
import { PROMTOOL } from './support/promtool.ts';
import { runCases } from './support/run-cases.ts';

const groups = ruleGroups(DEFAULT_RULE_OPTIONS);

const WHOLE = Object.values(CASES)
  .flat()
  .filter(({ whole }) => whole === true);

/** To evaluate every rule takes as long as many cases do that do not: one case meets them as they are, the others at once. */
const RUNS = [
  ...Object.entries(CASES).map(([what, cases]) => ({ what, cases: cases.filter(({ whole }) => whole !== true) })),
  { what: 'every rule as it is', cases: WHOLE.slice(0, 1) },
  { what: 'every rule, side by side', cases: WHOLE.slice(1) },
];

describe(`edges of the rules, in ${PROMTOOL}`, () => {
  it.concurrent.each(RUNS)('$what', { timeout: 900_000 }, async ({ cases }) => {
    const { ok, output } = await runCases(cases, groups, PROMTOOL);
    expect(ok, output).toBe(true);
  });
});

describe('every alert that somebody hears of', () => {
  const situations = Object.values(SITUATIONS).flat();
  const cases = Object.values(CASES).flat();
  const variants = groups.flatMap(({ rules }) => rules.filter(isAlert)).map(({ alert, labels }) => ({ alert, labels }));

  it.each(variants.filter(({ labels }) => /critical|warning/.test(labels.severity)))(
    '$alert $labels fires in one of them',
    ({ alert, labels }) => {
      const told = situations.flatMap(({ pages = [], tickets = [], muted = [] }) => [
        ...pages.map((one) => ({ ...one, severity: 'critical' })),
        ...tickets.map((one) => ({ ...one, severity: 'warning' })),
        ...muted,
      ]);
      const fired = cases.flatMap((one) => one.checks.flatMap(([, ...firing]) => firing));
      expect(
        told.some((one) => `AnthropicWork${one.alert}` === alert && one.severity === labels.severity) ||
          fired.some((one) => `AnthropicWork${one.alert}` === alert && one.labels.severity === labels.severity),
      ).toBe(true);
    },
  );
});
