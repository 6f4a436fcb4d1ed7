import type { AlertInstance } from '../../src/conditions/evaluation/alert-instances.ts';
import { shippedRules } from '../../src/conditions/evaluation/compile-rules.ts';
import { RuleEvaluator } from '../../src/conditions/evaluation/rule-evaluator.ts';
import { LabelSet } from '../../src/promql/store/label-set.ts';
import { type Gap, STEP_MINUTES, valueAt } from '../rules/support/lines.ts';
import type { Series } from '../rules/support/series.ts';
import { columnsOf } from '../support/scraped-samples.ts';

interface PlayedSeries {
  readonly series: readonly Series[];
  /** The last minute that is evaluated. */
  readonly until: number;
  /** Minutes between samples and evaluations. */
  readonly every?: number | undefined;
  readonly restart?: Gap | undefined;
  /** Called after every evaluation. */
  evaluated(minute: number, active: readonly AlertInstance[]): void;
}

/** The shipped rules in the exporter's own evaluator, over series that promtool gets for the same rules elsewhere. */
export async function playSeries({
  series,
  until,
  every = STEP_MINUTES,
  restart,
  evaluated,
}: PlayedSeries): Promise<RuleEvaluator> {
  const evaluator = new RuleEvaluator(await shippedRules());
  const scraped = series
    .filter(({ name }) => evaluator.scrapedNames.has(name))
    .map(({ name, labels, line }) => ({ name, labels: LabelSet.of(labels), line }));
  for (let minute = 0; minute <= until; minute += every) {
    const lost = restart !== undefined && minute >= restart[0] && minute < restart[1];
    const samples = scraped.flatMap(({ name, labels, line }) => {
      const value = valueAt(line, minute);
      return value === null ? [] : [{ name, labels, value }];
    });
    if (!lost) evaluator.storeScrape(columnsOf(samples), minute * 60_000);
    await evaluator.evaluate(minute * 60_000);
    evaluated(minute, evaluator.active);
  }
  return evaluator;
}
