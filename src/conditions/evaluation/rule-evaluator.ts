import { setImmediate } from 'node:timers/promises';
import type { EpochMs } from '../../base/clock.ts';
import { AmbiguousMatchError } from '../../promql/binary.ts';
import { vectorOf } from '../../promql/evaluate.ts';
import { isUnchanged } from '../../promql/is-unchanged.ts';
import type { MoreLabels } from '../../promql/store/label-set.ts';
import type { SampleColumns } from '../../promql/store/last-write.ts';
import { SeriesStore } from '../../promql/store/series-store.ts';
import { type Expr, selectorsIn } from '../../promql/syntax/expression.ts';
import type { Vector } from '../../promql/vector.ts';
import { isAlert } from '../../rules/parts/rule.ts';
import type { AlertInstance } from './alert-instances.ts';
import { type CompiledRule, dependenciesFirst } from './compile-rules.ts';
import { type RunningRule, runningRule } from './running-rule.ts';

/** Samples of one metric, as they were scraped. */
export interface NamedColumns extends SampleColumns {
  readonly name: string;
}

const ALERTS = 'ALERTS';
const NO_COLUMNS: readonly NamedColumns[] = [];
const PENDING: MoreLabels = { values: { alertstate: 'pending' } };
const FIRING: MoreLabels = { values: { alertstate: 'firing' } };
/** After this many series were selected and written, other work gets its turn. */
const SERIES_PER_SLICE = 1000;

/**
 * Evaluates alerting and recording rules over samples in memory, as Prometheus does: the rules of a group in order,
 * each group at its interval.
 */
export class RuleEvaluator {
  readonly store: SeriesStore;
  readonly #rules: readonly RunningRule[];
  readonly #scrapedNames: ReadonlySet<string>;
  #firstAt: EpochMs | null = null;
  #lastAt: EpochMs | null = null;
  #expressionsEvaluated = 0;

  /** @param more further expressions that will be evaluated */
  constructor(rules: readonly CompiledRule[], more: readonly Expr[] = []) {
    this.#rules = rules.map(runningRule);
    this.store = new SeriesStore([...this.#rules.map(({ expr }) => expr), ...more].flatMap(selectorsIn));
    const recorded = this.#rules.flatMap(({ rule }) => (isAlert(rule) ? [] : rule.record));
    const ownNames = new Set([ALERTS, ...recorded]);
    this.#scrapedNames = new Set([...this.store.names].filter((name) => !ownNames.has(name)));
  }

  /** The metric names that a scrape must deliver. */
  get scrapedNames(): ReadonlySet<string> {
    return this.#scrapedNames;
  }

  /** How many expressions were evaluated so far, because something that they read had changed. */
  get expressionsEvaluated(): number {
    return this.#expressionsEvaluated;
  }

  /** All alerts that are pending, firing or kept firing, in the order of the rules. */
  get active(): readonly AlertInstance[] {
    return this.#rules.flatMap(({ alerts }) => alerts?.active ?? []);
  }

  /** Stores the samples of one scrape: series that are not in it have ended. */
  storeScrape(columns: readonly NamedColumns[], at: EpochMs): void {
    const byName = Map.groupBy(columns, ({ name }) => name);
    for (const name of this.#scrapedNames) this.store.replaceColumns(name, at, byName.get(name) ?? NO_COLUMNS);
  }

  /**
   * Like `evaluate`, but each rule after those that record what it reads, whatever group they are in: for series that are
   * scraped for the first time. Prometheus gets that far with its next evaluation, and until then some alerts seem to hold
   * that do not.
   */
  async evaluateDependenciesFirst(at: EpochMs): Promise<void> {
    await this.#evaluate(dependenciesFirst(this.#rules), at);
  }

  /**
   * Evaluates the rules that are due. Now and then it yields, so that scrapes are answered meanwhile.
   * Afterwards, the store can still answer as of the previous evaluation.
   */
  evaluate(at: EpochMs): Promise<void> {
    return this.#evaluate(this.#rules, at);
  }

  async #evaluate(rules: readonly RunningRule[], at: EpochMs): Promise<void> {
    this.#firstAt ??= at;
    const passed = at - this.#firstAt;
    let [written, yieldAt] = [0, this.store.seriesSelected + SERIES_PER_SLICE];
    for (const rule of rules) {
      if (at < rule.dueAt) continue;
      // A rule whose time was missed is evaluated late: a machine that falls behind might never meet the exact time.
      rule.dueAt = at - (passed % rule.intervalMs) + rule.intervalMs;
      rule.result = this.#resultOf(rule, at);
      written += rule.result?.vector?.length ?? 0;
      this.#storeResult(rule);
      if (this.store.seriesSelected + written < yieldAt) continue;
      [written, yieldAt] = [0, this.store.seriesSelected + SERIES_PER_SLICE];
      await setImmediate();
    }
    this.store.forget(this.#lastAt ?? at);
    this.#lastAt = at;
  }

  /** The previous result if nothing that the rule reads has changed, as for most rules while nothing happens; otherwise a new one. */
  #resultOf({ expr, reads, result }: RunningRule, at: EpochMs): RunningRule['result'] {
    if (result !== null && isUnchanged(reads, { store: this.store, before: result.at, at })) {
      result.at = at;
      return result;
    }
    this.#expressionsEvaluated++;
    const vector = this.#vectorOf(expr, at);
    return vector && { at, vector };
  }

  #storeResult(running: RunningRule): void {
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
    alerts.update(vector, at);
    if (alerts.isInactive && running.alertSeries.size === 0) return;
    const alertSeries = new Set(
      alerts.active.map(({ labels, firedAt }) => labels.with(firedAt === null ? PENDING : FIRING)),
    );
    for (const labels of alertSeries) this.store.seriesForAppend(ALERTS, labels)?.append(at, 1);
    for (const labels of running.alertSeries)
      if (!alertSeries.has(labels)) this.store.seriesForAppend(ALERTS, labels)?.end(at);
    running.alertSeries = alertSeries;
  }

  #vectorOf(expr: Expr, at: EpochMs): Vector | null {
    try {
      return vectorOf(expr, { store: this.store, at });
    } catch (error) {
      if (error instanceof AmbiguousMatchError) return null;
      throw error;
    }
  }
}
