import type { EpochMs } from '../base/clock.ts';
import { evaluate } from '../promql/evaluate.ts';
import type { Expr } from '../promql/expression.ts';
import { parseExpression } from '../promql/parse-expression.ts';
import type { SeriesStore } from '../promql/series-store.ts';
import type { Vector } from '../promql/vector.ts';
import { durationMs } from '../rules/durations.ts';
import type { AlertingRule } from '../rules/rule.ts';
import type { AlertInstance } from './alert-instances.ts';
import type { Condition, ConditionPhase, ConditionSubject } from './condition.ts';
import { renderTemplate, type TemplateContext } from './render-template.ts';
import { parseTemplate, type TemplateNode } from './text-template.ts';

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
    const { alertname, severity, job, instance: target, ...rest } = labels.values;
    const context = { labels: labels.values, value, query: (text: string) => this.#ask(text, at) };
    const phase = phaseOf(instance);
    const words = phase === 'recovering' && before !== undefined ? wordsOf(before) : this.#words(rule, context);
    return {
      alert: rule.alert,
      severity: rule.labels.severity,
      phase,
      subject: subjectOf(labels.values),
      since: (keptSince ?? activeAt) + wallMs,
      firesAt: phase === 'pending' ? activeAt + durationMs(rule.for ?? '0s') + wallMs : null,
      value: words.value,
      get summary() {
        return words.summary();
      },
      get description() {
        return words.description();
      },
      labels: rest,
    };
  }

  #words({ annotations }: AlertingRule, context: TemplateContext): Words {
    const rendered = (text: string) => once(() => renderTemplate(this.#template(text), context));
    return {
      value: context.value,
      summary: rendered(annotations.summary),
      description: rendered(annotations.description),
    };
  }

  #template(text: string): readonly TemplateNode[] {
    const known = this.#templates.get(text) ?? parseTemplate(text);
    this.#templates.set(text, known);
    return known;
  }

  #ask(text: string, at: EpochMs): Vector {
    const expr = this.#queries.get(text) ?? parseExpression(text);
    if (this.#queries.size >= MOST_QUERIES) this.#queries.clear();
    this.#queries.set(text, expr);
    return evaluate(expr, { store: this.#store, at }) as Vector;
  }
}

/** What a condition says. */
interface Words {
  readonly value: number;
  readonly summary: () => string;
  readonly description: () => string;
}

function wordsOf({ value, summary, description }: Condition): Words {
  return { value, summary: () => summary, description: () => description };
}

function once(make: () => string): () => string {
  let made: string | null = null;
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
