import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { renderPrometheusRules } from '../../../src/rules/render-rules.ts';
import { isAlert, type RecordingRule, type Rule, type RuleGroup } from '../../../src/rules/rule.ts';
import { CASES } from '../cases/all-cases.ts';
import { runTool, type ToolResult } from '../support/promtool.ts';
import { promtoolFile, subjectsOf, type Variant } from '../support/promtool-file.ts';
import type { RuleCase, ShortName } from '../support/rule-case.ts';
import { closure, readsOf, ruleName, subset } from '../support/rule-subset.ts';
import { type Mutant, mutantsOf } from './mutants.ts';

/** `invalid`: Prometheus refuses to load it, so nobody could ship it. */
export type Fate = 'killed' | 'survived' | 'invalid';

export interface Verdict {
  readonly rule: string;
  readonly edit: string;
  readonly fate: Fate;
}

interface Trial {
  readonly index: number;
  readonly original: Rule;
  readonly mutant: Mutant;
  /** Test files that the mutant has not met yet, quick ones first. */
  readonly rounds: Round[];
}

interface Round {
  readonly only: Variant;
  readonly cases: readonly RuleCase[];
}

const ALL_CASES = Object.values(CASES).flat();

/** promtool starts once for so many mutants: starting it costs more than a short case. */
const BATCH = 12;
const PROCESSES = 2;
/** A few cases in which an alert fires notice most of what can be done to it. */
const FIRST_CASES = 2;
/** Cases that go on for longer wait until the short ones had their say. */
const SHORT_MINUTES = 130;

/** Edits each rule in every way, one at a time, and runs the cases about it until one of them fails. */
export async function runMutants(groups: readonly RuleGroup[], pattern: RegExp): Promise<readonly Verdict[]> {
  const folder = await mkdtemp(join(tmpdir(), 'rule-mutants-'));
  try {
    const trials = groups
      .flatMap(({ rules }) => rules)
      .filter((rule) => pattern.test(label(rule)))
      .flatMap((original) =>
        mutantsOf(original).map((mutant) => ({ original, mutant, rounds: roundsFor(groups, original) })),
      )
      .map((trial, index) => ({ ...trial, index }));
    const fates = new Map<number, Fate>();
    for (let open: Trial[] = trials; open.length > 0; ) {
      await meet(open, { groups, folder, fates });
      open = open.filter(({ index, rounds }) => !fates.has(index) && rounds.length > 0);
    }
    return trials.map(({ index, original, mutant }) => ({
      rule: label(original),
      edit: mutant.edit,
      fate: fates.get(index) ?? 'survived',
    }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function label(rule: Rule): string {
  if (!isAlert(rule)) return rule.record;
  return [rule.alert, ...Object.values(rule.labels).filter((value) => !value.startsWith('anthropic'))].join(' ');
}

/** A mutated alert is judged by the cases about it, a mutated recording by those about the alerts that read it. */
function roundsFor(groups: readonly RuleGroup[], rule: Rule): Round[] {
  const alerts = groups.flatMap(({ rules }) => rules.filter(isAlert));
  const readers = isAlert(rule) ? [rule] : alerts.filter(({ expr }) => closure(groups, readsOf(expr)).has(rule.record));
  const rounds = readers.flatMap((reader) => {
    const only = { alert: short(reader.alert), labels: reader.labels, recordings: false };
    const cases = ALL_CASES.filter((one) => one.every === undefined && concerns(one, only));
    const long = cases.filter((one) => lengthOf(one) > SHORT_MINUTES).map((one) => [one]);
    const quick = cases.filter((one) => lengthOf(one) <= SHORT_MINUTES).toSorted((a, b) => lengthOf(a) - lengthOf(b));
    // promtool does not stop at the first failure, so most mutants should meet their end in a small file.
    const firing = quick.filter((one) => fires(one, only));
    const first = firing.slice(0, FIRST_CASES);
    const rest = quick.filter((one) => !first.includes(one));
    return [first, rest, ...long].map((some) => ({ only, cases: some }));
  });
  return [...rounds, ...(isAlert(rule) ? [] : recordingRounds(groups, rule))]
    .filter(({ cases }) => cases.length > 0)
    .toSorted((a, b) => a.cases.length * longest(a.cases) - b.cases.length * longest(b.cases));
}

/** Cases that look at recorded series themselves need all recordings of an alert. */
function recordingRounds(groups: readonly RuleGroup[], rule: RecordingRule): Round[] {
  return ALL_CASES.filter(({ recorded = [] }) =>
    closure(
      groups,
      recorded.map(({ record }) => record),
    ).has(rule.record),
  ).map((one) => ({ only: { alert: one.about[0]!, labels: {}, recordings: true }, cases: [one] }));
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

/** One round for every open trial. */
async function meet(
  open: readonly Trial[],
  { groups, folder, fates }: { groups: readonly RuleGroup[]; folder: string; fates: Map<number, Fate> },
): Promise<void> {
  const batches = Array.from({ length: Math.ceil(open.length / BATCH) }, (_, at) =>
    open.slice(at * BATCH, (at + 1) * BATCH),
  );
  const work = async () => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      const files = await Promise.all(batch.map((trial) => writeTrial(trial, groups, folder)));
      const tested = succeeded(await runTool('promtool', ['test', 'rules', ...files]));
      const fallen = batch.filter((_trial, at) => !tested.has(files[at]!));
      // Without a file promtool would read its standard input and wait.
      if (fallen.length === 0) continue;
      const loads = succeeded(
        await runTool('promtool', ['check', 'rules', ...fallen.map((one) => rulesOf(one, folder))]),
      );
      for (const trial of fallen) {
        fates.set(trial.index, loads.has(rulesOf(trial, folder)) ? 'killed' : 'invalid');
      }
    }
  };
  await Promise.all(Array.from({ length: PROCESSES }, work));
}

async function writeTrial(trial: Trial, groups: readonly RuleGroup[], folder: string): Promise<string> {
  const round = trial.rounds.shift()!;
  const own = dirname(rulesOf(trial, folder));
  await mkdir(own, { recursive: true });
  const wanted = (rule: Rule) => !isAlert(rule) || matches(rule, round.only);
  const rules = subset(groups, [`AnthropicWork${round.only.alert}`])
    .map((group) => ({
      ...group,
      rules: group.rules.filter(wanted).map((rule) => (rule === trial.original ? trial.mutant.rule : rule)),
    }))
    .filter((group) => group.rules.length > 0);
  // What only the other variants read is in the way of nobody, but takes time.
  const alerts = rules.flatMap((group) => group.rules.filter(isAlert));
  const originals = alerts.map((rule) => (rule === trial.mutant.rule ? trial.original : rule));
  const needed = new Set(originals.flatMap((rule) => [ruleName(rule), ...closure(groups, readsOf(rule.expr))]));
  const kept = round.only.recordings ? rules : trim(rules, needed);
  const text = renderPrometheusRules(kept);
  await writeFile(join(own, 'rules.yaml'), text);
  await writeFile(
    join(own, 'test.json'),
    promtoolFile(round.cases, { ruleFile: 'rules.yaml', rules: text, only: round.only }),
  );
  return join(own, 'test.json');
}

function trim(rules: readonly RuleGroup[], needed: ReadonlySet<string>): readonly RuleGroup[] {
  return rules.map((group) => ({ ...group, rules: group.rules.filter((rule) => needed.has(ruleName(rule))) }));
}

function matches(rule: Rule & { alert: string; labels: Readonly<Record<string, string>> }, only: Variant): boolean {
  return (
    rule.alert === `AnthropicWork${only.alert}` &&
    Object.entries(only.labels).every(([name, value]) => rule.labels[name] === value)
  );
}

/** Files that promtool calls a success; it names failed ones on stderr without saying which is which. */
function succeeded({ stdout }: ToolResult): ReadonlySet<string> {
  return new Set([...stdout.matchAll(/^(?:Unit Testing: |Checking) (\S+)\n +SUCCESS/gm)].map((match) => match[1]!));
}

function rulesOf({ index }: Trial, folder: string): string {
  return join(folder, String(index), 'rules.yaml');
}

function lengthOf(one: RuleCase): number {
  return Math.max(0, ...one.checks.map(([minute]) => minute));
}

function longest(cases: readonly RuleCase[]): number {
  return Math.max(...cases.map(lengthOf));
}

function short(alert: string): ShortName {
  return alert.replace(/^AnthropicWork/, '') as ShortName;
}
