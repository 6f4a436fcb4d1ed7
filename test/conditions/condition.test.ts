import { expect, it } from 'vitest';
import { isEvaluated, NO_CONDITIONS, warmUpMs } from '../../src/conditions/condition.ts';
import { conditionPipeline } from '../../src/conditions/condition-pipeline.ts';
import { PAGE_WINDOW } from '../../src/rules/alerts/slo-rules.ts';
import { durationMs } from '../../src/rules/parts/durations.ts';

const AT = 1_795_521_600_000;

it('what is said of the alerts holds until two evaluations are overdue', async () => {
  const { intervalMs } = await conditionPipeline();
  const report = { evaluatedAt: AT, conditions: [] };
  expect(isEvaluated(report, AT + 2 * intervalMs)).toBe(true);
  expect(isEvaluated(report, AT + 2 * intervalMs + 1)).toBe(false);
  expect(isEvaluated(NO_CONDITIONS, AT)).toBe(false);
});

it('a process is young until it has seen what the slowest page looks back at', () => {
  const report = { evaluatedAt: AT, evaluatedSince: AT, conditions: [] };
  const needed = durationMs(PAGE_WINDOW.visibleSince);
  expect(warmUpMs(report, AT)).toBe(0);
  expect(warmUpMs(report, AT + needed - 1)).toBe(needed - 1);
  expect(warmUpMs(report, AT + needed)).toBeNull();
  // Before the first evaluation there is nothing to be young for.
  expect(warmUpMs(NO_CONDITIONS, AT)).toBeNull();
});
