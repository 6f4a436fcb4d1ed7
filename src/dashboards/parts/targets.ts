import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder, PromQueryFormat, QueryEditorMode } from '@grafana/grafana-foundation-sdk/prometheus';
import { atEnd } from './promql.ts';

/** The data source the reader chose at the top of the board. */
export const DATA_SOURCE: DataSourceRef = { type: 'prometheus', uid: '$' + '{datasource}' };

const query = (refId: string, expr: string) =>
  new DataqueryBuilder().datasource(DATA_SOURCE).refId(refId).editorMode(QueryEditorMode.Code).expr(expr);

/** A line over time. `refId` is what overrides name it by. */
export function line(refId: string, expr: string, legend: string) {
  return query(refId, expr).range().legendFormat(legend);
}

/** One number as of now: a range query reduced to its last value would show what is long gone. */
export function now(refId: string, expr: string, legend: string) {
  return query(refId, expr).instant().legendFormat(legend);
}

/**
 * One number as of now, with how it came about: for a tile with a sparkline, whose last value is that of now because
 * there is no line where there is no number at the end.
 */
export function trend(refId: string, expr: string, legend: string) {
  return query(refId, `(${expr}) and on () (${atEnd(expr)})`)
    .range()
    .legendFormat(legend);
}

/** Rows of a table as of now; the value becomes the column `Value #refId`. */
export function column(refId: string, expr: string) {
  return query(refId, expr).instant().format(PromQueryFormat.Table);
}

/** Buckets over time. */
export function buckets(refId: string, expr: string) {
  return query(refId, expr).range().format(PromQueryFormat.Heatmap).legendFormat('{{le}}');
}
