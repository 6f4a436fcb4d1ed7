import { alertOf, CONDITION_NAMES, CONDITIONS } from '../diagnosis/conditions.ts';
import { conditionAlerts, conditions } from './condition-rules.ts';
import { EXPORTER_ALERTS, exporterAlerts } from './exporter-rules.ts';
import type { RuleGroup, RuleOptions } from './rule.ts';
import { BURN_ALERT, burnAlerts, burnRates } from './wait-objective.ts';

const ofConditions = CONDITION_NAMES.map((name) => {
  const { summary } = CONDITIONS[name];
  return [alertOf(name), `${summary[0]!.toUpperCase()}${summary.slice(1)}.`] as const;
});
const ofExporter = Object.entries(EXPORTER_ALERTS).map(([name, { meaning }]) => [name, meaning] as const);

/** What every alert means, by its name, in the order in which people look for them. Each has a runbook of the same name. */
export const ALERTS: Readonly<Record<string, string>> = Object.fromEntries([
  ...ofConditions,
  [BURN_ALERT, 'The error budget of the wait objective burns too fast.'],
  ...ofExporter,
]);

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
      rules: exporterAlerts(options, false),
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
      rules: exporterAlerts(options, true),
    },
  ];
  if (options.set === 'all') return groups;
  return groups
    .map((group) => ({ ...group, rules: group.rules.filter(({ starter }) => starter === true) }))
    .filter(({ rules }) => rules.length > 0);
}
