import * as common from '@grafana/grafana-foundation-sdk/common';

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
