import { alertMaker } from './alert.ts';
import { type AlertName, isStarter } from './alert-names.ts';
import { apiRules } from './api-rules.ts';
import { otherFailures } from './blind-series.ts';
import { credentialRules } from './credential-rules.ts';
import { type Duration, durationMs, scaleDuration } from './durations.ts';
import { environmentSeries } from './environment-series.ts';
import { exporterRules } from './exporter-rules.ts';
import { heartbeatRules, lapseRules } from './item-rules.ts';
import { hungAtMost, limitSeries } from './limit-series.ts';
import type { RuleOptions } from './options.ts';
import { queries } from './queries.ts';
import { queueRules, saturation } from './queue-rules.ts';
import { lastingQueueSeries, longWindowSeries, queueSeries } from './queue-series.ts';
import { causePaged } from './quiet.ts';
import { readSeries, slowReadSeries } from './read-series.ts';
import { returnedPages } from './returned.ts';
import { isAlert, type Rule, type RuleGroup } from './rule.ts';
import { sessionRules, shortRunRules } from './session-rules.ts';
import { shardRules } from './shard-rules.ts';
import { sloRules, slowSloRules } from './slo-rules.ts';
import { stuckRunningRules, stuckStartingRules } from './stuck-rules.ts';
import { visibilityRules } from './visibility-rules.ts';
import { lastingWorkerSeries, workerRules, workersSeries } from './worker-rules.ts';

/** The group whose ranges are hours and days. */
export const LONG_WINDOWS = 'anthropic_work.long-windows';

/**
 * All rules. The rules of a group run one after the other, and groups run in parallel, each at its own pace. So within
 * a group a series is recorded above its users, and what a group reads of another may be as old as that group's
 * interval. Who waits for a worker is asked every half minute. What has to last for minutes, such as that an
 * environment cannot be read, is asked every minute, a ticket that must have been due for five every two, and one that
 * must have been for a quarter of an hour every five.
 */
export function ruleGroups(options: RuleOptions): readonly RuleGroup[] {
  const q = queries(options);
  const alert = alertMaker(options);
  // Pages that name a cause come before those that they silence.
  const visibility = [readSeries(q), visibilityRules(q, alert)].flat();
  const environments = [
    [returnedPages(q)],
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
  const isPatient = waitsFor('5m', options);
  const isLeisurely = waitsFor('15m', options);
  const prompt = (rules: readonly Rule[]) => rules.filter((rule) => !isPatient(rule));
  const patient = [visibility, environments, lasting, exporter].flat().filter(isPatient);
  // Limits change with the configuration alone, a session is read every two minutes, and what is told of deep queues
  // and of leases is about quarters of an hour.
  const slow = [
    limitSeries(q),
    slowReadSeries(q),
    [otherFailures(q), hungAtMost(q)],
    workersSeries(q),
    stuckRunningRules(q, alert),
    lapseRules(q, alert),
    saturation(q, alert),
    sessionRules(q, alert),
    patient.filter((rule) => !isLeisurely(rule)),
  ].flat();
  const group = (name: `anthropic_work.${string}`, interval: Duration, ...rules: (readonly Rule[])[]): RuleGroup => ({
    name,
    interval: scaleDuration(interval, options.timeScale),
    rules: rules.flat(),
  });
  const groups = [
    group('anthropic_work.visibility', '1m', prompt(visibility)),
    group('anthropic_work.environments', '30s', prompt(environments)),
    group('anthropic_work.exporter', '30s', prompt(exporter)),
    group('anthropic_work.lasting', '1m', prompt(lasting)),
    group('anthropic_work.slow', '2m', slow),
    group('anthropic_work.quarter-hours', '5m', shortRunRules(q, alert), patient.filter(isLeisurely)),
    group(LONG_WINDOWS, '5m', longWindowSeries(q), slowSloRules(q, alert)),
  ];
  return options.set === 'all' ? groups : starterOf(groups);
}

/** Waits of nine minutes, again and again, are a ticket, and now and then none if minutes pass between evaluations. */
const IMPATIENT: AlertName = 'AnthropicWorkOldestItemTooOld';

/** A ticket for which nobody gets up, and for which Prometheus waits this long or longer. */
function waitsFor(duration: Duration, { timeScale }: RuleOptions): (rule: Rule) => boolean {
  const long = durationMs(scaleDuration(duration, timeScale));
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
