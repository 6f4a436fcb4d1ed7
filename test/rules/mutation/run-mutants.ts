import { setImmediate } from 'node:timers/promises';
import { type CompiledRule, compileRules } from '../../../src/conditions/evaluation/compile-rules.ts';
import type { LabelSet } from '../../../src/promql/store/label-set.ts';
import { parseExpression } from '../../../src/promql/syntax/parse-expression.ts';
import { isAlert, type Rule, type RuleGroup } from '../../../src/rules/parts/rule.ts';
import { readsOf } from '../support/rule-subset.ts';
import { ruleLabel } from '../support/rule-table.ts';
import { isAsExpected } from './judge.ts';
import { mutantsOf } from './mutants.ts';
import { PLAYS, type Play, type Recording, record } from './play.ts';
import { isTheSame, replay } from './replay.ts';
import { SHARED_EDITS } from './shared-edits.ts';
import { type TablePlay, tableHolds, tablePlaysOf } from './table-play.ts';

/** What is edited in all rules at once goes by this name. */
export const EVERY_RULE = 'every rule';

/** `invalid`: it cannot be read or evaluated, so nobody could ship it. */
export type Fate = 'killed' | 'survived' | 'invalid';

export interface Verdict {
  readonly rule: string;
  readonly edit: string;
  readonly fate: Fate;
}

/**
 * Edits each rule in every way, one at a time, and plays all cases and situations until one of them notices. It uses the
 * exporter's own evaluator, which finds what promtool finds (`test/conditions/evaluation/rule-evaluator.test.ts`): each play is
 * evaluated once with all rules, for a mutant that rule again, and only if it then differs what reads it.
 */
export async function runMutants(
  groups: readonly RuleGroup[],
  pattern: RegExp,
  progress: (text: string) => void = () => {},
): Promise<readonly Verdict[]> {
  const rules = await compileRules(groups, parseExpression);
  const recordings = new Map<Play, Promise<Recording>>();
  const recordingOf = (play: Play) => {
    const known = recordings.get(play) ?? recordAsExpected(play, rules);
    recordings.set(play, known);
    return known;
  };
  const verdicts: Verdict[] = [];
  for (const [index, { rule }] of rules.entries()) {
    if (!pattern.test(ruleLabel(rule))) continue;
    const plays = playsFor(rules, index);
    const tables = tablesAsExpected(rules[index]!);
    const mutants = mutantsOf(rule);
    for (const mutant of mutants) {
      const fate = await fateOf({ rules, index, mutant: mutant.rule, tables, plays, recordingOf });
      verdicts.push({ rule: ruleLabel(rule), edit: mutant.edit, fate });
      await setImmediate();
    }
    const survived = verdicts.slice(-mutants.length).filter(({ fate }) => fate === 'survived').length;
    progress(`${ruleLabel(rule)}: ${mutants.length} mutants, ${survived} survived, ${plays.length} plays`);
  }
  if (!pattern.test(EVERY_RULE)) return verdicts;
  for (const { edit, of } of SHARED_EDITS) {
    verdicts.push({ rule: EVERY_RULE, edit, fate: await fateOfShared(rules, of) });
    progress(`${EVERY_RULE}, ${edit}: ${verdicts.at(-1)!.fate}`);
  }
  return verdicts;
}

interface Trial {
  readonly rules: readonly CompiledRule[];
  readonly index: number;
  readonly mutant: Rule;
  readonly tables: readonly TablePlay[];
  readonly plays: readonly Play[];
  readonly recordingOf: (play: Play) => Promise<Recording>;
}

async function fateOf({ rules, index, mutant, tables, plays, recordingOf }: Trial): Promise<Fate> {
  const compiled = edited(rules[index]!, mutant);
  if (compiled === null) return 'invalid';
  const alone = { rules, anew: new Map([[index, compiled]]) };
  const withReaders = {
    rules,
    anew: new Map([...readersOf(rules, index)].map((at) => [at, at === index ? compiled : rules[at]!])),
  };
  const fate = await fateIn(tables, async (table) => tableHolds(table, mutant, compiled.expr));
  if (fate !== 'survived') return fate;
  return fateIn(plays, async (play) => {
    const recording = await recordingOf(play);
    return isTheSame(play, recording, alone) || isAsExpected(play, replay(play, recording, withReaders));
  });
}

/** A play that the rules as they are fail would count every mutant as noticed. */
async function recordAsExpected(play: Play, rules: readonly CompiledRule[]): Promise<Recording> {
  const recording = await record(play, rules);
  if (!isAsExpected(play, firedIn(recording))) throw new Error(`the rules as they are fail "${play.name}"`);
  return recording;
}

function tablesAsExpected({ rule, expr }: CompiledRule): readonly TablePlay[] {
  const tables = tablePlaysOf(ruleLabel(rule));
  if (!tables.every((table) => tableHolds(table, rule, expr)))
    throw new Error(`a table of ${ruleLabel(rule)} does not hold for the rule as it is`);
  return tables;
}

function firedIn({ fired }: Recording): ReadonlyMap<number, readonly LabelSet[]> {
  return new Map([...fired].map(([minute, some]) => [minute, some.map(({ labels }) => labels)]));
}

/** Nothing of what was recorded can be used when each rule is another. */
async function fateOfShared(rules: readonly CompiledRule[], of: (rule: Rule) => Rule): Promise<Fate> {
  const all = rules.map((rule) => edited(rule, of(rule.rule)));
  if (!all.every((rule) => rule !== null)) return 'invalid';
  return fateIn(PLAYS, async (play) => {
    return isAsExpected(play, firedIn(await record(play, all)));
  });
}

/** Null if it cannot be read. */
function edited(compiled: CompiledRule, rule: Rule): CompiledRule | null {
  try {
    return { ...compiled, rule, expr: parseExpression(rule.expr) };
  } catch {
    return null;
  }
}

async function fateIn<P>(plays: readonly P[], isFine: (play: P) => Promise<boolean>): Promise<Fate> {
  try {
    for (const play of plays) if (!(await isFine(play))) return 'killed';
    return 'survived';
  } catch (error) {
    if (error instanceof TypeError) return 'invalid';
    throw error;
  }
}

/** The rule itself, and everything that reads what it records. */
function readersOf(rules: readonly CompiledRule[], index: number): ReadonlySet<number> {
  const found = new Set([index]);
  for (const at of found) {
    const { rule } = rules[at]!;
    if (isAlert(rule)) continue;
    for (const [other, { rule: reader }] of rules.entries())
      if (readsOf(reader.expr).has(rule.record)) found.add(other);
  }
  return found;
}

/** First the plays in which somebody hears of an alert that the rule decides, short ones before long ones. */
function playsFor(rules: readonly CompiledRule[], index: number): readonly Play[] {
  const names = new Set(
    [...readersOf(rules, index)].map((at) => rules[at]!.rule).flatMap((rule) => (isAlert(rule) ? rule.alert : [])),
  );
  const isAbout = ({ about }: Play) => [...about].some((name) => names.has(`AnthropicWork${name}`));
  return [...PLAYS.filter(isAbout), ...PLAYS.filter((play) => !isAbout(play))];
}
