import {
  booleanOverrideProcessor,
  createTheme,
  type DataFrameDTO,
  type DataQueryRequest,
  dataLinksOverrideProcessor,
  EventBusSrv,
  type FieldConfigPropertyItem,
  type GrafanaTheme2,
  identityOverrideProcessor,
  LoadingState,
  locationUtil,
  numberOverrideProcessor,
  standardEditorsRegistry,
  standardFieldConfigEditorRegistry,
  standardTransformers,
  standardTransformersRegistry,
  stringOverrideProcessor,
  thresholdsOverrideProcessor,
  toDataFrame,
  unitOverrideProcessor,
  valueMappingsOverrideProcessor,
} from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import {
  config,
  setAppEvents,
  setDataSourceSrv,
  setEchoSrv,
  setPluginImportUtils,
  setRunRequest,
  setTemplateSrv,
} from '@grafana/runtime';
import { sceneUtils } from '@grafana/scenes';
import { catchError, from, map, of } from 'rxjs';
import { PrometheusSource } from './prometheus-source';

/** The parts of Grafana that are handed in at start are typed for a whole server; here they need only what panels call. */
const partly = <T>(part: unknown): T => part as T;
const nothing = () => null;

/** Does what a Grafana server does at start, as far as panels, variables and annotations need it. */
export async function setup(mode: 'dark' | 'light'): Promise<GrafanaTheme2> {
  await initPluginTranslations('grafana');
  await initPluginTranslations('grafana-scenes', []);
  const theme = createTheme({ colors: { mode } });
  config.theme2 = theme;
  config.buildInfo.version = '13.2.2';
  locationUtil.initialize(
    partly({ config, getVariablesUrlParams: () => ({}), getTimeRangeForUrl: () => ({ from: '', to: '' }) }),
  );
  registerDataSource();
  setPluginImportUtils(
    partly({
      importPanelPlugin: async (id: string) => {
        throw new Error(`panels of type ${id} are not drawn here`);
      },
      getPanelPluginFromCache: () => undefined,
    }),
  );
  setTemplateSrv(
    partly({
      replace: (text: string) => text,
      getVariables: () => [],
      containsTemplate: () => false,
      updateTimeRange() {},
    }),
  );
  setAppEvents(partly(new EventBusSrv()));
  setEchoSrv(partly({ flush() {}, addBackend() {}, addEvent() {} }));
  registerTransformations();
  registerEditors();
  return theme;
}

function registerDataSource(): void {
  const source = new PrometheusSource('prometheus', 'prom');
  source.name = 'Prometheus';
  source.meta = partly({ id: 'prometheus', name: 'Prometheus', annotations: true });
  sceneUtils.registerRuntimeDataSource({ dataSource: source });
  const settings = {
    id: 1,
    uid: 'prom',
    name: 'Prometheus',
    type: 'prometheus',
    isDefault: true,
    meta: source.meta,
    jsonData: {},
  };
  setDataSourceSrv(
    partly({ get: async () => source, getList: () => [settings], getInstanceSettings: () => settings, reload() {} }),
  );
  setRunRequest((_source, request: DataQueryRequest) => {
    const base = { annotations: [], timeRange: request.range, request };
    return from(source.query(partly(request))).pipe(
      map(({ data }) => ({
        ...base,
        state: LoadingState.Done,
        series: data.map((frame: DataFrameDTO) => toDataFrame(frame)),
      })),
      catchError(({ message }: Error) =>
        of({ ...base, state: LoadingState.Error, series: [], error: { message }, errors: [{ message }] }),
      ),
    );
  });
}

function registerTransformations(): void {
  const known = new Map(
    Object.values(standardTransformers)
      .filter((transformer) => 'id' in transformer)
      .map((transformer) => [transformer.id, transformer]),
  );
  standardTransformersRegistry.setInit(() =>
    [...known.values()].map(({ id, name, ...rest }) =>
      partly({
        id,
        name,
        transformation: async () => ({ id, name, ...rest }),
        editor: nothing,
        imageDark: '',
        imageLight: '',
      }),
    ),
  );
}

const EDITORS =
  'number text boolean select multi-select unit color links thresholds mappings radio slider strings timezone fieldColor stats-picker field-name dashboard-uid actions value-mapping';

const FIELD_PROPERTIES: Readonly<Record<string, unknown>> = {
  unit: unitOverrideProcessor,
  min: numberOverrideProcessor,
  max: numberOverrideProcessor,
  decimals: numberOverrideProcessor,
  displayName: stringOverrideProcessor,
  color: identityOverrideProcessor,
  noValue: stringOverrideProcessor,
  links: dataLinksOverrideProcessor,
  actions: identityOverrideProcessor,
  mappings: valueMappingsOverrideProcessor,
  thresholds: thresholdsOverrideProcessor,
  filterable: booleanOverrideProcessor,
  fieldMinMax: booleanOverrideProcessor,
  description: stringOverrideProcessor,
};

function registerEditors(): void {
  standardEditorsRegistry.setInit(() => EDITORS.split(' ').map((id) => partly({ id, name: id, editor: nothing })));
  standardFieldConfigEditorRegistry.setInit(() =>
    Object.entries(FIELD_PROPERTIES).map(([id, process]) =>
      partly<FieldConfigPropertyItem>({
        id,
        path: id,
        name: id,
        editor: nothing,
        override: nothing,
        process,
        settings: {},
        shouldApply: () => true,
      }),
    ),
  );
}
