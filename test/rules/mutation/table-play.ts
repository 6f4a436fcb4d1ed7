import { AlertInstances } from '../../../src/conditions/evaluation/alert-instances.ts';
import { vectorOf } from '../../../src/promql/evaluate.ts';
import { LabelSet } from '../../../src/promql/store/label-set.ts';
import type { Series } from '../../../src/promql/store/series.ts';
import { SeriesStore } from '../../../src/promql/store/series-store.ts';
import type { Expr, SelectExpr } from '../../../src/promql/syntax/expression.ts';
import { type AlertingRule, isAlert, type RecordingRule, type Rule } from '../../../src/rules/parts/rule.ts';
import { valueAt } from '../support/lines.ts';
import { isFiringAt, minutesOf, outcomeLabels, type RuleTable, samplesOf, seriesOf } from '../support/rule-table.ts';
import { TABLES } from '../tables/all-tables.ts';
import { ask, everySeries, isFiring } from './play.ts';

const ALERTS = 'ALERTS';
const PENDING = { values: { alertstate: 'pending' } };
const FIRING = { values: { alertstate: 'firing' } };

/** A table, and what its rule reads in it. */
export interface TablePlay {
  readonly table: RuleTable;
  readonly store: SeriesStore;
}

export function tablePlaysOf(label: string): readonly TablePlay[] {
  return Object.values(TABLES)
    .flat()
    .filter(({ rule }) => rule === label)
    .map((table) => ({ table, store: storeOf(table) }));
}

function storeOf(table: RuleTable): SeriesStore {
  const series = seriesOf(table).map(({ name, labels, line }) => ({ name, labels: LabelSet.of(labels), line }));
  const byName = Map.groupBy(series, ({ name }) => name);
  const store = new SeriesStore([...byName.keys()].map(everySeries));
  for (const minute of minutesOf(table)) {
    for (const [name, all] of byName) {
      const samples = all.flatMap(({ labels, line }) => {
        const value = valueAt(line, minute);
        return value === null ? [] : [{ labels, value }];
      });
      store.replace(name, minute * 60_000, samples);
    }
  }
  return store;
}

/** Whether a rule does in the table what the table says. */
export function tableHolds(play: TablePlay, rule: Rule, expr: Expr): boolean {
  return differences(play, rule, expr).next().done === true;
}

/** What a rule does that the table does not say, or the other way round. */
export function* differences(play: TablePlay, rule: Rule, expr: Expr): Generator<string> {
  for (const { minute, wanted, found } of isAlert(rule) ? fired(play, rule, expr) : recorded(play, rule, expr)) {
    for (const one of wanted) if (!found.has(one)) yield `missing at ${minute}: ${one}`;
    for (const one of found) if (!wanted.has(one)) yield `too much at ${minute}: ${one}`;
  }
}

interface Look {
  readonly minute: number;
  readonly wanted: ReadonlySet<string>;
  readonly found: ReadonlySet<string>;
}

function* recorded({ table, store }: TablePlay, rule: RecordingRule, expr: Expr): Generator<Look> {
  const wanted = table.rows.flatMap(([id, , outcome]) =>
    samplesOf(outcome).map(([more, value]) => lineOf(LabelSet.of({ ...outcomeLabels(table, id), ...more }), value)),
  );
  const seen = readsItself(rule) ? withOwnRecord({ table, store }, rule, expr) : store;
  const vector = ask(() => vectorOf(expr, { store: seen, at: table.until * 60_000 })) ?? [];
  const found = vector.map(({ labels, value }) => lineOf(labels, value));
  yield { minute: table.until, wanted: new Set(wanted), found: new Set(found) };
}

function readsItself({ record, expr }: RecordingRule): boolean {
  return expr.includes(record);
}

/** With what the rule recorded in the minutes before the last. */
function withOwnRecord({ table, store }: TablePlay, { record }: RecordingRule, expr: Expr): SeriesStore {
  const own = new SeriesStore([everySeries(record)]);
  const select = (selector: SelectExpr) => (selector.name === record ? own : store).select(selector);
  const seen = { select } as SeriesStore;
  for (const minute of minutesOf(table).slice(0, -1)) {
    const at = minute * 60_000;
    const vector = ask(() => vectorOf(expr, { store: seen, at }));
    if (vector !== null) own.replace(record, at, vector);
  }
  return seen;
}

function* fired({ table, store }: TablePlay, rule: AlertingRule, expr: Expr): Generator<Look> {
  const alerts = new AlertInstances(rule);
  const own = new SeriesStore([everySeries(ALERTS)]);
  const seen = withOwnAlerts(store, own, rule);
  for (const minute of minutesOf(table)) {
    const at = minute * 60_000;
    const vector = ask(() => vectorOf(expr, { store: seen, at }));
    if (vector !== null) alerts.update(vector, at);
    const active = alerts.active.map((one) => ({
      labels: one.labels.with(isFiring(one) ? FIRING : PENDING),
      value: 1,
    }));
    own.replace(ALERTS, at, active);
    const wanted = table.rows
      .filter((row) => isFiringAt(row, minute))
      .map(([id]) => lineOf(LabelSet.of({ ...outcomeLabels(table, id), ...rule.labels, alertname: rule.alert }), 1));
    const found = alerts.active.filter(isFiring).map(({ labels }) => lineOf(labels, 1));
    yield { minute, wanted: new Set(wanted), found: new Set(found) };
  }
}

/** What the rule itself fires is not for the table to say. */
function withOwnAlerts(store: SeriesStore, own: SeriesStore, rule: AlertingRule): SeriesStore {
  const labels = Object.entries({ ...rule.labels, alertname: rule.alert });
  const isOwn = (series: Series) => labels.every(([name, value]) => series.labels.get(name) === value);
  const select = (selector: SelectExpr) =>
    selector.name === ALERTS
      ? [...store.select(selector).filter((one) => !isOwn(one)), ...own.select(selector)]
      : store.select(selector);
  return { select } as SeriesStore;
}

function lineOf(labels: LabelSet, value: number): string {
  return `${JSON.stringify(labels.values)} ${Math.round(value * 1e4) / 1e4}`;
}
