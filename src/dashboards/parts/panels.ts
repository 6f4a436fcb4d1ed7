import * as common from '@grafana/grafana-foundation-sdk/common';
import type { DashboardLink } from '@grafana/grafana-foundation-sdk/dashboard';
import {
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  HeatmapColorScale,
  PanelBuilder as HeatmapPanel,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap';
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimelinePanel } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TablePanel } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeseriesPanel } from '@grafana/grafana-foundation-sdk/timeseries';
import { whenAbsent } from './colours.ts';
import { colourOverrides } from './name-colours.ts';
import { type PanelText, panelText } from './panel-text.ts';
import { DATA_SOURCE, RATE_STEP } from './targets.ts';
import { COUNT, MINUTES, PER_HOUR } from './units.ts';

/**
 * In grid units. A legend takes at most 35 % of a chart and then scrolls; this height shows the header and exactly two
 * rows of its table.
 */
export const CHART_HEIGHT = 7;

/** The exporter polls every 15 s and is scraped at least every minute: a finer step would only draw stairs. */
const GAUGE_STEP = '30s';

/** Where a click on a tile leads. */
export interface TileLink {
  readonly title: string;
  readonly url: string;
  readonly targetBlank: boolean;
}

/** A big number that links to its details. `absent` is what it says when the expression returns nothing. */
export function stat(title: string, text: PanelText, link: TileLink, absent = 'no data') {
  return new StatPanel()
    .title(title)
    .description(panelText(text))
    .datasource(DATA_SOURCE)
    .mappings([whenAbsent(absent)])
    .colorMode(common.BigValueColorMode.Background)
    .graphMode(common.BigValueGraphMode.None)
    .textMode(common.BigValueTextMode.Auto)
    .justifyMode(common.BigValueJustifyMode.Center)
    .dataLinks([{ build: () => link as DashboardLink }])
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false));
}

/** The same, with the name of what the number belongs to above it: side by side, both would be small. */
export function namedStat(...named: Parameters<typeof stat>) {
  return stat(...named)
    .textMode(common.BigValueTextMode.ValueAndName)
    .wideLayout(false);
}

/** The same with a sparkline. */
export function trendStat(title: string, text: PanelText, link: TileLink, absent = 'no data') {
  return stat(title, text, link, absent).graphMode(common.BigValueGraphMode.Area).maxDataPoints(100);
}

/**
 * Lines over time from 0 upwards, the worst first in the legend. The axis reaches at least `upTo`. From {@link
 * WHOLE_FROM} on every tick is a whole number; below it, `decimals(0)` omits the others, in the legend too.
 */
export function chart(title: string, text: PanelText, unit: string, upTo: number) {
  return signedChart(title, text, unit, upTo).min(0);
}

/** The same for numbers that may be negative. */
export function signedChart(title: string, text: PanelText, unit: string, upTo: number) {
  const panel = new TimeseriesPanel()
    .title(title)
    .description(panelText(text))
    .datasource(DATA_SOURCE)
    .interval(GAUGE_STEP)
    .unit(unit)
    .axisSoftMax(upTo)
    .lineWidth(2)
    .fillOpacity(0)
    .showPoints(common.VisibilityMode.Never)
    .axisBorderShow(false)
    .noValue('no data')
    // In the legend, which the panel's own words for "nothing at all" would claim too much, or not fit.
    .withOverride({ matcher: { id: 'byType', options: 'number' }, properties: [{ id: 'noValue', value: '–' }] })
    .legend(tableLegend('last', 'max'))
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
    );
  for (const { matcher, properties } of colourOverrides()) panel.withOverride({ matcher, properties: [...properties] });
  return panel;
}

/**
 * Grafana's steps between ticks are 1, 2, 2.5 and 5 times a power of ten: at this height of an axis they are 5 or more.
 */
export const WHOLE_FROM = 40;

/** Waits and other times of minutes to hours. */
export function minutesChart(title: string, text: PanelText) {
  return chart(title, text, MINUTES, 10).decimals(0);
}

/** Things that are counted: there are no halves. */
export function countChart(title: string, text: PanelText) {
  return chart(title, text, COUNT, 4).decimals(0);
}

/** By default per hour: hundreds for a busy environment, and still a whole number for a quiet one. */
export function rateChart(title: string, text: PanelText, unit = PER_HOUR) {
  return chart(title, text, unit, 60).decimals(0).interval(RATE_STEP);
}

/** Items per second, as items per hour. */
export const perHour = (rate: string): string => `3600 * ${rate}`;

/**
 * Without `sortBy` Grafana keeps the order of the data source, and the worst of 25 environments is out of sight. `last`
 * instead of `lastNotNull`: an environment that can no longer be seen has no last value.
 */
export function tableLegend(...calcs: readonly ('last' | 'max')[]) {
  return new common.VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(common.LegendDisplayMode.Table)
    .placement(common.LegendPlacement.Bottom)
    .calcs([...calcs])
    .sortBy(calcs.includes('last') ? 'Last' : 'Max')
    .sortDesc(true);
}

/** For four charts side by side: on a narrow screen, a second number would leave no room for the names. */
export const NARROW_LEGEND = tableLegend('last');

/** For a handful of lines that are always the same: all of them fit side by side, where a table would scroll. */
export function listLegend() {
  return new common.VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(common.LegendDisplayMode.List)
    .placement(common.LegendPlacement.Bottom)
    .calcs(['last', 'max']);
}

export function table(title: string, text: PanelText) {
  return new TablePanel()
    .title(title)
    .description(panelText(text))
    .datasource(DATA_SOURCE)
    .cellHeight(common.TableCellHeight.Sm)
    .showHeader(true)
    .filterable(false);
}

/** States over time, one row per series. */
export function timeline(title: string, text: PanelText) {
  return new StateTimelinePanel()
    .title(title)
    .description(panelText(text))
    .datasource(DATA_SOURCE)
    .interval(RATE_STEP)
    .mergeValues(true)
    .showValue(common.VisibilityMode.Auto)
    .rowHeight(0.85)
    .fillOpacity(80)
    .lineWidth(0)
    .legend(new common.VizLegendOptionsBuilder().showLegend(false).displayMode(common.LegendDisplayMode.List))
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Single));
}

/** Buckets of seconds over time. */
export function heatmap(title: string, text: PanelText) {
  return new HeatmapPanel()
    .title(title)
    .description(panelText(text))
    .datasource(DATA_SOURCE)
    .interval(RATE_STEP)
    .calculate(false)
    .cellGap(1)
    .color(
      new HeatmapColorOptionsBuilder()
        .mode(HeatmapColorMode.Scheme)
        .scheme('Greens')
        .fill('dark-green')
        .scale(HeatmapColorScale.Exponential)
        .exponent(0.5)
        .steps(64)
        .reverse(false),
    )
    .yAxis(new YAxisConfigBuilder().unit('s').axisPlacement(common.AxisPlacement.Left))
    .showLegend();
}
