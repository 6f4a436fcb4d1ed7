import { setImmediate } from 'node:timers/promises';
import type { EpochMs } from '../../base/clock.ts';
import { AmbiguousMatchError } from '../../promql/binary.ts';
import { vectorOf } from '../../promql/evaluate.ts';
import { type ExpressionRead, isUnchanged, readsOf } from '../../promql/is-unchanged.ts';
import type { LabelSet, MoreLabels } from '../../promql/store/label-set.ts';
import type { SampleColumns } from '../../promql/store/present-series.ts';
import { SeriesStore } from '../../promql/store/series-store.ts';
import { type Expr, selectorsIn } from '../../promql/syntax/expression.ts';
import type { Vector } from '../../promql/vector.ts';
import { isAlert } from '../../rules/parts/rule.ts';
import { type AlertInstance, AlertInstances } from './alert-instances.ts';
import type { CompiledRule } from './compile-rules.ts';

interface RunningRule extends CompiledRule {
  /** Null where the result depends on the time, too. */
  readonly reads: readonly ExpressionRead[] | null;
  /** Null for a recording rule. */
  readonly alerts: AlertInstances | null;
  /** When it is evaluated next. */
  dueAt: EpochMs;
  /** The series of its alerts at the evaluation before. */
  told: ReadonlySet<LabelSet>;
  /** Null before the first one, and after a failure. Without a vector for a recording rule: its series hold it. */
  result: { at: EpochMs; readonly vector: Vector | null } | null;
}

/** Samples of one metric, as they were scraped. */
export interface NamedColumns extends SampleColumns {
  readonly name: string;
}

const ALERTS = 'ALERTS';
const NO_COLUMNS: readonly NamedColumns[] = [];
const PENDING: MoreLabels = { values: { alertstate: 'pending' } };
const FIRING: MoreLabels = { values: { alertstate: 'firing' } };
/** After this many series were asked for and written, other work gets its turn. */
const SERIES_A_TURN = 1000;

/**
 * Evaluates alerting and recording rules over samples in memory, as Prometheus does: the rules of a group in order,
 * each group at its interval.
 */
export class RuleEvaluator {
  readonly store: SeriesStore;
  readonly #rules: readonly RunningRule[];
  readonly #scraped: ReadonlySet<string>;
  #begunAt: EpochMs | null = null;
  #lastAt: EpochMs | null = null;
  #expressionsEvaluated = 0;

  /** @param more further expressions that will be evaluated */
  constructor(rules: readonly CompiledRule[], more: readonly Expr[] = []) {
    this.#rules = rules.map((compiled) => ({
      ...compiled,
      reads: readsOf(compiled.expr),
      alerts: isAlert(compiled.rule) ? new AlertInstances(compiled.rule) : null,
      dueAt: Number.NEGATIVE_INFINITY,
      told: new Set<LabelSet>(),
      result: null,
    }));
    this.store = new SeriesStore([...this.#rules.map(({ expr }) => expr), ...more].flatMap(selectorsIn));
    const recorded = this.#rules.flatMap(({ rule }) => (isAlert(rule) ? [] : rule.record));
    const made = new Set([ALERTS, ...recorded]);
    this.#scraped = new Set([...this.store.names].filter((name) => !made.has(name)));
  }

  /** The metric names that a scrape must deliver. */
  get scrapedNames(): ReadonlySet<string> {
    return this.#scraped;
  }

  /** In all evaluations together: those that read something that has moved. */
  get expressionsEvaluated(): number {
    return this.#expressionsEvaluated;
  }

  get active(): readonly AlertInstance[] {
    return this.#rules.flatMap(({ alerts }) => alerts?.active ?? []);
  }

  /** Takes in one scrape: series that are not in it have ended. */
  scraped(columns: readonly NamedColumns[], at: EpochMs): void {
    const byName = Map.groupBy(columns, ({ name }) => name);
    for (const name of this.#scraped) this.store.replaceColumns(name, at, byName.get(name) ?? NO_COLUMNS);
  }

  /**
   * Evaluates the rules that are due. Now and then it yields, so that scrapes are answered meanwhile.
   * Afterwards, the store can still answer as of the previous evaluation.
   */
  async evaluate(at: EpochMs): Promise<void> {
    this.#begunAt ??= at;
    const passed = at - this.#begunAt;
    let [written, turnAt] = [0, this.store.seriesSelected + SERIES_A_TURN];
    for (const rule of this.#rules) {
      if (at < rule.dueAt) continue;
      // Late, where its moment was left out: a machine that falls behind might never meet one.
      rule.dueAt = at - (passed % rule.intervalMs) + rule.intervalMs;
      rule.result = this.#resultOf(rule, at);
      written += rule.result?.vector?.length ?? 0;
      this.#take(rule);
      if (this.store.seriesSelected + written < turnAt) continue;
      [written, turnAt] = [0, this.store.seriesSelected + SERIES_A_TURN];
      await setImmediate();
    }
    this.store.forget(this.#lastAt ?? at);
    this.#lastAt = at;
  }

  /** What it was, where nothing that the rule reads has moved since: most rules of a quiet fleet. */
  #resultOf({ expr, reads, result }: RunningRule, at: EpochMs): RunningRule['result'] {
    if (result !== null && isUnchanged(reads, { store: this.store, before: result.at, at })) {
      result.at = at;
      return result;
    }
    this.#expressionsEvaluated++;
    const vector = this.#ask(expr, at);
    return vector && { at, vector };
  }

  #take(running: RunningRule): void {
    const { rule, alerts, result } = running;
    // Prometheus also keeps the previous result when a rule fails.
    if (result === null) return;
    const { at, vector } = result;
    if (!isAlert(rule)) {
      if (vector === null) this.store.repeat(rule.record, at);
      else {
        this.store.replace(rule.record, at, vector);
        running.result = { at, vector: null };
      }
    }
    if (alerts === null || vector === null) return;
    alerts.evaluated(vector, at);
    if (alerts.isQuiet && running.told.size === 0) return;
    const told = new Set(alerts.active.map(({ labels, firedAt }) => labels.with(firedAt === null ? PENDING : FIRING)));
    for (const labels of told) this.store.wanted(ALERTS, labels)?.append(at, 1);
    for (const labels of running.told) if (!told.has(labels)) this.store.wanted(ALERTS, labels)?.end(at);
    running.told = told;
  }

  #ask(expr: Expr, at: EpochMs): Vector | null {
    try {
      return vectorOf(expr, { store: this.store, at });
    } catch (error) {
      if (error instanceof AmbiguousMatchError) return null;
      throw error;
    }
  }
}
