import { RECORDED } from '../../../src/rules/parts/recorded.ts';
import { isAlert, type Rule, type RuleGroup } from '../../../src/rules/parts/rule.ts';
import { JOB } from './series.ts';

const OWN_JOB = `job="${JOB}"`;

export function ruleName(rule: Rule): string {
  return isAlert(rule) ? rule.alert : rule.record;
}

/** Recorded series that an expression reads. */
export function readsOf(expr: string): ReadonlySet<string> {
  return new Set(expr.match(/\b[a-z_]+:[a-z0-9_]+:[a-z0-9_]+/g));
}

/** Names of the rule and of everything it reads, directly or through another recording. */
function closure(groups: readonly RuleGroup[], names: Iterable<string>): ReadonlySet<string> {
  const rules = groups.flatMap((group) => group.rules);
  const found = new Set<string>(names);
  // Set iteration visits what is added on the way.
  for (const name of found) {
    for (const rule of rules) {
      if (ruleName(rule) === name) for (const read of readsOf(rule.expr)) found.add(read);
    }
  }
  return found;
}

/** The groups with nothing but the named rules and what they read. */
export function subset(groups: readonly RuleGroup[], names: Iterable<string>): readonly RuleGroup[] {
  const wanted = closure(groups, names);
  return groups
    .map((group) => ({ ...group, rules: group.rules.filter((rule) => wanted.has(ruleName(rule))) }))
    .filter((group) => group.rules.length > 0);
}

const WATCHDOG = 'AnthropicWorkWatchdog';

/** The rules for many jobs that are played side by side, and for each job its own copy of what records its absence. */
export function ofJobs(groups: readonly RuleGroup[], jobs: readonly string[]): readonly RuleGroup[] {
  const recorded = (rule: Rule) => ruleName(rule) === RECORDED.exporterAbsent;
  return groups.map((group) => ({
    ...group,
    rules: group.rules
      .filter((rule) => ruleName(rule) !== WATCHDOG)
      .flatMap((rule) => (recorded(rule) ? jobs.map((job) => ofJob(rule, job)) : ofEveryJob(rule))),
  }));
}

function ofJob(rule: Rule, job: string): Rule {
  return { ...rule, expr: rule.expr.replaceAll(OWN_JOB, `job=${JSON.stringify(job)}`) };
}

/** All series of a play have a job: a matcher of any job would find the same, and takes a third of the time. */
function ofEveryJob(rule: Rule): Rule {
  const expr = rule.expr.replaceAll(new RegExp(`\\{${OWN_JOB}(, )?`, 'g'), '{');
  if (expr.includes(OWN_JOB)) throw new Error(`${ruleName(rule)} asks for its job after another label`);
  if (!isAlert(rule)) return { ...rule, expr };
  const { job: _, ...labels } = rule.labels;
  return { ...rule, expr, labels };
}

/** The same rules without what they say, which promtool would demand word by word in every case. */
export function withoutTexts(groups: readonly RuleGroup[]): readonly RuleGroup[] {
  return groups.map((group) => ({
    ...group,
    rules: group.rules.map((rule) => (isAlert(rule) ? { ...rule, annotations: {} as never } : rule)),
  }));
}
