import { LabelSet } from '../promql/store/label-set.ts';
import { DEFAULT_RULE_OPTIONS } from '../rules/parts/options.ts';
import { isAlert } from '../rules/parts/rule.ts';
import { isEvaluatedHere } from './condition.ts';
import { ConditionBuilder } from './condition-builder.ts';
import { type ConditionOrder, conditionOrder } from './condition-order.ts';
import { shippedRules } from './evaluation/compile-rules.ts';
import { type NamedColumns, RuleEvaluator } from './evaluation/rule-evaluator.ts';
import { OWN_INSTANCE } from './own-instance.ts';
import { ExpositionReader } from './scrape/exposition-reader.ts';

/** The target labels under which Prometheus would scrape this process. */
const TARGET = { job: DEFAULT_RULE_OPTIONS.job, instance: OWN_INSTANCE };

/** What an evaluation of the shipped rules needs, from one to the next. */
export interface ConditionPipeline {
  readonly evaluator: RuleEvaluator;
  readonly reader: ExpositionReader;
  readonly builder: ConditionBuilder;
  readonly order: ConditionOrder;
  /** The series `up`, which a scrape adds to what it reads. */
  readonly upSamples: NamedColumns;
  /** Between two evaluations: the shortest interval of any rule. */
  readonly intervalMs: number;
}

/** Takes a quarter of a second of CPU, so it yields now and then. */
export async function conditionPipeline(): Promise<ConditionPipeline> {
  // Others would fire here for what they cannot see, and rules ask which alerts fire.
  const rules = (await shippedRules()).filter(({ rule }) => !isAlert(rule) || isEvaluatedHere(rule.alert));
  const evaluator = new RuleEvaluator(rules);
  return {
    evaluator,
    reader: new ExpositionReader({
      names: evaluator.scrapedNames,
      target: TARGET,
      wantsSeries: (name, labels) => evaluator.store.wants(name, labels),
    }),
    builder: new ConditionBuilder(evaluator.store),
    upSamples: { name: 'up', labels: [LabelSet.of(TARGET)], values: [1] },
    order: conditionOrder(rules.map(({ rule }) => rule)),
    intervalMs: Math.min(...rules.map(({ intervalMs }) => intervalMs)),
  };
}
