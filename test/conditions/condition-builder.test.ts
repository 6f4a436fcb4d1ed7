import { expect, it } from 'vitest';
import { isEvaluatedHere, PROMETHEUS_ONLY } from '../../src/conditions/condition.ts';
import { ConditionBuilder } from '../../src/conditions/condition-builder.ts';
import { shippedRules } from '../../src/conditions/evaluation/compile-rules.ts';
import { expressionOf } from '../../src/conditions/evaluation/expression-of.ts';
import { OWN_INSTANCE } from '../../src/conditions/own-instance.ts';
import { affectedQuery } from '../../src/conditions/texts/affected-query.ts';
import { LabelSet } from '../../src/promql/store/label-set.ts';
import { SeriesStore } from '../../src/promql/store/series-store.ts';
import { selectorsIn } from '../../src/promql/syntax/expression.ts';
import { ALERT_NAMES } from '../../src/rules/parts/alert-names.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { isAlert } from '../../src/rules/parts/rule.ts';
import { TEXTS } from '../rules/support/alert-texts.ts';
import { playSeries } from './play-series.ts';

it.each(TEXTS)('says what promtool says: $name', async ({ series, minute, alert, labels, summary, description }) => {
  const evaluator = await playSeries({ series, until: minute, evaluated: () => {} });
  const writer = new ConditionBuilder(evaluator.store);
  const conditions = evaluator.active.map((instance) =>
    writer.build(instance, { at: minute * 60_000, firstAt: 0, wallOffsetMs: 0 }),
  );
  const found = conditions.filter((one) => one.alert === `AnthropicWork${alert}` && one.severity === labels.severity);
  expect(found).toMatchObject([{ phase: 'firing', summary, description }]);
});

it('keeps the last words of an alert that is recovering', async () => {
  const [{ series, minute }] = TEXTS as [(typeof TEXTS)[number]];
  const evaluator = await playSeries({ series, until: minute, evaluated: () => {} });
  const writer = new ConditionBuilder(evaluator.store);
  const [instance] = evaluator.active;
  const firing = writer.build({ ...instance!, value: 7 }, { at: minute * 60_000, firstAt: 0, wallOffsetMs: 0 });
  const kept = { ...instance!, value: 8, firedAt: 0, keepFiringSince: minute * 60_000 };
  const recovering = writer.build(kept, { at: minute * 60_000 + 30_000, firstAt: 0, wallOffsetMs: 0 }, firing);
  const { subject, labels, summary, description, environments } = firing;
  expect(recovering).toMatchObject({ phase: 'recovering', value: 7, since: minute * 60_000 });
  expect(recovering).toMatchObject({ subject, labels, summary, description, environments });
});

it('says of itself that it is this exporter, not an instance of some name', async () => {
  const rules = (await shippedRules()).flatMap(({ rule }) =>
    isAlert(rule) && isEvaluatedHere(rule.alert) ? [rule] : [],
  );
  const own = rules.filter(({ annotations }) => annotations.summary.includes('$labels.instance'));
  const writer = new ConditionBuilder(new SeriesStore([]));
  const labels = LabelSet.of({ job: DEFAULT_RULE_OPTIONS.job, instance: OWN_INSTANCE });
  const alerts = own.map((rule) => ({ rule, labels, value: 1, activeAt: 0, firedAt: 0, keepFiringSince: null }));
  const texts = alerts.map((alert) => writer.build(alert, { at: 0, firstAt: 0, wallOffsetMs: 0 }));
  expect(texts.map(({ summary }) => summary).sort()).toEqual([
    'This exporter cannot write its state file',
    'This exporter runs an old configuration',
  ]);
  for (const { description } of texts) expect(description).not.toContain(OWN_INSTANCE);
});

it('has a condition for every alert, or says why none can be had here', async () => {
  const evaluated = new Set((await shippedRules()).flatMap(({ rule }) => (isAlert(rule) ? rule.alert : [])));
  expect([...evaluated].sort()).toEqual([...ALERT_NAMES].sort());
  expect(ALERT_NAMES.filter((name) => !isEvaluatedHere(name))).toEqual(Object.keys(PROMETHEUS_ONLY));
});

it('while an alert recovers, names the environments that it hit, though nobody has read them before', async () => {
  const rules = (await shippedRules()).flatMap(({ rule }) => (isAlert(rule) ? [rule] : []));
  const rule = rules.find((one) => one.alert === 'AnthropicWorkNoWorkersAnywhere')!;
  const { job } = DEFAULT_RULE_OPTIONS;
  const selectors = selectorsIn(expressionOf(affectedQuery(rule, { job })!));
  const [selector] = selectors;
  const store = new SeriesStore(selectors);
  const writer = new ConditionBuilder(store);
  const alert = { rule, labels: LabelSet.of({ alertname: rule.alert, job }), value: 1, activeAt: 0, firedAt: 0 };
  const hit = { labels: LabelSet.of({ environment_id: 'env_1', job }), value: 1 };
  store.replace(selector!.name, 0, [hit]);
  let condition = writer.build({ ...alert, keepFiringSince: null }, { at: 0, firstAt: 0, wallOffsetMs: 0 });
  for (let at = 30_000; at <= 600_000; at += 30_000) {
    store.replace(selector!.name, at, []);
    condition = writer.build({ ...alert, keepFiringSince: 30_000 }, { at, firstAt: 0, wallOffsetMs: 0 }, condition);
    store.forget(at);
  }
  expect([condition.phase, condition.environments]).toEqual(['recovering', ['env_1']]);
});
