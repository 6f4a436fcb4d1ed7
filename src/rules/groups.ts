import { conditionAlerts, conditions } from './condition-rules.ts';
import { exporterAlerts, replicaAlerts } from './exporter-rules.ts';
import type { RuleGroup, RuleOptions } from './rule.ts';
import { burnAlerts, burnRates } from './wait-objective.ts';

/** All rules; a group is evaluated in order, and groups side by side. */
export function ruleGroups(options: RuleOptions): readonly RuleGroup[] {
  const groups: readonly RuleGroup[] = [
    {
      name: 'anthropic_work.conditions',
      interval: '30s',
      comment: 'What the exporter found: about a connection to the API, or about one environment.',
      rules: [...conditions(), ...conditionAlerts(options)],
    },
    {
      name: 'anthropic_work.exporter',
      interval: '30s',
      comment: 'Who watches the watcher: what the exporter cannot say of itself.',
      rules: exporterAlerts(options),
    },
    {
      name: 'anthropic_work.wait_objective',
      interval: '1m',
      comment:
        'The objective of each environment, slo.objective and slo.queue_wait_target: burn rates as in the SRE workbook.',
      rules: [...burnRates(), ...burnAlerts(options)],
    },
    {
      name: 'anthropic_work.slow',
      interval: '2m',
      comment: 'What reads much and is in no hurry.',
      rules: replicaAlerts(options),
    },
  ];
  if (options.set === 'all') return groups;
  return groups
    .map((group) => ({ ...group, rules: group.rules.filter(({ isStarter }) => isStarter) }))
    .filter(({ rules }) => rules.length > 0);
}
