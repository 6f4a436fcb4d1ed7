import * as common from '@grafana/grafana-foundation-sdk/common';
import type { DataTransformerConfig, DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as TablePanel } from '@grafana/grafana-foundation-sdk/table';
import { DATA_SOURCE } from '../parts/targets.ts';
import { type PanelText, panelText } from './panel-text.ts';

export function table(title: string, text: PanelText) {
  return new TablePanel()
    .title(title)
    .description(panelText(text))
    .datasource(DATA_SOURCE)
    .cellHeight(common.TableCellHeight.Sm)
    .showHeader(true)
    .filterable(false);
}

/** A column of a table: the field that it comes from, and how it looks. Columns appear in the given order. */
export interface Column {
  /** A label, or `Value #refId`. */
  readonly field: string;
  readonly title: string;
  /** Pixels; without it the column takes the remaining width. */
  readonly width?: number;
  readonly properties?: readonly DynamicConfigValue[];
}

/**
 * One row per label set from several instant queries, with the columns named and ordered; everything else is omitted.
 */
export function asTable(columns: readonly Column[], excluded: readonly string[] = []): DataTransformerConfig[] {
  return [
    { id: 'merge', options: {} },
    {
      id: 'organize',
      options: {
        excludeByName: Object.fromEntries(['Time', ...excluded].map((name) => [name, true])),
        indexByName: Object.fromEntries(columns.map(({ field }, index) => [field, index])),
        renameByName: Object.fromEntries(columns.map(({ field, title }) => [field, title])),
      },
    },
  ];
}

/** The overrides of the columns, by their titles. */
export function columnOverrides(columns: readonly Column[]) {
  return columns.map(({ title, width, properties = [] }) => ({
    matcher: { id: 'byName', options: title },
    properties: [...(width === undefined ? [] : [{ id: 'custom.width', value: width }]), ...properties],
  }));
}

export const unit = (value: string): DynamicConfigValue => ({ id: 'unit', value });
export const decimals = (value: number): DynamicConfigValue => ({ id: 'decimals', value });
/** Colours the whole cell, or only its text. */
export const coloured = (type: 'color-background' | 'color-text'): DynamicConfigValue => ({
  id: 'custom.cellOptions',
  value: type === 'color-background' ? { type, mode: 'basic' } : { type },
});
export const mapped = (...value: readonly unknown[]): DynamicConfigValue => ({ id: 'mappings', value });
export const stepped = (base: string, ...rest: readonly (readonly [number, string])[]): DynamicConfigValue => ({
  id: 'thresholds',
  value: {
    mode: 'absolute',
    steps: [{ value: null, color: base }, ...rest.map(([value, color]) => ({ value, color }))],
  },
});
/** Numbers are right-aligned by default; a coloured word reads better centred. */
export const CENTRED: DynamicConfigValue = { id: 'custom.align', value: 'center' };
/** For links only. Grafana 10 to 12.1 read the first property, later versions the second; the other one is ignored. */
export const HIDDEN: readonly DynamicConfigValue[] = [
  { id: 'custom.hidden', value: true },
  { id: 'custom.hideFrom', value: { viz: true, legend: true, tooltip: true } },
];
