import type { EpochMs } from '../base/clock.ts';
import { evaluate } from '../promql/evaluate.ts';
import type { Expr } from '../promql/expression.ts';
import type { SeriesStore } from '../promql/series-store.ts';
import type { Vector } from '../promql/vector.ts';
import { durationMs } from '../rules/durations.ts';
import type { AlertingRule } from '../rules/rule.ts';
import type { AlertInstance } from './alert-instances.ts';
import type { Condition, ConditionPhase, ConditionSubject } from './condition.ts';
import { expressionOf } from './expression-of.ts';
import { hitQuery } from './hit-query.ts';
import { renderTemplate, type TemplateContext } from './render-template.ts';
import { parseTemplate, type TemplateNode } from './text-template.ts';
import { type Words, WrittenCondition } from './written-condition.ts';

/** How many queries of texts are remembered; each environment has its own few. */
const MOST_QUERIES = 5000;

/** The moment of an evaluation. */
export interface WriteMoment {
  readonly at: EpochMs;
  /** What to add to such a moment to get wall time. */
  readonly wallMs: number;
}

/** Turns alerts into conditions: with texts, and with times of the own clock. */
export class ConditionWriter {
  readonly #store: SeriesStore;
  readonly #templates = new Map<string, readonly TemplateNode[]>();
  readonly #queries = new Map<string, Expr>();

  constructor(store: SeriesStore) {
    this.#store = store;
  }

  /**
   * The texts are rendered when somebody reads them, as of the evaluation: the store must still know what was true then.
   *
   * @param before of the same alert at the previous evaluation: one that is recovering keeps its last words, as in
   *   Prometheus
   */
  write(instance: AlertInstance, { at, wallMs }: WriteMoment, before?: Condition): Condition {
    const { rule, labels, value, activeAt, keptSince } = instance;
    const { values } = labels;
    const { alertname, severity, job, instance: target, ...rest } = values;
    const context = { labels: values, value, query: (text: string) => this.#ask(text, at) };
    const phase = phaseOf(instance);
    const words = phase === 'recovering' && before !== undefined ? wordsOf(before) : this.#words(rule, context, at);
    return new WrittenCondition(
      {
        alert: rule.alert,
        severity: rule.labels.severity,
        phase,
        subject: subjectOf(values),
        since: (keptSince ?? activeAt) + wallMs,
        firesAt: phase === 'pending' ? activeAt + durationMs(rule.for ?? '0s') + wallMs : null,
        labels: rest,
      },
      words,
    );
  }

  #words(rule: AlertingRule, context: TemplateContext, at: EpochMs): Words {
    const rendered = (text: string) => once(() => renderTemplate(this.#template(text), context));
    const { environment_id: own, connection = null } = context.labels;
    return {
      value: context.value,
      summary: rendered(rule.annotations.summary),
      description: rendered(rule.annotations.description),
      environments: once(() => (own === undefined ? this.#hitBy(rule, connection, at) : [own])),
    };
  }

  #hitBy(rule: AlertingRule, connection: string | null, at: EpochMs): readonly string[] {
    const query = hitQuery(rule, connection);
    if (query === null) return [];
    const ids = this.#ask(query, at).flatMap(({ labels: { values } }) => values.environment_id ?? []);
    return [...new Set(ids)].sort();
  }

  #template(text: string): readonly TemplateNode[] {
    const known = this.#templates.get(text) ?? parseTemplate(text);
    this.#templates.set(text, known);
    return known;
  }

  #ask(text: string, at: EpochMs): Vector {
    const expr = this.#queries.get(text) ?? expressionOf(text);
    if (this.#queries.size >= MOST_QUERIES) this.#queries.clear();
    this.#queries.set(text, expr);
    return evaluate(expr, { store: this.#store, at }) as Vector;
  }
}

function wordsOf({ value, summary, description, environments }: Condition): Words {
  return { value, summary: () => summary, description: () => description, environments: () => environments };
}

function once<T>(make: () => T): () => T {
  let made: T | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

function phaseOf({ firedAt, keptSince }: AlertInstance): ConditionPhase {
  if (firedAt === null) return 'pending';
  return keptSince === null ? 'firing' : 'recovering';
}

function subjectOf(labels: Readonly<Record<string, string>>): ConditionSubject {
  const { environment_id: id, environment_name: name, connection } = labels;
  if (id !== undefined) return { kind: 'environment', id, name: name ?? id };
  return connection === undefined ? { kind: 'exporter' } : { kind: 'connection', name: connection };
}
