import { expect, it } from 'vitest';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { isAlert } from '../../src/rules/parts/rule.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';
import { boards, panelsOf, targetsOf } from './support/board-parts.ts';

/** The number that the rule of an alert compares with; `labels` choose one of several rules. */
function limitIn(alert: string, pattern: RegExp, labels: Readonly<Record<string, string>> = {}): number {
  const rules = ruleGroups(DEFAULT_RULE_OPTIONS).flatMap((group) => group.rules.filter(isAlert));
  const chosen = rules.filter(
    (rule) =>
      rule.alert === alert && Object.entries(labels).every(([name, value]) => rule.labels[name as never] === value),
  );
  return Number(pattern.exec(chosen[0]!.expr)?.[1]);
}

/** The constant lines of a chart, and what its legend says of them. */
function linesOf(title: string) {
  const panel = boards.flatMap(panelsOf).find((one) => one.title === title)!;
  return targetsOf(panel).flatMap((target) => {
    const constant = /^vector\((-?[\d.]+)\)$/.exec(target.expr)?.[1];
    const { legendFormat } = target as { readonly legendFormat?: string };
    return constant === undefined ? [] : { at: Number(constant), says: Number(/-?[\d.]+/.exec(legendFormat!)?.[0]) };
  });
}

it('a dashed line on the chart of clocks is where their alert fires', () => {
  const seconds = limitIn('AnthropicWorkClockSkew', /> (\d+)$/);
  expect(linesOf('Clock of the API against ours')).toEqual([
    { at: seconds, says: seconds },
    { at: -seconds, says: -seconds },
  ]);
});

it('a dashed line on the chart of stretched reads is where their alert fires', () => {
  const factor = limitIn('AnthropicWorkCoverageReduced', /\((\d+) \*/, { coverage: 'intervals' });
  expect(linesOf('Stretch factor')).toEqual([{ at: 100 * factor, says: 100 * factor }]);
});
