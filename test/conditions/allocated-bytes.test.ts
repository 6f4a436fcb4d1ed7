import { expect, it } from 'vitest';
import { shippedRules } from '../../src/conditions/compile-rules.ts';
import { ExpositionReader } from '../../src/conditions/exposition-reader.ts';
import { RuleEvaluator } from '../../src/conditions/rule-evaluator.ts';
import { createExposition } from '../../src/metrics/exposition.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/options.ts';
import { bytesATurn } from '../support/bytes-a-turn.ts';
import { noTransitions } from '../support/expositions.ts';
import { buildState, fixedStates, NOW } from '../support/states.ts';

const ENVIRONMENTS = 200;
const STEP_MS = 30_000;
/** What is left is mostly what compares a stamp with the time: it is evaluated anew for each environment. */
const MOST_KIB = 1500;
/** A turn takes some milliseconds, and much longer where others need the machine, too. */
const MOST_MS = 120_000;

it(
  `an evaluation for ${ENVIRONMENTS} environments of which only the age has changed allocates at most ${MOST_KIB} KiB`,
  async () => {
    const states = Array.from({ length: ENVIRONMENTS }, (_, index) => {
      return buildState(`env_01quiet${index}`, { lifecycle: noTransitions() });
    });
    // Back and forth, since a state that is not read again is soon too old to be shown.
    const clock = { at: 0, now: () => NOW + (clock.at % (2 * STEP_MS)) };
    const exposition = createExposition({
      states: fixedStates(states),
      self: { write: async () => [] },
      clock,
      skewMs: () => 0,
    });
    const evaluator = new RuleEvaluator(await shippedRules());
    const reader = new ExpositionReader({
      names: evaluator.scrapedNames,
      target: { job: DEFAULT_RULE_OPTIONS.job, instance: 'self' },
      wants: (name, labels) => evaluator.store.wants(name, labels),
    });
    const bytes = await bytesATurn(async () => {
      evaluator.scraped(await reader.read(await exposition.render('prometheus')), clock.at);
      await evaluator.evaluate(clock.at);
      clock.at += STEP_MS;
    }, MOST_KIB * 1024);
    expect(bytes / 1024).toBeLessThanOrEqual(MOST_KIB);
    // All of it was evaluated.
    expect(evaluator.store.size.series).toBeGreaterThan(70 * ENVIRONMENTS);
  },
  MOST_MS,
);
