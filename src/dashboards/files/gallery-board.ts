/** What Grafana asks for at an import: the data source that `${DS_PROMETHEUS}` refers to. */
const INPUT = {
  name: 'DS_PROMETHEUS',
  label: 'Prometheus',
  description: 'The Prometheus that scrapes the exporter.',
  type: 'datasource',
  pluginId: 'prometheus',
  pluginName: 'Prometheus',
};

/** The oldest Grafana that docs/dashboards.md names. */
const OLDEST_GRAFANA = '10.0.0';

const PANEL_NAMES: Readonly<Record<string, string>> = {
  heatmap: 'Heatmap',
  stat: 'Stat',
  'state-timeline': 'State timeline',
  table: 'Table',
  timeseries: 'Time series',
};

interface Panel {
  readonly type?: string;
  readonly panels?: readonly Panel[];
}

interface Board {
  readonly panels?: readonly Panel[];
  readonly templating?: { readonly list?: readonly { readonly type?: string }[] };
}

/**
 * A board in the format that grafana.com shares: it declares what it needs, and asks for the data source at the import.
 * Both are the text of a JSON file.
 */
export function galleryBoard(json: string): string {
  const board = JSON.parse(json) as Board;
  const reference = `$${`{${INPUT.name}}`}`;
  const list = board.templating?.list?.map((variable) =>
    variable.type === 'datasource' ? { ...variable, current: { text: reference, value: reference } } : variable,
  );
  const requires = [
    { type: 'grafana', id: 'grafana', name: 'Grafana', version: OLDEST_GRAFANA },
    { type: 'datasource', id: INPUT.pluginId, name: INPUT.pluginName, version: '1.0.0' },
    ...panelTypes(board.panels ?? []).map((id) => ({ type: 'panel', id, name: PANEL_NAMES[id] ?? id, version: '' })),
  ];
  const templating = { ...board.templating, list };
  return `${JSON.stringify({ __inputs: [INPUT], __elements: {}, __requires: requires, ...board, templating }, null, 2)}\n`;
}

/** Every panel type once, in alphabetical order; a row is part of Grafana. */
function panelTypes(panels: readonly Panel[]): readonly string[] {
  const types = panels.flatMap((panel) => [panel.type ?? '', ...panelTypes(panel.panels ?? [])]);
  return [...new Set(types)].filter((type) => type !== '' && type !== 'row').toSorted();
}
