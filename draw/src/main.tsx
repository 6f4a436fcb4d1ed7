import { getFieldDisplayName, ThemeContext } from '@grafana/data';
import { LocationServiceProvider, locationService } from '@grafana/runtime';
import { dataLayers, type EmbeddedScene, QueryVariable, sceneGraph, VizPanel } from '@grafana/scenes';
import { GlobalStyles, PortalContainer } from '@grafana/ui';
import { createRoot } from 'react-dom/client';
import { MemoryRouter } from 'react-router-dom';
import { log, type PanelRecord } from './log';
import { registerPanels } from './panels/register-panels';
import { type BoardJson, boardScene } from './scene';
import { setup } from './setup';

/** The page: `?board=UID&theme=…&from=…&to=…&var-NAME=VALUE…`. */
async function show(parameters: URLSearchParams): Promise<void> {
  const json: BoardJson = await (await fetch(`/boards/${parameters.get('board')}.json`)).json();
  const theme = await setup(parameters.get('theme') === 'light' ? 'light' : 'dark');
  registerPanels();
  const chosen = Object.fromEntries(
    [...new Set(parameters.keys())]
      .filter((key) => key.startsWith('var-'))
      .map((key) => [key.slice(4), parameters.getAll(key)]),
  );
  const scene = boardScene(json, {
    from: parameters.get('from') ?? json.time.from,
    to: parameters.get('to') ?? json.time.to,
    chosen,
  });
  report(scene);
  createRoot(document.getElementById('root')!).render(
    <ThemeContext.Provider value={theme}>
      <LocationServiceProvider service={locationService}>
        <MemoryRouter>
          <GlobalStyles />
          <div style={{ padding: '8px 16px 0', fontSize: 18 }}>
            {json.title}
            {json.links.map(({ title }) => (
              <span key={title} style={{ fontSize: 12, opacity: 0.7, marginLeft: 12 }}>{`${title} ▾`}</span>
            ))}
          </div>
          <div style={{ padding: 8 }}>
            <scene.Component model={scene} />
          </div>
          <PortalContainer />
        </MemoryRouter>
      </LocationServiceProvider>
    </ThemeContext.Provider>,
  );
}

/** Lets the driver see what the scene knows. */
function report(scene: EmbeddedScene): void {
  const all = <T,>(type: abstract new (...args: never[]) => T) =>
    sceneGraph.findAllObjects(scene, (object) => object instanceof type) as unknown as T[];
  log.panels = () => all(VizPanel).map(record);
  log.variables = () =>
    Object.fromEntries(all<QueryVariable>(QueryVariable).map(({ state }) => [state.name, state.options.length]));
  log.refreshAnnotations = () => {
    for (const layer of all(dataLayers.AnnotationsDataLayer)) layer.runLayer();
  };
}

function record(panel: VizPanel): PanelRecord {
  const { data } = sceneGraph.getData(panel).state;
  return {
    id: panel.state.key!,
    title: sceneGraph.interpolate(panel, panel.state.title),
    type: panel.state.pluginId,
    state: data?.state ?? 'NotStarted',
    error: data?.errors?.[0]?.message ?? panel.state._pluginLoadError ?? null,
    series: (data?.series ?? []).map((frame) => ({
      rows: frame.length,
      fields: frame.fields.map((field) => getFieldDisplayName(field, frame)),
    })),
  };
}

show(new URLSearchParams(location.search)).catch((error: Error) => {
  log.fatal = error.stack ?? String(error);
});
