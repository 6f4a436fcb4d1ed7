import type { AlertInstance } from '../../../src/conditions/evaluation/alert-instances.ts';
import type { CompiledRule } from '../../../src/conditions/evaluation/compile-rules.ts';
import { RuleEvaluator } from '../../../src/conditions/evaluation/rule-evaluator.ts';
import { AmbiguousMatchError } from '../../../src/promql/binary.ts';
import { LabelSet } from '../../../src/promql/store/label-set.ts';
import type { SeriesStore } from '../../../src/promql/store/series-store.ts';
import type { SelectExpr } from '../../../src/promql/syntax/expression.ts';
import type { Vector } from '../../../src/promql/vector.ts';
import { columnsOf } from '../../support/scraped-samples.ts';
import { CASES } from '../cases/all-cases.ts';
import { SITUATIONS } from '../situations/all-situations.ts';
import { type Gap, STEP_MINUTES, valueAt } from '../support/lines.ts';
import type { RuleCase, ShortName } from '../support/rule-case.ts';
import type { Series } from '../support/series.ts';
import type { Situation } from '../support/situation.ts';
import { alertsIn } from '../support/situation-file.ts';

/** What a mutant meets: a case or a situation, with what the rules as they are make of it. */
export interface Play {
  readonly name: string;
  readonly part: string;
  readonly minutes: readonly number[];
  readonly one: RuleCase | Situation;
  /** Alerts that fire in it, or that it is about. */
  readonly about: ReadonlySet<ShortName>;
  readonly series: readonly Series[];
  readonly restart: Gap | undefined;
}

/** What was recorded and what fired while the rules as they are were evaluated. */
export interface Recording {
  readonly store: SeriesStore;
  /** By minute: each firing alert, with the index of its rule. */
  readonly fired: ReadonlyMap<number, readonly { readonly rule: number; readonly labels: LabelSet }[]>;
}

export const PLAYS: readonly Play[] = [
  ...Object.entries(CASES).flatMap(([part, cases]) => cases.map((one) => ofCase(`cases: ${part}`, one))),
  ...Object.entries(SITUATIONS).flatMap(([part, situations]) => situations.map((one) => ofSituation(part, one))),
].toSorted((one, other) => one.minutes.length - other.minutes.length);

function ofCase(part: string, one: RuleCase): Play {
  const looked = [...one.checks.map(([minute]) => minute), ...(one.recorded ?? []).map(({ minute }) => minute)];
  const fired = one.checks.flatMap(([, ...firing]) => firing.map(({ alert }) => alert));
  return {
    ...{ name: one.name, part, one, series: one.series, restart: one.restart },
    minutes: steps(Math.max(...looked), one.every),
    about: new Set([...one.about, ...fired]),
  };
}

function ofSituation(part: string, one: Situation): Play {
  return {
    ...{ name: one.name, part, one, series: one.series, restart: one.restart },
    minutes: steps(one.minutes, undefined),
    about: alertsIn(one),
  };
}

function steps(until: number, every = STEP_MINUTES): readonly number[] {
  return Array.from({ length: Math.floor(until / every) + 1 }, (_, index) => index * every);
}

/** Plays it with the rules as they are, and forgets nothing. */
export async function record(play: Play, rules: readonly CompiledRule[]): Promise<Recording> {
  const names = new RuleEvaluator(rules).store.names;
  // A mutant may ask for series that no rule asks for.
  const evaluator = new RuleEvaluator(rules, [...names].map(everySeries));
  evaluator.store.forget = () => {};
  const indexOf = new Map(rules.map(({ rule }, index) => [rule, index] as const));
  const scraped = play.series
    .filter(({ name }) => evaluator.scrapedNames.has(name))
    .map(({ name, labels, line }) => ({ name, labels: LabelSet.of(labels), line }));
  const fired = new Map<number, { rule: number; labels: LabelSet }[]>();
  for (const minute of play.minutes) {
    const lost = play.restart !== undefined && minute >= play.restart[0] && minute < play.restart[1];
    const samples = scraped.flatMap(({ name, labels, line }) => {
      const value = valueAt(line, minute);
      return value === null ? [] : [{ name, labels, value }];
    });
    if (!lost) evaluator.storeScrape(columnsOf(samples), minute * 60_000);
    await evaluator.evaluate(minute * 60_000);
    fired.set(
      minute,
      evaluator.active.filter(isFiring).map(({ rule, labels }) => ({ rule: indexOf.get(rule)!, labels })),
    );
  }
  return { store: evaluator.store, fired };
}

/** A selector of all series of a name. */
export function everySeries(name: string): SelectExpr {
  return { kind: 'select', name, matchers: [], rangeMs: null, offsetMs: 0 };
}

export function isFiring({ firedAt }: AlertInstance): boolean {
  return firedAt !== null;
}

/** Prometheus, too, keeps the result before when a rule fails. */
export function ask(evaluate: () => Vector): Vector | null {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof AmbiguousMatchError) return null;
    throw error;
  }
}
