import { RECORDED } from '../../../src/rules/parts/recorded.ts';
import { isAlert, type Rule, type RuleGroup } from '../../../src/rules/parts/rule.ts';
import { JOB } from './series.ts';

const OWN_JOB = `job="${JOB}"`;

export function ruleName(rule: Rule): string {
  return isAlert(rule) ? rule.alert : rule.record;
}

/** Recorded series that an expression reads. */
export function readsOf(expr: string): ReadonlySet<string> {
  return new Set(expr.match(/[a-z_]+:[a-z0-9_]+:[a-z0-9_]+/g));
}

/** The same, and the alerts whose firing it asks for. */
export function withFiringAlerts(expr: string): ReadonlySet<string> {
  return new Set([...readsOf(expr), ...(expr.match(/AnthropicWork\w+/g) ?? [])]);
}

/** Names of the rule and of everything it reads, directly or through another recording. */
export function closure(groups: readonly RuleGroup[], names: Iterable<string>, reads = readsOf): ReadonlySet<string> {
  const rules = groups.flatMap((group) => group.rules);
  const found = new Set<string>(names);
  // Set iteration visits what is added on the way.
  for (const name of found) {
    for (const rule of rules) {
      if (ruleName(rule) === name) for (const read of reads(rule.expr)) found.add(read);
    }
  }
  return found;
}

/** The groups with nothing but the named rules and what they read. */
export function subset(groups: readonly RuleGroup[], names: Iterable<string>, reads = readsOf): readonly RuleGroup[] {
  const wanted = closure(groups, names, reads);
  return groups
    .map((group) => ({ ...group, rules: group.rules.filter((rule) => wanted.has(ruleName(rule))) }))
    .filter((group) => group.rules.length > 0);
}

/** What is told by what is absent, and so of one job. */
const BY_ABSENCE: readonly string[] = [RECORDED.absent, 'AnthropicWorkExporterAbsent'];
/** Rules with a job of their own making: with many jobs there would be two of the same name. */
const OF_ONE_JOB: readonly string[] = [...BY_ABSENCE, 'AnthropicWorkWatchdog'];

/** The rules that many jobs can share. */
export function ofAnyJob(groups: readonly RuleGroup[]): readonly RuleGroup[] {
  return groups.map((group) => ({
    ...group,
    rules: group.rules.filter((rule) => !OF_ONE_JOB.includes(ruleName(rule))),
  }));
}

/** The same, and for each job its own copy of what is told by what is absent. */
export function ofJobs(groups: readonly RuleGroup[], jobs: readonly string[]): readonly RuleGroup[] {
  const shared = ofAnyJob(groups).map((group) => ({
    ...group,
    rules: group.rules.map((rule) => ({ ...rule, expr: rule.expr.replaceAll(OWN_JOB, 'job=~".+"') })),
  }));
  const absent = groups.flatMap(({ rules }) => rules.filter((rule) => BY_ABSENCE.includes(ruleName(rule))));
  return shared.map((group, index) => ({
    ...group,
    // After the recordings, like the alert itself.
    rules: index < shared.length - 1 ? group.rules : [...group.rules, ...absent.flatMap((rule) => copies(rule, jobs))],
  }));
}

function copies(rule: Rule, jobs: readonly string[]): Rule[] {
  return jobs.map((job) => ({
    ...rule,
    expr: rule.expr.replaceAll(OWN_JOB, `job=${JSON.stringify(job)}`),
    ...(isAlert(rule) ? { labels: { ...rule.labels, job } } : {}),
  }));
}

/** The same rules without what they say, which promtool would demand word by word in every case. */
export function withoutTexts(groups: readonly RuleGroup[]): readonly RuleGroup[] {
  return groups.map((group) => ({
    ...group,
    rules: group.rules.map((rule) => (isAlert(rule) ? { ...rule, annotations: {} as never } : rule)),
  }));
}
