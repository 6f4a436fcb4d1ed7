import { isAlert, type RecordingRule, type Rule, type RuleGroup } from '../../../src/rules/rule.ts';
import { CASES } from '../cases/all-cases.ts';
import { SITUATIONS } from '../situations/all-situations.ts';
import { promtoolFile, subjectsOf, type Variant } from '../support/promtool-file.ts';
import type { RuleCase, ShortName } from '../support/rule-case.ts';
import { closure, readsOf, ruleName, subset, withFiringAlerts } from '../support/rule-subset.ts';
import type { Situation } from '../support/situation.ts';
import { alertsIn, situationFile } from '../support/situation-file.ts';

/** A promtool file that a mutant meets, and the rules that it needs. */
export interface Round {
  readonly rules: readonly RuleGroup[];
  readonly file: (options: { readonly ruleFile: string; readonly rules: string }) => string;
  /** How long it takes, compared with others. */
  readonly cost: number;
}

const ALL_CASES = Object.values(CASES).flat();
/** A few cases in which an alert fires notice most of what can be done to it. */
const FIRST_CASES = 2;
/** Cases that go on for longer wait until the short ones had their say. */
const SHORT_MINUTES = 130;

/**
 * What a mutant of this rule must get past, quick ones first. A mutated alert is judged by the cases and situations about
 * it, a mutated recording by those about the alerts that read it.
 */
export function roundsFor(groups: readonly RuleGroup[], rule: Rule): Round[] {
  const alerts = groups.flatMap(({ rules }) => rules.filter(isAlert));
  const readers = isAlert(rule) ? [rule] : alerts.filter(({ expr }) => closure(groups, readsOf(expr)).has(rule.record));
  const rounds = readers.flatMap((reader) => {
    const only = { alert: reader.alert.replace(/^AnthropicWork/, '') as ShortName, labels: reader.labels };
    return [...caseRounds(groups, { ...only, recordings: false }), ...situationRounds(groups, only)];
  });
  return [...rounds, ...(isAlert(rule) ? [] : recordingRounds(groups, rule))].toSorted((a, b) => a.cost - b.cost);
}

function caseRounds(groups: readonly RuleGroup[], only: Variant): Round[] {
  const cases = ALL_CASES.filter((one) => one.every === undefined && concerns(one, only));
  const long = cases.filter((one) => lengthOf(one) > SHORT_MINUTES).map((one) => [one]);
  const quick = cases.filter((one) => lengthOf(one) <= SHORT_MINUTES).toSorted((a, b) => lengthOf(a) - lengthOf(b));
  // promtool does not stop at the first failure, so most mutants should meet their end in a small file.
  const first = quick.filter((one) => fires(one, only)).slice(0, FIRST_CASES);
  const rest = quick.filter((one) => !first.includes(one));
  return [first, rest, ...long].filter((some) => some.length > 0).map((some) => caseRound(groups, some, only));
}

/** Cases that look at recorded series themselves need all recordings of an alert. */
function recordingRounds(groups: readonly RuleGroup[], rule: RecordingRule): Round[] {
  const looksAtIt = ({ recorded = [] }: RuleCase) =>
    closure(
      groups,
      recorded.map(({ record }) => record),
    ).has(rule.record);
  return ALL_CASES.filter(looksAtIt).map((one) =>
    caseRound(groups, [one], { alert: one.about[0]!, labels: {}, recordings: true }),
  );
}

function caseRound(groups: readonly RuleGroup[], cases: readonly RuleCase[], only: Variant): Round {
  const rules = subset(groups, [`AnthropicWork${only.alert}`]);
  const variant = rules.flatMap((group) => group.rules.filter((rule) => !isAlert(rule) || matches(rule, only)));
  // What only the other variants read is in the way of nobody, but takes time.
  const alerts = variant.filter(isAlert);
  const needed = new Set(alerts.flatMap((rule) => [ruleName(rule), ...closure(groups, readsOf(rule.expr))]));
  const wanted = variant.filter((rule) => only.recordings || needed.has(ruleName(rule)));
  return {
    rules: rules
      .map((group) => ({ ...group, rules: group.rules.filter((rule) => wanted.includes(rule)) }))
      .filter((group) => group.rules.length > 0),
    file: (options) => promtoolFile(cases, { ...options, only }),
    cost: cases.length * Math.max(...cases.map(lengthOf)),
  };
}

/** The situations of each part of the chain where somebody hears of the alert, those where nobody does among them. */
function situationRounds(groups: readonly RuleGroup[], { alert }: Pick<Variant, 'alert'>): Round[] {
  const heard = (one: Situation) => alertsIn(one).has(alert);
  const rules = subset(groups, [`AnthropicWork${alert}`], withFiringAlerts);
  return Object.values(SITUATIONS)
    .filter((part) => part.some(heard))
    .flatMap((part) => {
      const first = part
        .filter(heard)
        .toSorted((a, b) => a.minutes - b.minutes)
        .slice(0, FIRST_CASES);
      return [first, part.filter((one) => !first.includes(one))];
    })
    .filter((some) => some.length > 0)
    .map((some) => ({
      rules,
      file: (options) => situationFile(some, { ...options, only: alert }),
      cost: some.reduce((sum, { minutes }) => sum + minutes, 0) * rules.length,
    }));
}

/** Whether a case is about this very alert: it fires there, or none of its name does. */
function concerns(one: RuleCase, { alert, labels }: Pick<Variant, 'alert' | 'labels'>): boolean {
  if (!subjectsOf(one).has(alert)) return false;
  const fired = one.checks.flatMap(([, ...firing]) => firing).filter((firing) => firing.alert === alert);
  return fires(one, { alert, labels }) || fired.length === 0 || lengthOf(one) <= SHORT_MINUTES;
}

function fires(one: RuleCase, { alert, labels }: Pick<Variant, 'alert' | 'labels'>): boolean {
  return one.checks
    .flatMap(([, ...firing]) => firing)
    .some(
      (firing) =>
        firing.alert === alert && Object.entries(labels).every(([name, value]) => firing.labels[name] === value),
    );
}

function matches(rule: Rule & { alert: string; labels: Readonly<Record<string, string>> }, only: Variant): boolean {
  return (
    rule.alert === `AnthropicWork${only.alert}` &&
    Object.entries(only.labels).every(([name, value]) => rule.labels[name] === value)
  );
}

function lengthOf(one: RuleCase): number {
  return Math.max(0, ...one.checks.map(([minute]) => minute));
}
