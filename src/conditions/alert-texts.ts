import type { EpochMs } from '../base/clock.ts';
import type { Vector } from '../promql/vector.ts';
import type { AlertInstance } from './evaluation/alert-instances.ts';
import type { ConditionTexts } from './lazy-condition.ts';
import { affectedQuery } from './texts/affected-query.ts';
import type { TemplateContext } from './texts/render-template.ts';

/** Renders the texts of alerts, and answers the queries in them. */
export interface TextRenderer {
  render(template: string, context: TemplateContext): string;
  query(expression: string, at: EpochMs): Vector;
}

/**
 * What an alert says as of one evaluation. It is one object, rendered on demand: hundreds of alerts may stay for days,
 * each gets new texts twice a minute, and hardly any are read.
 */
export class AlertTexts implements ConditionTexts {
  readonly #instance: AlertInstance;
  readonly #at: EpochMs;
  readonly #renderer: TextRenderer;
  #summary: string | null = null;
  #description: string | null = null;
  #environments: readonly string[] | null = null;

  constructor(instance: AlertInstance, at: EpochMs, renderer: TextRenderer) {
    this.#instance = instance;
    this.#at = at;
    this.#renderer = renderer;
  }

  get value(): number {
    return this.#instance.value;
  }

  summary(): string {
    this.#summary ??= this.#rendered(this.#instance.rule.annotations.summary);
    return this.#summary;
  }

  description(): string {
    this.#description ??= this.#rendered(this.#instance.rule.annotations.description);
    return this.#description;
  }

  environments(): readonly string[] {
    this.#environments ??= this.#affected();
    return this.#environments;
  }

  #rendered(template: string): string {
    const { labels, value } = this.#instance;
    const query = (text: string) => this.#renderer.query(text, this.#at);
    return this.#renderer.render(template, { labels: labels.values, value, query });
  }

  /** The ids of its own environment, or of those that a shared cause affects. */
  #affected(): readonly string[] {
    const { rule, labels } = this.#instance;
    const { environment_id: own } = labels.values;
    if (own !== undefined) return [own];
    const query = affectedQuery(rule, labels.values);
    if (query === null) return [];
    const ids = this.#renderer.query(query, this.#at).flatMap(({ labels: { values } }) => values.environment_id ?? []);
    return [...new Set(ids)].sort();
  }
}
