import { durationMs } from '../../../src/rules/parts/durations.ts';
import { DEFAULT_RULE_OPTIONS } from '../../../src/rules/parts/options.ts';
import { isAlert } from '../../../src/rules/parts/rule.ts';
import { ruleGroups } from '../../../src/rules/rule-groups.ts';
import type { Told } from './live-scenario.ts';

/** Seconds: the defaults of the exporter, of docs/alerting.md for Prometheus, and of the shipped routing. */
const SCRAPE = 30;
const GROUP_WAIT = 30;
const READ = { stats: 15, list: 30, sessions: 120, scrape: 0 } as const;

/** Seconds that a notification may take beyond what is calculated. */
const ALLOWANCE = 30;

const ALERTS = ruleGroups(DEFAULT_RULE_OPTIONS).flatMap(({ rules, interval }) =>
  rules.filter(isAlert).map((rule) => ({ rule, interval })),
);

/** Until the next evaluation of its group, and for as long as the rule waits then. */
function waitsSeconds({ alert, severity }: Told): number {
  const waits = ALERTS.filter(
    ({ rule }) => rule.alert === `AnthropicWork${alert}` && rule.labels.severity === severity,
  ).map(({ rule, interval }) => (durationMs(interval) + (rule.for === null ? 0 : durationMs(rule.for))) / 1000);
  if (waits.length === 0) throw new Error(`no rule makes ${alert} ${severity}`);
  return Math.max(...waits);
}

/** Seconds from the start of what is wrong to the notification, where every read, scrape and evaluation has just been missed. */
export function calculatedSeconds(told: Told): number {
  return told.evidence + READ[told.seenBy ?? 'stats'] + SCRAPE + waitsSeconds(told) + GROUP_WAIT;
}

/** Seconds that the test allows, before it adds what a busy machine may need. */
export function boundSeconds(told: Told): number {
  return calculatedSeconds(told) + ALLOWANCE;
}
