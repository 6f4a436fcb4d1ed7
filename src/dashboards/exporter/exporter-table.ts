import * as common from '@grafana/grafana-foundation-sdk/common';
import { asTable, type Column, columnOverrides, table } from '../panels/tables.ts';
import { COLOUR, texts } from '../parts/colours.ts';
import { column } from '../parts/targets.ts';

type TableText = Parameters<typeof table>[1];
type Targets = readonly (readonly [refId: string, expr: string])[];

/** A table of the exporter board; `sortBy` names columns, with `-` in front for descending order. */
export function exporterTable(
  title: string,
  text: TableText,
  columns: readonly Column[],
  targets: Targets,
  sortBy: readonly string[],
) {
  const panel = table(title, text)
    .unit('short')
    .noValue('–')
    .sortBy(
      sortBy.map((name) =>
        new common.TableSortByFieldStateBuilder().displayName(name.replace('-', '')).desc(name.startsWith('-')),
      ),
    );
  for (const [refId, expr] of targets) panel.withTarget(column(refId, expr));
  for (const transformation of asTable(columns, [
    'job',
    'Value #build',
    'Value #shard',
    'Value #reason',
    'Value #name',
  ]))
    panel.withTransformation(transformation);
  for (const override of columnOverrides(columns)) panel.withOverride(override);
  return panel;
}

/** What 0 and 1 say of a read, a scrape or a key. */
export const GOOD_BAD = texts({ 0: ['failing', COLOUR.critical], 1: ['ok', COLOUR.good] });
