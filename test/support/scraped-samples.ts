import type { NamedColumns } from '../../src/conditions/evaluation/rule-evaluator.ts';
import type { LabelSet } from '../../src/promql/store/label-set.ts';

/** One line of an exposition. */
export interface ScrapedSample {
  readonly name: string;
  readonly labels: LabelSet;
  readonly value: number;
}

/** The lines that were read into columns. */
export function samplesIn(columns: readonly NamedColumns[]): ScrapedSample[] {
  return columns.flatMap(({ name, labels, values }) =>
    labels.flatMap((own, row) => (own === null ? [] : { name, labels: own, value: values[row]! })),
  );
}

/** As a scrape in which every line is a column of its own. */
export function columnsOf(samples: readonly ScrapedSample[]): readonly NamedColumns[] {
  return samples.map(({ name, labels, value }) => ({ name, labels: [labels], values: [value] }));
}
