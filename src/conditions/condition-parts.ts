import { LabelSet } from '../promql/store/label-set.ts';
import { DEFAULT_RULE_OPTIONS } from '../rules/parts/options.ts';
import { isAlert } from '../rules/parts/rule.ts';
import { isKnownHere } from './condition.ts';
import { type ConditionOrder, conditionOrder } from './condition-order.ts';
import { ConditionWriter } from './condition-writer.ts';
import { shippedRules } from './evaluation/compile-rules.ts';
import { type NamedColumns, RuleEvaluator } from './evaluation/rule-evaluator.ts';
import { OWN_INSTANCE } from './own-instance.ts';
import { ExpositionReader } from './scrape/exposition-reader.ts';

/** The target labels under which Prometheus would scrape this process. */
const TARGET = { job: DEFAULT_RULE_OPTIONS.job, instance: OWN_INSTANCE };

/** What an evaluation of the shipped rules needs, from one to the next. */
export interface ConditionParts {
  readonly evaluator: RuleEvaluator;
  readonly reader: ExpositionReader;
  readonly writer: ConditionWriter;
  readonly order: ConditionOrder;
  /** What a scrape of this process adds to what it reads. */
  readonly up: NamedColumns;
  readonly intervalMs: number;
}

export async function conditionParts(): Promise<ConditionParts> {
  // Others would fire here for what they cannot see, and rules ask which alerts fire.
  const rules = (await shippedRules()).filter(({ rule }) => !isAlert(rule) || isKnownHere(rule.alert));
  const evaluator = new RuleEvaluator(rules);
  return {
    evaluator,
    reader: new ExpositionReader({
      names: evaluator.scrapedNames,
      target: TARGET,
      wants: (name, labels) => evaluator.store.wants(name, labels),
    }),
    writer: new ConditionWriter(evaluator.store),
    up: { name: 'up', labels: [LabelSet.of(TARGET)], values: [1] },
    order: conditionOrder(rules.map(({ rule }) => rule)),
    intervalMs: Math.min(...rules.map(({ intervalMs }) => intervalMs)),
  };
}
