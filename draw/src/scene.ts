import {
  behaviors,
  ConstantVariable,
  DataSourceVariable,
  dataLayers,
  EmbeddedScene,
  QueryVariable,
  SceneControlsSpacer,
  SceneDataLayerControls,
  SceneDataLayerSet,
  SceneDataTransformer,
  SceneGridItem,
  SceneGridLayout,
  SceneGridRow,
  SceneQueryRunner,
  SceneRefreshPicker,
  SceneTimePicker,
  SceneTimeRange,
  type SceneVariable,
  SceneVariableSet,
  VariableValueSelectors,
  VizPanel,
} from '@grafana/scenes';

/** The JSON of a dashboard, as far as it is read here. */
export interface BoardJson {
  readonly uid: string;
  readonly title: string;
  readonly time: { readonly from: string; readonly to: string };
  readonly timezone?: string;
  readonly graphTooltip: number;
  readonly panels: readonly PanelJson[];
  readonly templating: { readonly list: readonly VariableJson[] };
  readonly annotations: { readonly list: readonly AnnotationJson[] };
  readonly links: readonly { readonly title: string }[];
}
interface PanelJson {
  readonly id: number;
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly datasource?: object;
  readonly interval?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly object[];
  readonly transformations?: readonly object[];
  readonly options?: object;
  readonly fieldConfig?: object;
  readonly collapsed?: boolean;
}
interface VariableJson {
  readonly name: string;
  readonly type: string;
  readonly label?: string;
  readonly query?: string;
  readonly regex?: string;
  readonly current?: { readonly value?: string | string[]; readonly text?: string | string[] };
}
interface AnnotationJson {
  readonly name: string;
  readonly enable: boolean;
  readonly hide?: boolean;
  readonly builtIn?: number;
}

export interface Look {
  readonly from: string;
  readonly to: string;
  /** Values of variables, by name. */
  readonly chosen: Readonly<Record<string, readonly string[]>>;
}

/** Scene objects want more than a file holds; what a file holds is what Grafana gives them. */
const state = <T>(value: object): T => value as T;

function variable(json: VariableJson, chosen: readonly string[] | undefined): SceneVariable {
  const { value, text } = chosen === undefined ? (json.current ?? {}) : { value: [...chosen], text: [...chosen] };
  const { multi: isMulti, ...rest } = json as VariableJson & { multi?: boolean };
  const base = { ...rest, isMulti, value, text };
  if (json.type === 'datasource') return new DataSourceVariable(state({ ...base, pluginId: json.query }));
  if (json.type === 'query') return new QueryVariable(state(base));
  if (json.type === 'constant') return new ConstantVariable(state({ name: json.name, value: json.query }));
  throw new Error(`variables of type ${json.type} are not drawn here`);
}

function panel(json: PanelJson): VizPanel {
  const runner = new SceneQueryRunner(
    state({ datasource: json.datasource, queries: json.targets, minInterval: json.interval }),
  );
  const transformations = json.transformations ?? [];
  return new VizPanel({
    key: `panel-${json.id}`,
    title: json.title ?? '',
    description: json.description ?? '',
    pluginId: json.type,
    options: json.options ?? {},
    fieldConfig: state(json.fieldConfig ?? { defaults: {}, overrides: [] }),
    $data:
      transformations.length === 0
        ? runner
        : new SceneDataTransformer({ $data: runner, transformations: state([...transformations]) }),
  });
}

function gridItem(json: PanelJson): SceneGridItem {
  const { x, y, w: width, h: height } = json.gridPos;
  return new SceneGridItem({
    key: `item-${json.id}`,
    x,
    y,
    width,
    height,
    isDraggable: false,
    isResizable: false,
    body: panel(json),
  });
}

/** Panels below an open row belong to it. */
function gridChildren(panels: readonly PanelJson[]): (SceneGridItem | SceneGridRow)[] {
  const children: (SceneGridItem | SceneGridRow)[] = [];
  for (const json of panels) {
    const row = children.at(-1);
    if (json.type === 'row') {
      children.push(
        new SceneGridRow({
          key: `row-${json.id}`,
          title: json.title ?? '',
          isCollapsed: json.collapsed === true,
          y: json.gridPos.y,
          x: 0,
          isDraggable: false,
          children: [],
        }),
      );
    } else if (row instanceof SceneGridRow) row.setState({ children: [...row.state.children, gridItem(json)] });
    else children.push(gridItem(json));
  }
  return children;
}

/** A dashboard file as the scene that Grafana makes of it. */
export function boardScene(json: BoardJson, look: Look): EmbeddedScene {
  const annotations = json.annotations.list.filter(({ builtIn }) => builtIn !== 1);
  return new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from: look.from, to: look.to, timeZone: json.timezone ?? 'utc' }),
    $variables: new SceneVariableSet({
      variables: json.templating.list.map((one) => variable(one, look.chosen[one.name])),
    }),
    $data: new SceneDataLayerSet({
      name: annotations.map(({ name }) => name).join(', '),
      layers: annotations.map(
        (query) =>
          new dataLayers.AnnotationsDataLayer({
            key: `annotation-${query.name}`,
            name: query.name,
            query: state(query),
            isEnabled: query.enable,
            isHidden: query.hide ?? false,
          }),
      ),
    }),
    $behaviors: [new behaviors.CursorSync({ sync: json.graphTooltip })],
    controls: [
      new VariableValueSelectors({}),
      new SceneDataLayerControls(),
      new SceneControlsSpacer(),
      new SceneTimePicker({ isOnCanvas: true }),
      new SceneRefreshPicker({ isOnCanvas: true, refresh: '' }),
    ],
    body: new SceneGridLayout({
      isDraggable: false,
      isResizable: false,
      isLazy: false,
      children: gridChildren(json.panels),
    }),
  });
}
