import * as common from '@grafana/grafana-foundation-sdk/common';
import type { DashboardLink } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { whenAbsent } from '../parts/colours.ts';
import { DATA_SOURCE } from '../parts/targets.ts';
import { type PanelText, panelText } from './panel-text.ts';

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
