import { expect, it } from 'vitest';
import { shippedRules } from '../../src/conditions/evaluation/compile-rules.ts';
import { RuleEvaluator } from '../../src/conditions/evaluation/rule-evaluator.ts';
import { ExpositionReader } from '../../src/conditions/scrape/exposition-reader.ts';
import { createExposition } from '../../src/metrics/exposition.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { collectGarbage } from '../support/collect-garbage.ts';
import { noTransitions } from '../support/expositions.ts';
import { buildState, fixedStates, NOW } from '../support/states.ts';

const ENVIRONMENTS = 150;
const MOST_KIB = 20;

/** What an evaluation keeps for the next one, KiB an environment; the text of the exposition is no part of it. */
async function keptKib(environments: number): Promise<{ readonly kib: number; readonly series: number }> {
  const states = Array.from({ length: environments }, (_, index) => {
    return buildState(`env_01abcdefghijklmnop${index}`, { lifecycle: noTransitions() });
  });
  const exposition = createExposition({
    states: fixedStates(states),
    self: { write: async () => [] },
    clock: { now: () => NOW },
    skewMs: () => 0,
  });
  const text = await exposition.render('prometheus');
  const evaluator = new RuleEvaluator(await shippedRules());
  const reader = new ExpositionReader({
    names: evaluator.scrapedNames,
    target: { job: DEFAULT_RULE_OPTIONS.job, instance: 'self' },
    wantsSeries: (name, labels) => evaluator.store.wants(name, labels),
  });
  const before = await usedKib();
  for (const at of [0, 30_000]) {
    evaluator.storeScrape(await reader.read(text), at);
    await evaluator.evaluate(at);
  }
  const kept = (await usedKib()) - before;
  // Read after the measurement, so that all of it is still needed then.
  const { bytesRead } = reader;
  expect(bytesRead).toBe(Buffer.concat(text).length);
  return { kib: kept / environments, series: evaluator.store.size.series / environments };
}

async function usedKib(): Promise<number> {
  await collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024;
}

it(`the evaluation of the rules keeps at most ${MOST_KIB} KiB for an environment with its 80 series`, async () => {
  // Code that runs for the first time is compiled, which takes memory, too.
  await keptKib(2);
  const { kib, series } = await keptKib(ENVIRONMENTS);
  expect(series).toBeGreaterThan(70);
  expect(kib).toBeLessThanOrEqual(MOST_KIB);
});
