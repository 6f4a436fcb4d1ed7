import { expect, it } from 'vitest';
import { shippedRules } from '../../src/conditions/evaluation/compile-rules.ts';
import { RuleEvaluator } from '../../src/conditions/evaluation/rule-evaluator.ts';
import { ExpositionReader } from '../../src/conditions/scrape/exposition-reader.ts';
import { createExposition } from '../../src/metrics/exposition.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { noTransitions } from '../support/expositions.ts';
import { buildState, fixedStates, NOW } from '../support/states.ts';

const STEP = 30_000;
/** Time goes on in a quiet fleet, too: what compares a stamp with it is evaluated, and what reads alerts. */
const MOST = 0.24;

it(`on average, at most ${100 * MOST} % of the rules that are due are evaluated where only time has passed`, async () => {
  const clock = { at: 0, now: () => NOW + clock.at };
  const exposition = createExposition({
    states: fixedStates([buildState('env_01quiet', { lifecycle: noTransitions() })]),
    self: { write: async () => [] },
    clock,
    skewMs: () => 0,
  });
  const rules = await shippedRules();
  const evaluator = new RuleEvaluator(rules);
  const reader = new ExpositionReader({
    names: evaluator.scrapedNames,
    target: { job: DEFAULT_RULE_OPTIONS.job, instance: 'self' },
  });
  const evaluated: number[] = [];
  for (; clock.at <= 10 * STEP; clock.at += STEP) {
    const before = evaluator.expressionsEvaluated;
    evaluator.storeScrape(await reader.read(await exposition.render('prometheus')), clock.at);
    await evaluator.evaluate(clock.at);
    evaluated.push(evaluator.expressionsEvaluated - before);
  }
  expect(evaluated[0]).toBe(rules.length);
  const due = rules.filter(({ intervalMs }) => intervalMs === STEP).length;
  const later = evaluated.slice(2, 10);
  const mean = later.reduce((sum, count) => sum + count, 0) / later.length;
  expect(mean).toBeLessThanOrEqual(MOST * due);
});
