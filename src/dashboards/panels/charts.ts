import * as common from '@grafana/grafana-foundation-sdk/common';
import {
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  HeatmapColorScale,
  PanelBuilder as HeatmapPanel,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap';
import { PanelBuilder as StateTimelinePanel } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TimeseriesPanel } from '@grafana/grafana-foundation-sdk/timeseries';
import { DATA_SOURCE, RATE_STEP } from '../parts/targets.ts';
import { COUNT, MINUTES, PER_HOUR } from '../parts/units.ts';
import { tableLegend } from './legends.ts';
import { colourOverrides } from './name-colours.ts';
import { type PanelText, panelText } from './panel-text.ts';

/**
 * In grid units. A legend takes at most 35 % of a chart and then scrolls; this height shows the header and exactly two
 * rows of its table.
 */
export const CHART_HEIGHT = 7;

/** The exporter polls every 15 s and is scraped at least every minute: a finer step would only draw stairs. */
const GAUGE_STEP = '30s';

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
    // In the legend, where the panel's own words for "nothing at all" would claim too much, or not fit.
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
