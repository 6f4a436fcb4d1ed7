import { alertMaker } from './alert.ts';
import { type AlertName, isStarter } from './alert-names.ts';
import { apiRules } from './api-rules.ts';
import { credentialRules } from './credential-rules.ts';
import { type Duration, durationMs, scaleDuration } from './durations.ts';
import { environmentSeries } from './environment-series.ts';
import { exporterRules } from './exporter-rules.ts';
import { itemRules } from './item-rules.ts';
import type { RuleOptions } from './options.ts';
import { queries } from './queries.ts';
import { queueRules } from './queue-rules.ts';
import { longWindowSeries, queueSeries } from './queue-series.ts';
import { isAlert, type Rule, type RuleGroup } from './rule.ts';
import { sessionRules, shortRunSeries } from './session-rules.ts';
import { shardRules } from './shard-rules.ts';
import { sloRules, slowSloRules } from './slo-rules.ts';
import { visibilityRules } from './visibility-rules.ts';
import { workerRules, workersSeries } from './worker-rules.ts';

/**
 * All rules. The rules of a group run one after the other, and groups run in parallel. So a recorded series is used
 * only in its own group, below its own line: otherwise an alert might see the value of the previous evaluation. Two
 * groups are separate, because they need not run as often: half a minute does not matter to a ticket that must have
 * been due for five, nor five minutes over days.
 */
export function ruleGroups(options: RuleOptions): readonly RuleGroup[] {
  const q = queries(options);
  const alert = alertMaker(options);
  const group = (name: string, interval: Duration, ...rules: (readonly Rule[])[]): RuleGroup => ({
    name: `anthropic_work.${name}`,
    interval: scaleDuration(interval, options.timeScale),
    rules: rules.flat(),
  });
  // Pages that name a cause come before those that they silence.
  const environments = [
    environmentSeries(q),
    queueSeries(q),
    visibilityRules(q, alert),
    credentialRules(q, alert),
    workerRules(q, alert),
    itemRules(q, alert),
    sessionRules(q, alert),
    queueRules(q, alert),
    sloRules(q, alert),
  ].flat();
  const exporter = [exporterRules(q, alert), shardRules(q, alert), apiRules(q, alert)].flat();
  const isPatient = patience(options);
  const groups = [
    group(
      'environments',
      '30s',
      environments.filter((rule) => !isPatient(rule)),
    ),
    group(
      'exporter',
      '30s',
      exporter.filter((rule) => !isPatient(rule)),
    ),
    group(
      'patient-tickets',
      '1m',
      workersSeries(q),
      shortRunSeries(q),
      [...environments, ...exporter].filter(isPatient),
    ),
    group('long-windows', '5m', longWindowSeries(q), slowSloRules(q, alert)),
  ];
  return options.set === 'full' ? groups : starterOf(groups);
}

/** Waits of nine minutes, again and again, are a ticket, and now and then none if a minute passes between evaluations. */
const IMPATIENT: AlertName = 'AnthropicWorkOldestItemTooOld';

/** A ticket for which nobody gets up, and for which Prometheus waits five minutes or more. */
function patience({ timeScale }: RuleOptions): (rule: Rule) => boolean {
  const long = durationMs(scaleDuration('5m', timeScale));
  return (rule) =>
    isAlert(rule) &&
    rule.alert !== IMPATIENT &&
    rule.labels.severity !== 'critical' &&
    rule.for !== null &&
    durationMs(rule.for) >= long;
}

/** The alerts of the starter set and what they use. */
function starterOf(groups: readonly RuleGroup[]): readonly RuleGroup[] {
  const rules = groups.flatMap((group) => group.rules);
  const wanted = new Set<Rule>(rules.filter((rule) => isAlert(rule) && isStarter(rule.alert)));
  // Iterating over a set also visits elements added meanwhile.
  for (const { expr } of wanted) {
    for (const rule of rules) if (!isAlert(rule) && expr.includes(`${rule.record}{`)) wanted.add(rule);
  }
  return groups
    .map((group) => ({ ...group, rules: group.rules.filter((rule) => wanted.has(rule)) }))
    .filter((group) => group.rules.length > 0);
}
