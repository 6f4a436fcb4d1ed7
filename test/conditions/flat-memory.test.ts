import { expect, it } from 'vitest';
import { shippedRules } from '../../src/conditions/evaluation/compile-rules.ts';
import { RuleEvaluator } from '../../src/conditions/evaluation/rule-evaluator.ts';
import { ExpositionReader } from '../../src/conditions/scrape/exposition-reader.ts';
import { createExposition } from '../../src/metrics/exposition.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { noTransitions } from '../support/expositions.ts';
import { columnsOf, type ScrapedSample, samplesIn } from '../support/scraped-samples.ts';
import { buildState, fixedStates, NOW } from '../support/states.ts';

/** At this step every rule is due at every evaluation. */
const STEP_MS = 1_800_000;
const DAY = 86_400_000 / STEP_MS;
const NEWCOMERS_A_DAY = 8;
/** Three times the longest window of a rule, three days. */
const DAYS = 9;

/** What a scrape says of an environment. */
async function samplesOf(evaluator: RuleEvaluator, id: string): Promise<readonly ScrapedSample[]> {
  const exposition = createExposition({
    states: fixedStates([buildState(id, { lifecycle: noTransitions() })]),
    self: { write: async () => [] },
    clock: { now: () => NOW },
    skewMs: () => 0,
  });
  const reader = new ExpositionReader({
    names: evaluator.scrapedNames,
    target: { job: DEFAULT_RULE_OPTIONS.job, instance: 'self' },
    wantsSeries: (name, labels) => evaluator.store.wants(name, labels),
  });
  return samplesIn(await reader.read(await exposition.render('prometheus')));
}

it('what is kept stops growing after the longest window, though every number moves and environments come and go', async () => {
  const evaluator = new RuleEvaluator(await shippedRules());
  const stays = await samplesOf(evaluator, 'env_stays');
  let newcomer: readonly ScrapedSample[] = [];
  const kept: RuleEvaluator['store']['size'][] = [];
  for (let turn = 1; turn <= DAYS * DAY; turn++) {
    if (turn % (DAY / NEWCOMERS_A_DAY) === 1) newcomer = await samplesOf(evaluator, `env_came_at_${turn}`);
    // No two values in a row are the same, which nothing could keep in less space.
    evaluator.storeScrape(
      columnsOf([...stays, ...newcomer].map((sample) => ({ ...sample, value: sample.value + ((turn * 7) % 5) }))),
      turn * STEP_MS,
    );
    await evaluator.evaluate(turn * STEP_MS);
    if (turn % DAY === 0) kept.push(evaluator.store.size);
  }
  const most = (what: 'series' | 'numbers', from: number) =>
    Math.max(...kept.slice(from, from + DAYS / 3).map((size) => size[what]));
  // Which values meet an edge of a window differs from day to day, by some numbers in thousands.
  for (const what of ['series', 'numbers'] as const) expect(most(what, 6)).toBeLessThan(1.01 * most(what, 3));
  // Those that left are gone: there are no more than the two that are there, with what is recorded of them, and what a
  // window still holds of others.
  expect(most('series', 6)).toBeLessThan(4 * stays.length);
});
