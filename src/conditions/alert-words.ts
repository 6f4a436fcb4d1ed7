import type { EpochMs } from '../base/clock.ts';
import type { Vector } from '../promql/vector.ts';
import type { AlertInstance } from './evaluation/alert-instances.ts';
import { hitQuery } from './texts/hit-query.ts';
import type { TemplateContext } from './texts/render-template.ts';
import type { Words } from './written-condition.ts';

/** Renders the texts of alerts. */
export interface TextSource {
  render(template: string, context: TemplateContext): string;
  ask(query: string, at: EpochMs): Vector;
}

/**
 * What an alert says as of one evaluation. It is one object, rendered on demand: hundreds of alerts may stay for days,
 * each gets new words twice a minute, and hardly any are read.
 */
export class AlertWords implements Words {
  readonly #instance: AlertInstance;
  readonly #at: EpochMs;
  readonly #source: TextSource;
  #summary: string | null = null;
  #description: string | null = null;
  #environments: readonly string[] | null = null;

  constructor(instance: AlertInstance, at: EpochMs, source: TextSource) {
    this.#instance = instance;
    this.#at = at;
    this.#source = source;
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
    this.#environments ??= this.#hit();
    return this.#environments;
  }

  #rendered(template: string): string {
    const { labels, value } = this.#instance;
    const query = (text: string) => this.#source.ask(text, this.#at);
    return this.#source.render(template, { labels: labels.values, value, query });
  }

  /** The ids of its own environment, or of those that a shared cause affects. */
  #hit(): readonly string[] {
    const { rule, labels } = this.#instance;
    const { environment_id: own } = labels.values;
    if (own !== undefined) return [own];
    const query = hitQuery(rule, labels.values);
    if (query === null) return [];
    const ids = this.#source.ask(query, this.#at).flatMap(({ labels: { values } }) => values.environment_id ?? []);
    return [...new Set(ids)].sort();
  }
}
