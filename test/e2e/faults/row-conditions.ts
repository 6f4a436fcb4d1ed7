import { isEvaluatedHere } from '../../../src/conditions/condition.ts';
import { shippedRules } from '../../../src/conditions/evaluation/compile-rules.ts';
import { RuleEvaluator } from '../../../src/conditions/evaluation/rule-evaluator.ts';
import { ExpositionReader } from '../../../src/conditions/scrape/exposition-reader.ts';
import { LabelSet } from '../../../src/promql/store/label-set.ts';
import { DEFAULT_RULE_OPTIONS } from '../../../src/rules/parts/options.ts';
import { columnsOf, samplesIn } from '../../support/scraped-samples.ts';
import { COUNTS_ALL_ROWS, rowOf } from './row-of.ts';

/** A rule that holds, with the labels that tell it from others. */
export interface Holding {
  /** Without the prefix that all share. */
  readonly alert: string;
  readonly severity: string;
  /** Null for what is about a connection or the exporter. */
  readonly environmentId: string | null;
  /** False while it waits for its `for`. */
  readonly fires: boolean;
}

const TARGET = { job: DEFAULT_RULE_OPTIONS.job, instance: 'e' };
const UP = { name: 'up', labels: LabelSet.of(TARGET), value: 1 };

/**
 * The shipped rules, as the exporter itself evaluates them for its page, with an evaluator for each row of a table: the rules know
 * nothing of the other rows.
 */
export class RowConditions {
  /** Null for a row of which nobody asks. */
  readonly #rows: readonly (RuleEvaluator | null)[];
  readonly #reader: ExpositionReader;

  private constructor(rows: readonly (RuleEvaluator | null)[]) {
    this.#rows = rows;
    this.#reader = new ExpositionReader({ names: rows.find((row) => row !== null)!.scrapedNames, target: TARGET });
  }

  /** @param rows which of them will be asked of */
  static async start(rows: readonly boolean[]): Promise<RowConditions> {
    const rules = await shippedRules();
    return new RowConditions(rows.map((isAsked) => (isAsked ? new RuleEvaluator(rules) : null)));
  }

  /** Takes in what the exporters show of their rows in a minute, and evaluates. */
  async scraped(minute: number, expositions: readonly { text: string; rows: readonly number[] }[]): Promise<void> {
    const at = minute * 60_000;
    const own = this.#rows.map(() => [UP]);
    for (const { text, rows } of expositions) {
      for (const sample of samplesIn(await this.#reader.read([Buffer.from(text)]))) {
        if (COUNTS_ALL_ROWS.has(sample.name)) continue;
        const row = rowOf(sample.labels.values);
        for (const one of row === null ? rows : [row]) own[one]!.push(sample);
      }
    }
    for (const [row, evaluator] of this.#rows.entries()) {
      if (evaluator === null) continue;
      evaluator.storeScrape(columnsOf(own[row]!), at);
      await evaluator.evaluate(at);
    }
  }

  holding(row: number): readonly Holding[] {
    return (this.#rows[row]?.active ?? [])
      .filter(({ rule }) => isEvaluatedHere(rule.alert))
      .map(({ rule, labels, firedAt }) => ({
        alert: rule.alert.replace('AnthropicWork', ''),
        severity: rule.labels.severity,
        environmentId: labels.values.environment_id ?? null,
        fires: firedAt !== null,
      }));
  }
}
