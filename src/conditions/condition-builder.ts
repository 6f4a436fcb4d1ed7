import type { EpochMs } from '../base/clock.ts';
import { evaluate } from '../promql/evaluate.ts';
import type { SeriesStore } from '../promql/store/series-store.ts';
import type { Expr } from '../promql/syntax/expression.ts';
import type { Vector } from '../promql/vector.ts';
import { durationMs } from '../rules/parts/durations.ts';
import { AlertTexts, type TextRenderer } from './alert-texts.ts';
import { type Condition, type ConditionPhase, type ConditionSubject, mayHaveBegunBefore } from './condition.ts';
import type { AlertInstance } from './evaluation/alert-instances.ts';
import { expressionOf } from './evaluation/expression-of.ts';
import { type ConditionTexts, LazyCondition } from './lazy-condition.ts';
import { inOwnWords } from './own-instance.ts';
import { renderTemplate } from './texts/render-template.ts';
import { parseTemplate, type TemplateNode } from './texts/text-template.ts';

/** How many parsed queries of alert texts are remembered; each environment has its own few. */
const MOST_PARSED_QUERIES = 5000;

/** The moment of an evaluation, on the monotonic clock. */
export interface EvaluationMoment {
  readonly at: EpochMs;
  /** The first evaluation. */
  readonly firstAt: EpochMs;
  /** What to add to get wall time, ms. */
  readonly wallOffsetMs: number;
}

/** Turns alerts into conditions: with texts, and with times of the own clock. */
export class ConditionBuilder {
  readonly #store: SeriesStore;
  readonly #templates = new Map<string, readonly TemplateNode[]>();
  readonly #queries = new Map<string, Expr>();
  readonly #renderer: TextRenderer = {
    render: (template, context) => inOwnWords(renderTemplate(this.#template(template), context)),
    query: (expression, at) => this.#query(expression, at),
  };

  constructor(store: SeriesStore) {
    this.#store = store;
  }

  /**
   * The texts are rendered when somebody reads them, as of the time of the evaluation, which the store must still know.
   *
   * @param before the condition of the same alert at the previous evaluation: its labels are the same, and one that is
   *   recovering keeps its last texts, as in Prometheus
   */
  build(
    instance: AlertInstance,
    { at, firstAt, wallOffsetMs }: EvaluationMoment,
    before?: LazyCondition,
  ): LazyCondition {
    const { rule, labels, activeAt, firedAt, keepFiringSince } = instance;
    const phase = phaseOf(instance);
    return new LazyCondition(
      {
        alert: rule.alert,
        severity: rule.labels.severity,
        phase,
        subject: before?.subject ?? subjectOf(labels.values),
        since: (keepFiringSince ?? activeAt) + wallOffsetMs,
        firesAt: (firedAt ?? activeAt + durationMs(rule.for ?? '0s')) + wallOffsetMs,
        mayBeOlder: mayHaveBegunBefore(activeAt, firstAt),
        labels: before?.labels ?? shownLabels(labels.values),
      },
      phase === 'recovering' && before !== undefined ? lastTexts(before) : new AlertTexts(instance, at, this.#renderer),
    );
  }

  #template(text: string): readonly TemplateNode[] {
    const known = this.#templates.get(text) ?? parseTemplate(text);
    this.#templates.set(text, known);
    return known;
  }

  #query(text: string, at: EpochMs): Vector {
    const expr = this.#queries.get(text) ?? expressionOf(text);
    if (this.#queries.size >= MOST_PARSED_QUERIES) this.#queries.clear();
    this.#queries.set(text, expr);
    return evaluate(expr, { store: this.#store, at }) as Vector;
  }
}

/** Rendered at once, whether or not somebody reads them, because the store will soon forget the samples. */
function lastTexts({ texts }: LazyCondition): ConditionTexts {
  texts.summary();
  texts.description();
  texts.environments();
  return texts;
}

function phaseOf({ firedAt, keepFiringSince }: AlertInstance): ConditionPhase {
  if (firedAt === null) return 'pending';
  return keepFiringSince === null ? 'firing' : 'recovering';
}

function shownLabels(all: Readonly<Record<string, string>>): Condition['labels'] {
  const { alertname, severity, job, instance, ...shown } = all;
  return shown;
}

function subjectOf(labels: Readonly<Record<string, string>>): ConditionSubject {
  const { environment_id: id, environment_name: name, connection } = labels;
  if (id !== undefined) return { kind: 'environment', id, name: name ?? id };
  return connection === undefined ? { kind: 'exporter' } : { kind: 'connection', name: connection };
}
