import { FieldConfigProperty, PanelPlugin, type PanelPlugin as Plugin } from '@grafana/data';
import { sceneUtils } from '@grafana/scenes';
import { HeatmapPanel } from './heatmap';
import type { DrawnPanel } from './panel-props';
import { StatPanel } from './stat';
import { StateTimelinePanel } from './state-timeline';
import { TablePanel } from './table';
import { TimeSeriesPanel } from './time-series';

const nothing = () => null;

/** The options a core panel has by default; nested objects become paths, arrays stay whole. */
type Defaults = Readonly<Record<string, unknown>>;

function paths(defaults: Defaults, prefix = ''): [path: string, value: unknown][] {
  return Object.entries(defaults).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? paths(value as Defaults, `${prefix}${key}.`)
      : [[prefix + key, value] as [string, unknown]],
  );
}

interface Registration {
  readonly id: string;
  readonly component: DrawnPanel;
  readonly options: Defaults;
  /** Custom field options, whole objects under one key. */
  readonly custom?: Defaults;
}

/** Core panels are not published: ours stand under their ids, with their defaults, on the components they are made of. */
function register({ id, component, options, custom = {} }: Registration): void {
  const plugin = new PanelPlugin(component as never);
  plugin.setPanelOptions((builder) => {
    for (const [path, defaultValue] of paths(options)) {
      builder.addCustomEditor({ id: path, path, name: path, editor: nothing, defaultValue });
    }
  });
  // biome-ignore lint/correctness/useHookAtTopLevel: a builder's method, not a hook.
  plugin.useFieldConfig({
    standardOptions: {
      [FieldConfigProperty.Color]: {
        defaultValue: { mode: id === 'timeseries' ? 'palette-classic' : 'thresholds' } as never,
      },
      [FieldConfigProperty.Thresholds]: {
        defaultValue: {
          mode: 'absolute',
          steps: [
            { value: -Infinity, color: 'green' },
            { value: 80, color: 'red' },
          ],
        } as never,
      },
    },
    useCustomConfig: (builder) => {
      for (const [path, defaultValue] of Object.entries(custom)) {
        builder.addCustomEditor({
          id: path,
          path,
          name: path,
          defaultValue,
          editor: nothing,
          override: nothing,
          process: (value: unknown) => value,
          shouldApply: () => true,
          settings: {},
        } as never);
      }
    },
  });
  sceneUtils.registerRuntimePanelPlugin({ pluginId: id, plugin: plugin as Plugin });
}

const LEGEND = {
  legend: { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] },
  tooltip: { mode: 'single', sort: 'none' },
};
const HIDE = { tooltip: false, viz: false, legend: false };

export function registerPanels(): void {
  register({
    id: 'timeseries',
    component: TimeSeriesPanel,
    options: LEGEND,
    custom: {
      drawStyle: 'line',
      lineInterpolation: 'linear',
      lineWidth: 1,
      lineStyle: undefined,
      fillOpacity: 0,
      gradientMode: 'none',
      barAlignment: 0,
      barWidthFactor: 0.6,
      stacking: { mode: 'none', group: 'A' },
      axisGridShow: true,
      axisCenteredZero: false,
      axisBorderShow: false,
      axisSoftMin: undefined,
      axisSoftMax: undefined,
      axisWidth: undefined,
      axisPlacement: 'auto',
      axisLabel: '',
      axisColorMode: 'text',
      pointSize: 5,
      showPoints: 'auto',
      spanNulls: false,
      insertNulls: false,
      scaleDistribution: { type: 'linear' },
      hideFrom: HIDE,
      thresholdsStyle: { mode: 'off' },
    },
  });
  register({
    id: 'stat',
    component: StatPanel,
    options: {
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      orientation: 'auto',
      textMode: 'auto',
      colorMode: 'value',
      graphMode: 'area',
      justifyMode: 'auto',
      wideLayout: true,
      percentChangeColorMode: 'standard',
    },
  });
  register({
    id: 'table',
    component: TablePanel,
    options: { showHeader: true, cellHeight: 'sm' },
    custom: {
      align: 'auto',
      cellOptions: { type: 'auto' },
      inspect: false,
      width: undefined,
      minWidth: undefined,
      filterable: undefined,
      wrapText: undefined,
      wrapHeaderText: undefined,
      footer: { reducers: [] },
      hideFrom: HIDE,
    },
  });
  register({
    id: 'state-timeline',
    component: StateTimelinePanel,
    options: { ...LEGEND, showValue: 'auto', mergeValues: true, alignValue: 'left', rowHeight: 0.9 },
    custom: { lineWidth: 0, fillOpacity: 70, spanNulls: false, insertNulls: false, hideFrom: HIDE },
  });
  register({
    id: 'heatmap',
    component: HeatmapPanel,
    options: {},
    custom: { scaleDistribution: { type: 'linear' }, hideFrom: HIDE },
  });
}
