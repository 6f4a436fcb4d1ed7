import { alertMaker } from './alert.ts';
import { credentialRules } from './credential-rules.ts';
import { scaleDuration } from './durations.ts';
import { apiRules, exporterRules } from './exporter-rules.ts';
import { itemRules } from './item-rules.ts';
import type { RuleOptions } from './options.ts';
import { queries } from './queries.ts';
import { queueRules } from './queue-rules.ts';
import type { Rule, RuleGroup } from './rule.ts';
import { sloRules } from './slo-rules.ts';
import { visibilityRules } from './visibility-rules.ts';
import { workerRules } from './worker-rules.ts';

/**
 * All rules. A group runs one rule after the other while groups run side by side: what is recorded is read in the same
 * group only, below its own line, or an alert would now and then see the value of the evaluation before.
 */
export function ruleGroups(options: RuleOptions): readonly RuleGroup[] {
  const q = queries(options);
  const alert = alertMaker(options);
  const interval = scaleDuration('30s', options.timeScale);
  const group = (name: string, ...rules: (readonly Rule[])[]): RuleGroup => ({
    name: `anthropic_work.${name}`,
    interval,
    rules: rules.flat(),
  });
  return [
    group('queue', queueRules(q, alert), workerRules(q, alert)),
    group('items', itemRules(q, alert)),
    group('slo', sloRules(q, alert)),
    group('visibility', visibilityRules(q, alert), credentialRules(q, alert)),
    group('exporter', exporterRules(q, alert), apiRules(q, alert)),
  ];
}
