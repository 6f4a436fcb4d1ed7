import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import type { LabelSet } from '../promql/store/label-set.ts';
import { type ConditionRead, type ConditionReport, requiredRead } from './condition.ts';
import type { ConditionPipeline } from './condition-pipeline.ts';
import type { NamedColumns } from './evaluation/rule-evaluator.ts';
import type { LazyCondition } from './lazy-condition.ts';

/** After so many alerts were made into conditions, other work gets its turn. */
const ALERTS_PER_SLICE = 20;
/** A series for each operation of an environment of which a read has succeeded. */
const LAST_SUCCESS = 'anthropic_work_last_success_timestamp_seconds';

export interface ConditionEvaluationDeps {
  readonly clock: Clock;
  /** The text that a scrape would get now; what has none of these samples may be left out. */
  scrape(names: ReadonlySet<string>): Promise<readonly Buffer[]>;
  /**
   * Whether this read of the environment cannot confirm such an alert: it was not tried yet, has succeeded since the scrape,
   * or fails for a reason that other alerts report. The rules see that reason only once it has occurred twice.
   */
  cannotConfirm(environmentId: string, read: ConditionRead): boolean;
}

/** The shipped rules over what this exporter exposes, from one evaluation to the next. */
export class ConditionEvaluation {
  readonly #deps: ConditionEvaluationDeps;
  readonly #pipeline: ConditionPipeline;
  /** On the monotonic clock. */
  readonly #firstAt: number;
  /** Of the last evaluation, by the labels of the alert. */
  #conditions: ReadonlyMap<LabelSet, LazyCondition> = new Map();
  /** How many operations of environments had succeeded at the last evaluation. */
  #succeededReads = -1;

  constructor(deps: ConditionEvaluationDeps, pipeline: ConditionPipeline) {
    this.#deps = deps;
    this.#pipeline = pipeline;
    this.#firstAt = deps.clock.monotonic();
  }

  /** @param at on the monotonic clock: setting the wall clock must not change how long a condition has held */
  async evaluate(at: number): Promise<ConditionReport> {
    const { evaluator, reader, order, upSamples } = this.#pipeline;
    const { clock } = this.#deps;
    const columns = await reader.read(await this.#deps.scrape(evaluator.scrapedNames));
    const now = clock.now();
    const wallOffsetMs = now - clock.monotonic();
    evaluator.storeScrape([...columns, upSamples], at);
    const succeededReads = succeededReadsIn(columns);
    const isFirst = succeededReads > this.#succeededReads;
    await (isFirst ? evaluator.evaluateDependenciesFirst(at) : evaluator.evaluate(at));
    this.#succeededReads = succeededReads;
    this.#conditions = await this.#conditionsAt(at, wallOffsetMs);
    return {
      evaluatedAt: now,
      evaluatedSince: this.#firstAt + wallOffsetMs,
      conditions: [...this.#conditions.values()].sort(order),
    };
  }

  async #conditionsAt(at: number, wallOffsetMs: number): Promise<ReadonlyMap<LabelSet, LazyCondition>> {
    const { evaluator, builder } = this.#pipeline;
    const moment = { at, firstAt: this.#firstAt, wallOffsetMs };
    const conditions = new Map<LabelSet, LazyCondition>();
    for (const instance of evaluator.active) {
      const condition = builder.build(instance, moment, this.#conditions.get(instance.labels));
      if (this.#isUnconfirmed(condition)) continue;
      conditions.set(instance.labels, condition);
      if (conditions.size % ALERTS_PER_SLICE === 0) await setImmediate();
    }
    return conditions;
  }

  /**
   * Whether a condition only says that a read has not been tried yet, or what others will say. A firing alert is always
   * shown, because Prometheus reports it, too.
   */
  #isUnconfirmed({ alert, phase, subject }: LazyCondition): boolean {
    const read = requiredRead(alert);
    return (
      read !== undefined &&
      phase === 'pending' &&
      subject.kind === 'environment' &&
      this.#deps.cannotConfirm(subject.id, read)
    );
  }
}

/** How many operations of environments have succeeded. */
function succeededReadsIn(columns: readonly NamedColumns[]): number {
  return columns.reduce((sum, { name, labels }) => sum + (name === LAST_SUCCESS ? labels.length : 0), 0);
}
