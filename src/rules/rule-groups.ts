import { apiRules } from './alerts/api-rules.ts';
import { credentialRules } from './alerts/credential-rules.ts';
import { exporterRules } from './alerts/exporter-rules.ts';
import { heartbeatRules } from './alerts/heartbeat-rules.ts';
import { lapsePages, lapseRules } from './alerts/lapse-rules.ts';
import { oldestItemRules } from './alerts/oldest-item-rules.ts';
import { queueRules } from './alerts/queue-rules.ts';
import { saturationRules } from './alerts/saturation-rules.ts';
import { sessionRules } from './alerts/session-rules.ts';
import { shardRules } from './alerts/shard-rules.ts';
import { shortRunRules } from './alerts/short-run-rules.ts';
import { sloRules, slowSloRules } from './alerts/slo-rules.ts';
import { stuckRunningRules, stuckStartingRules } from './alerts/stuck-rules.ts';
import { visibilityRules } from './alerts/visibility-rules.ts';
import { lastingWorkerSeries, workerRules, workersSeries } from './alerts/worker-rules.ts';
import { alertMaker } from './parts/alert.ts';
import { isStarter } from './parts/alert-names.ts';
import { causePagedSeries } from './parts/cause-pages.ts';
import { type Duration, durationMs, scaleDuration } from './parts/durations.ts';
import type { RuleOptions } from './parts/options.ts';
import { queries } from './parts/queries.ts';
import { isAlert, type Rule, type RuleGroup } from './parts/rule.ts';
import { environmentSeries } from './series/environment-series.ts';
import { otherFailuresSeries } from './series/failure-series.ts';
import { hungHeartbeatThresholdSeries, limitSeries } from './series/limit-series.ts';
import { lastingQueueSeries, longWindowSeries, queueSeries } from './series/queue-series.ts';
import { readSeries, slowReadSeries } from './series/read-series.ts';
import { returnedPages } from './series/returned-pages.ts';

/** The group whose ranges are hours and days. */
export const LONG_WINDOWS = 'anthropic_work.long-windows';

/**
 * All rules, in groups by how often they need to be evaluated. The rules of a group run one after the other, and groups run
 * in parallel. So within a group a series is recorded above its users, and what a group reads of another may be as old as
 * that group's interval.
 *
 * - 30 s: whether work waits for a worker, and whether an exporter is there.
 * - 1 min (`visibility`, `lasting`): what has to last for minutes, such as that an environment cannot be read.
 * - 2 min (`slow`): tickets whose `for` is five minutes or more, from all of these groups.
 * - 5 min (`quarter-hours`, `long-windows`): tickets whose `for` is a quarter of an hour or more, and windows of hours.
 */
export function ruleGroups(options: RuleOptions): readonly RuleGroup[] {
  const q = queries(options);
  const alert = alertMaker(options);
  // Pages that name a cause come before those that they silence.
  const visibility = [readSeries(q), visibilityRules(q, alert)].flat();
  const environments = [
    returnedPages(q),
    environmentSeries(q),
    queueSeries(q),
    credentialRules(q, alert),
    workerRules(q, alert),
    lapsePages(q, alert),
    [causePagedSeries(q)],
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
  const waitsFiveMinutes = isTicketWithFor('5m', options);
  const waitsQuarterHour = isTicketWithFor('15m', options);
  const withoutSlowTickets = (rules: readonly Rule[]) => rules.filter((rule) => !waitsFiveMinutes(rule));
  const slowTickets = [visibility, environments, lasting, exporter].flat().filter(waitsFiveMinutes);
  // Limits change with the configuration alone, a session is read every two minutes, and alerts about deep queues and
  // leases look at quarters of an hour.
  const slow = [
    limitSeries(q),
    slowReadSeries(q),
    [otherFailuresSeries(q), hungHeartbeatThresholdSeries(q)],
    workersSeries(q),
    stuckRunningRules(q, alert),
    lapseRules(q, alert),
    saturationRules(q, alert),
    sessionRules(q, alert),
    slowTickets.filter((rule) => !waitsQuarterHour(rule)),
  ].flat();
  const group = (name: `anthropic_work.${string}`, interval: Duration, ...rules: (readonly Rule[])[]): RuleGroup => ({
    name,
    interval: scaleDuration(interval, options.timeScale),
    rules: rules.flat(),
  });
  const groups = [
    group('anthropic_work.visibility', '1m', withoutSlowTickets(visibility)),
    // Its ticket belongs here, too: an evaluation every few minutes would miss some of the waits of nine minutes that
    // recur.
    group('anthropic_work.environments', '30s', withoutSlowTickets(environments), oldestItemRules(q, alert)),
    group('anthropic_work.exporter', '30s', withoutSlowTickets(exporter)),
    group('anthropic_work.lasting', '1m', withoutSlowTickets(lasting)),
    group('anthropic_work.slow', '2m', slow),
    group('anthropic_work.quarter-hours', '5m', shortRunRules(q, alert), slowTickets.filter(waitsQuarterHour)),
    group(LONG_WINDOWS, '5m', longWindowSeries(q), slowSloRules(q, alert)),
  ];
  return options.set === 'all' ? groups : starterGroups(groups);
}

/** Finds alerts that wake nobody and whose `for` is this long or longer. */
function isTicketWithFor(duration: Duration, { timeScale }: RuleOptions): (rule: Rule) => boolean {
  const long = durationMs(scaleDuration(duration, timeScale));
  return (rule) =>
    isAlert(rule) && rule.labels.severity !== 'critical' && rule.for !== null && durationMs(rule.for) >= long;
}

/** The alerts of the starter set and what they use. */
function starterGroups(groups: readonly RuleGroup[]): readonly RuleGroup[] {
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
