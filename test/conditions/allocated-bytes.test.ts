import { expect, it } from 'vitest';
import { ConditionBuilder } from '../../src/conditions/condition-builder.ts';
import { conditionOrder } from '../../src/conditions/condition-order.ts';
import { AlertInstances } from '../../src/conditions/evaluation/alert-instances.ts';
import { shippedRules } from '../../src/conditions/evaluation/compile-rules.ts';
import { RuleEvaluator } from '../../src/conditions/evaluation/rule-evaluator.ts';
import type { LazyCondition } from '../../src/conditions/lazy-condition.ts';
import { ExpositionReader } from '../../src/conditions/scrape/exposition-reader.ts';
import { createExposition } from '../../src/metrics/exposition.ts';
import { LabelSet } from '../../src/promql/store/label-set.ts';
import { SeriesStore } from '../../src/promql/store/series-store.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { isAlert } from '../../src/rules/parts/rule.ts';
import { bytesATurn } from '../support/bytes-a-turn.ts';
import { noTransitions } from '../support/expositions.ts';
import { buildState, fixedStates, NOW } from '../support/states.ts';

const ENVIRONMENTS = 200;
const STEP_MS = 30_000;
/** What is left is mostly what compares a stamp with the time: it is evaluated anew for each environment. */
const MOST_KIB = 1400;
/** Of alerts that stay as they are: one object with numbers and one for words, and the place in the list. */
const MOST_KIB_OF_ALERTS = 120;
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
      wantsSeries: (name, labels) => evaluator.store.wants(name, labels),
    });
    const bytes = await bytesATurn(async () => {
      evaluator.storeScrape(await reader.read(await exposition.render('prometheus')), clock.at);
      await evaluator.evaluate(clock.at);
      clock.at += STEP_MS;
    }, MOST_KIB * 1024);
    expect(bytes / 1024).toBeLessThanOrEqual(MOST_KIB);
    // All of it was evaluated.
    expect(evaluator.store.size.series).toBeGreaterThan(70 * ENVIRONMENTS);
  },
  MOST_MS,
);

it(
  `${ENVIRONMENTS} alerts that stay as they are allocate at most ${MOST_KIB_OF_ALERTS} KiB an evaluation`,
  async () => {
    const rules = (await shippedRules()).map(({ rule }) => rule).filter(isAlert);
    const instances = new AlertInstances(rules.find(({ alert }) => alert === 'AnthropicWorkPendingStuck')!);
    const vector = Array.from({ length: ENVIRONMENTS }, (_, index) => {
      return { labels: LabelSet.of({ environment_id: `env_${index}`, environment_name: 'quiet' }), value: 3 };
    });
    const writer = new ConditionBuilder(new SeriesStore([]));
    const order = conditionOrder(rules);
    let before: ReadonlyMap<LabelSet, LazyCondition> = new Map();
    let at = 0;
    const bytes = await bytesATurn(async () => {
      at += STEP_MS;
      instances.update(vector, at);
      const written = new Map<LabelSet, LazyCondition>();
      for (const instance of instances.active) {
        written.set(
          instance.labels,
          writer.build(instance, { at, firstAt: 0, wallOffsetMs: 0 }, before.get(instance.labels)),
        );
      }
      expect([...written.values()].sort(order)).toHaveLength(ENVIRONMENTS);
      before = written;
    }, MOST_KIB_OF_ALERTS * 1024);
    expect(bytes / 1024).toBeLessThanOrEqual(MOST_KIB_OF_ALERTS);
  },
  MOST_MS,
);
