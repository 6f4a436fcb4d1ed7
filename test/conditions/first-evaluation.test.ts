import { expect, it } from 'vitest';
import { conditionPipeline } from '../../src/conditions/condition-pipeline.ts';
import { dependenciesFirst, shippedRules } from '../../src/conditions/evaluation/compile-rules.ts';
import { LabelSet } from '../../src/promql/store/label-set.ts';
import { selectorsIn } from '../../src/promql/syntax/expression.ts';
import { isAlert } from '../../src/rules/parts/rule.ts';
import { TEXTS } from '../rules/support/alert-texts.ts';
import { valueAt } from '../rules/support/lines.ts';
import { columnsOf } from '../support/scraped-samples.ts';

const LATER = 30_000;

it('records whatever a rule reads before the rule, and loses no rule', async () => {
  const rules = await shippedRules();
  const ordered = dependenciesFirst(rules);
  expect(new Set(ordered)).toEqual(new Set(rules));
  const recordOf = ({ rule }: (typeof rules)[number]) => (isAlert(rule) ? [] : [rule.record]);
  const yet = new Set(rules.flatMap(recordOf));
  const early = ordered.flatMap((compiled) => {
    const [own] = recordOf(compiled);
    const missing = selectorsIn(compiled.expr).flatMap(({ name }) => (yet.has(name) && name !== own ? [name] : []));
    if (own !== undefined) yet.delete(own);
    return missing;
  });
  expect(early).toEqual([]);
});

it.each(TEXTS)('takes nothing back when the numbers stay as they are: $name', async ({ series, minute }) => {
  const { evaluator } = await conditionPipeline();
  const samples = series.flatMap(({ name, labels, line }) => {
    const value = evaluator.scrapedNames.has(name) ? valueAt(line, minute) : null;
    return value === null ? [] : [{ name, labels: LabelSet.of(labels), value }];
  });
  const columns = columnsOf(samples);
  // A page about many that begins meanwhile takes over those of single environments.
  const active = () =>
    evaluator.active.map(({ labels: { values } }) => JSON.stringify({ ...values, told_by: undefined }));
  evaluator.storeScrape(columns, 0);
  await evaluator.evaluateDependenciesFirst(0);
  const first = active();
  evaluator.storeScrape(columns, LATER);
  await evaluator.evaluate(LATER);
  const second = new Set(active());
  expect(first.filter((alert) => !second.has(alert))).toEqual([]);
});
