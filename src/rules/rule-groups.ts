import { alertMaker } from './alert.ts';
import { type AlertName, isStarter } from './alert-names.ts';
import { apiRules } from './api-rules.ts';
import { otherFailures } from './blind-series.ts';
import { credentialRules } from './credential-rules.ts';
import { type Duration, durationMs, scaleDuration } from './durations.ts';
import { environmentSeries } from './environment-series.ts';
import { exporterRules } from './exporter-rules.ts';
import { heartbeatRules, lapseRules } from './item-rules.ts';
import { limitSeries } from './limit-series.ts';
import type { RuleOptions } from './options.ts';
import { queries } from './queries.ts';
import { queueRules, saturation } from './queue-rules.ts';
import { lastingQueueSeries, longWindowSeries, queueSeries } from './queue-series.ts';
import { causePaged } from './quiet.ts';
import { readSeries, slowReadSeries } from './read-series.ts';
import { isAlert, type Rule, type RuleGroup } from './rule.ts';
import { sessionRules, shortRunSeries } from './session-rules.ts';
import { shardRules } from './shard-rules.ts';
import { sloRules, slowSloRules } from './slo-rules.ts';
import { stuckRunningRules, stuckStartingRules } from './stuck-rules.ts';
import { visibilityRules } from './visibility-rules.ts';
import { lastingWorkerSeries, workerRules, workersSeries } from './worker-rules.ts';

/**
 * All rules. The rules of a group run one after the other, and groups run in parallel, each at its own pace. So within a
 * group a series is recorded above its users, and what a group reads of another may be as old as that group's interval.
 * Who waits for a worker is asked every half minute. What has to last for minutes, such as that an environment cannot be
 * read, is asked every minute, and a ticket that must have been due for five every two.
 */
export function ruleGroups(options: RuleOptions): readonly RuleGroup[] {
  const q = queries(options);
  const alert = alertMaker(options);
  // Pages that name a cause come before those that they silence.
  const visibility = [readSeries(q), visibilityRules(q, alert)].flat();
  const environments = [
    environmentSeries(q),
    queueSeries(q),
    credentialRules(q, alert),
    workerRules(q, alert),
    [causePaged(q)],
    heartbeatRules(q, alert),
    queueRules(q, alert),
  ].flat();
  const exporter = [exporterRules(q, alert), shardRules(q, alert), apiRules(q, alert)].flat();
  const lasting = [
    lastingQueueSeries(q),
    lastingWorkerSeries(q),
    stuckStartingRules(q, alert),
    sloRules(q, alert),
  ].flat();
  const isPatient = patience(options);
  const prompt = (rules: readonly Rule[]) => rules.filter((rule) => !isPatient(rule));
  const patient = [visibility, environments, lasting, exporter].flat().filter(isPatient);
  // Limits change with the configuration alone, a session is read every two minutes, and what is told of deep queues and
  // of leases is about quarters of an hour.
  const slow = [
    limitSeries(q),
    slowReadSeries(q),
    [otherFailures(q)],
    workersSeries(q),
    shortRunSeries(q),
    stuckRunningRules(q, alert),
    lapseRules(q, alert),
    saturation(q, alert),
    sessionRules(q, alert),
  ].flat();
  const group = (name: string, interval: Duration, ...rules: (readonly Rule[])[]): RuleGroup => ({
    name: `anthropic_work.${name}`,
    interval: scaleDuration(interval, options.timeScale),
    rules: rules.flat(),
  });
  const groups = [
    group('visibility', '1m', prompt(visibility)),
    group('environments', '30s', prompt(environments)),
    group('exporter', '30s', prompt(exporter)),
    group('lasting', '1m', prompt(lasting)),
    group('slow', '2m', slow, patient),
    group('long-windows', '5m', longWindowSeries(q), slowSloRules(q, alert)),
  ];
  return options.set === 'full' ? groups : starterOf(groups);
}

/** Waits of nine minutes, again and again, are a ticket, and now and then none if minutes pass between evaluations. */
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
