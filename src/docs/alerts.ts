import { alertOf, CONDITION_NAMES, CONDITIONS } from '../diagnosis/conditions.ts';
import { SEVERITIES } from '../domain/environment.ts';
import { ALERTS, ruleGroups } from '../rules/groups.ts';
import { DEFAULT_RULE_OPTIONS, isAlert } from '../rules/rule.ts';
import { BURN_ALERT } from '../rules/wait-objective.ts';
import { table } from './tables.ts';

/** Every alert. Three columns: a phone has no room for more. */
export function alertsTable(): string {
  return table(['alert', 'begins and ends after', 'says'], [...conditionRows(), ...exporterRows()]);
}

function conditionRows(): readonly string[][] {
  return CONDITION_NAMES.map((name) => {
    const { severities, tunedBy } = CONDITIONS[name];
    const times = SEVERITIES.toReversed().flatMap((severity) => {
      const timing = (severities as Readonly<Partial<Record<string, { lasts: number; ends: number }>>>)[severity];
      return timing === undefined ? [] : `${severity} ${duration(timing.lasts)}, ${duration(timing.ends)}`;
    });
    return row(alertOf(name), times, ALERTS[alertOf(name)]!, tunedBy);
  });
}

function exporterRows(): readonly string[][] {
  const alerts = ruleGroups(DEFAULT_RULE_OPTIONS).flatMap(({ rules }) => rules.filter(isAlert));
  const ofConditions = new Set(CONDITION_NAMES.map(alertOf));
  const others = Object.entries(ALERTS).filter(([name]) => !ofConditions.has(name));
  return others.map(([name, meaning]) => {
    const own = alerts.filter(({ alert }) => alert === name);
    const times = own.map(
      ({ labels, for: begins = '0s', keep_firing_for: ends = '0s' }) => `${labels.severity} ${begins}, ${ends}`,
    );
    return row(name, times, meaning, name === BURN_ALERT ? 'slo' : '');
  });
}

function row(alert: string, times: readonly string[], meaning: string, option = ''): string[] {
  const tuned = option === '' ? '' : ` Tune: \`${option}\`.`;
  return [`[${alert}](${alert}.md)`, times.join('; '), `${meaning}${tuned}`];
}

function duration(seconds: number): string {
  return seconds > 0 && seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
