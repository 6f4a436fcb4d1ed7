import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder, PromQueryFormat, QueryEditorMode } from '@grafana/grafana-foundation-sdk/prometheus';
import { atEnd } from '../expressions/promql.ts';

/** The data source that the reader selected at the top of the board. */
export const DATA_SOURCE: DataSourceRef = { type: 'prometheus', uid: '$' + '{datasource}' };

/**
 * `$__rate_interval` is four of these: enough for one scrape a minute. Only the minimum step of a query counts for it,
 * and not that of its panel; without one, it is four times the scrape interval that the data source claims: 15 s,
 * where nobody says otherwise.
 */
export const RATE_STEP = '1m';

function query(refId: string, expr: string): DataqueryBuilder {
  const built = new DataqueryBuilder().datasource(DATA_SOURCE).refId(refId).editorMode(QueryEditorMode.Code).expr(expr);
  return expr.includes('$__rate_interval') ? built.interval(RATE_STEP) : built;
}

/** A line over time. Overrides refer to it by `refId`. */
export function line(refId: string, expr: string, legend: string) {
  return query(refId, expr).range().legendFormat(legend);
}

/** One number as of now: a range query reduced to its last value would show what is long gone. */
export function now(refId: string, expr: string, legend: string) {
  return query(refId, expr).instant().legendFormat(legend);
}

/**
 * One number as of now, with its history: for a tile with a sparkline. Its last value is the present one, because a
 * line without a present value is not drawn.
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
