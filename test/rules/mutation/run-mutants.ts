import { setImmediate } from 'node:timers/promises';
import { AlertInstances } from '../../../src/conditions/alert-instances.ts';
import { type CompiledRule, compileRules } from '../../../src/conditions/compile-rules.ts';
import { vectorOf } from '../../../src/promql/evaluate.ts';
import type { Expr } from '../../../src/promql/expression.ts';
import { parseExpression } from '../../../src/promql/parse-expression.ts';
import { isAlert, type Rule, type RuleGroup } from '../../../src/rules/rule.ts';
import { readsOf } from '../support/rule-subset.ts';
import { ruleLabel } from '../support/rule-table.ts';
import { isAsExpected } from './judge.ts';
import { mutantsOf } from './mutants.ts';
import { MutatedStore } from './mutated-store.ts';
import { ask, isFiring, PLAYS, type Play, type Recording, record } from './play.ts';
import { SHARED_EDITS } from './shared-edits.ts';
import { type TablePlay, tableHolds, tablePlaysOf } from './table-play.ts';

const PENDING = { values: { alertstate: 'pending' } };
const FIRING = { values: { alertstate: 'firing' } };
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
 * Edits each rule in every way, one at a time, and plays the cases and situations about it until one of them notices. It
 * uses the exporter's own evaluator, which finds what promtool finds (`test/conditions/rule-evaluator.test.ts`): each play is
 * evaluated once with all rules, and for a mutant only what it can change is evaluated again.
 */
export async function runMutants(
  groups: readonly RuleGroup[],
  pattern: RegExp,
  progress: (text: string) => void = () => {},
): Promise<readonly Verdict[]> {
  const rules = await compileRules(groups);
  const recordings = new Map<Play, Promise<Recording>>();
  const recordingOf = (play: Play) => {
    const known = recordings.get(play) ?? record(play, rules);
    recordings.set(play, known);
    return known;
  };
  const verdicts: Verdict[] = [];
  for (const [index, { rule }] of rules.entries()) {
    if (!pattern.test(ruleLabel(rule))) continue;
    const plays = playsFor(rules, index);
    const tables = tablePlaysOf(ruleLabel(rule));
    const mutants = mutantsOf(rule);
    for (const mutant of mutants) {
      const fate = await fateOf({ rules, mutants: new Map([[index, mutant.rule]]), tables, plays, recordingOf });
      verdicts.push({ rule: ruleLabel(rule), edit: mutant.edit, fate });
      await setImmediate();
    }
    const survived = verdicts.slice(-mutants.length).filter(({ fate }) => fate === 'survived').length;
    progress(`${ruleLabel(rule)}: ${mutants.length} mutants, ${survived} survived, ${plays.length} plays`);
  }
  if (!pattern.test(EVERY_RULE)) return verdicts;
  for (const { edit, of } of SHARED_EDITS) {
    const mutants = new Map(rules.map(({ rule }, index) => [index, of(rule)]));
    verdicts.push({
      rule: EVERY_RULE,
      edit,
      fate: await fateOf({ rules, mutants, tables: [], plays: PLAYS, recordingOf }),
    });
  }
  return verdicts;
}

interface Trial {
  readonly rules: readonly CompiledRule[];
  /** By index, what stands instead of a rule. */
  readonly mutants: ReadonlyMap<number, Rule>;
  /** Of the rule, when one alone is edited. */
  readonly tables: readonly TablePlay[];
  readonly plays: readonly Play[];
  readonly recordingOf: (play: Play) => Promise<Recording>;
}

async function fateOf({ rules, mutants, tables, plays, recordingOf }: Trial): Promise<Fate> {
  let compiled: ReadonlyMap<number, CompiledRule>;
  try {
    compiled = new Map(
      [...mutants].map(([index, rule]) => [index, { ...rules[index]!, rule, expr: parseExpression(rule.expr) }]),
    );
  } catch {
    return 'invalid';
  }
  for (const { rule, expr } of compiled.values()) {
    const fate = fateInTables(tables, rule, expr);
    if (fate !== 'survived') return fate;
  }
  const affected = new Set([...mutants.keys()].flatMap((index) => [...readersOf(rules, index)]));
  for (const play of plays) {
    try {
      if (!isAsExpected(play, replay(play, await recordingOf(play), { rules, affected, compiled }))) return 'killed';
    } catch (error) {
      if (error instanceof TypeError) return 'invalid';
      throw error;
    }
  }
  return 'survived';
}

function fateInTables(tables: readonly TablePlay[], rule: Rule, expr: Expr): Fate {
  try {
    return tables.every((play) => tableHolds(play, rule, expr)) ? 'survived' : 'killed';
  } catch (error) {
    if (error instanceof TypeError) return 'invalid';
    throw error;
  }
}

interface Change {
  readonly rules: readonly CompiledRule[];
  readonly affected: ReadonlySet<number>;
  readonly compiled: ReadonlyMap<number, CompiledRule>;
}

/** What fires when some rules are others. */
function replay(play: Play, recording: Recording, { rules, affected, compiled }: Change) {
  const store = new MutatedStore(recording.store, rules, affected);
  const running = [...affected]
    .toSorted((one, other) => one - other)
    .map((at) => ({ at, ...(compiled.get(at) ?? rules[at]!) }))
    .map((one) => ({
      ...one,
      alerts: isAlert(one.rule) ? new AlertInstances(one.rule) : null,
      seen: store.seenBy(one.at),
    }));
  return new Map(
    play.minutes.map((minute) => {
      const now = minute * 60_000;
      for (const { rule, expr, intervalMs, alerts, seen } of running) {
        if (now % intervalMs !== 0) continue;
        const vector = ask(() => vectorOf(expr, { store: seen, at: now }));
        if (vector === null) continue;
        if (!isAlert(rule)) store.recorded(rule.record, now, vector);
        alerts?.evaluated(vector, now);
        for (const one of alerts?.active ?? []) {
          store.fired(one.labels.with(isFiring(one) ? FIRING : PENDING), now);
        }
      }
      const kept = recording.fired.get(minute)!.filter(({ rule }) => !affected.has(rule));
      const own = running.flatMap(({ alerts }) => (alerts?.active ?? []).filter(isFiring));
      return [minute, [...kept, ...own].map(({ labels }) => labels)] as const;
    }),
  );
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

/** The plays in which somebody hears of an alert that the rule decides, then the others of those parts, short ones first. */
function playsFor(rules: readonly CompiledRule[], index: number): readonly Play[] {
  const names = new Set(
    [...readersOf(rules, index)].map((at) => rules[at]!.rule).flatMap((rule) => (isAlert(rule) ? rule.alert : [])),
  );
  const isAbout = ({ about }: Play) => [...about].some((name) => names.has(`AnthropicWork${name}`));
  const parts = new Set(PLAYS.filter(isAbout).map(({ part }) => part));
  const near = PLAYS.filter((play) => parts.has(play.part) && !isAbout(play));
  return [...PLAYS.filter(isAbout), ...near];
}
