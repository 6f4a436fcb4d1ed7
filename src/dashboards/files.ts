import { stringify } from 'yaml';
import type { GeneratedFile } from '../base/package-files.ts';
import { type Board, withRunbookLinks } from './board.ts';
import { environment } from './environment.ts';
import { exporter } from './exporter.ts';
import { overview } from './overview.ts';
import type { Json } from './panels.ts';
import { slo } from './slo.ts';

export const allBoards = (): readonly Board[] => [overview(), environment(), slo(), exporter()];

export interface BoardFile {
  readonly uid: string;
  /** What Grafana imports. */
  readonly json: string;
}

/**
 * The texts of all boards, without white space: `kubectl apply` and Argo CD keep a copy of an object in an annotation,
 * which holds 256 KiB. With a `runbookBaseUrl` the conditions link to their runbooks.
 */
export function boardFiles(runbookBaseUrl: string | null): readonly BoardFile[] {
  return allBoards().map((board) => {
    const json = `${JSON.stringify(board)}\n`;
    return { uid: board.uid, json: runbookBaseUrl === null ? json : withRunbookLinks(json, runbookBaseUrl) };
  });
}

/** What Grafana's sidecar looks for by default, and the folder annotation that it understands. */
const LABELS = { grafana_dashboard: '1' };
const ANNOTATIONS = { grafana_folder: 'Work queues' };

/** A board as a ConfigMap for the sidecar of Grafana's Helm chart: an object for each, because one holds at most 1 MiB. */
export function configMap({ uid, json }: BoardFile): string {
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: uid, labels: LABELS, annotations: ANNOTATIONS },
      data: { [`${uid}.json`]: json },
    },
    { lineWidth: 0 },
  );
}

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

/** A board in the format that grafana.com shares: it declares what it needs, and asks for the data source at the import. */
export function galleryBoard({ json }: BoardFile): string {
  const board = JSON.parse(json) as Board & { readonly templating: { readonly list: readonly Json[] } };
  const reference = `$${`{${INPUT.name}}`}`;
  const list = board.templating.list.map((variable) =>
    variable.type === 'datasource' ? { ...variable, current: { text: reference, value: reference } } : variable,
  );
  const types = new Set(board.panels.map(({ type }) => String(type)).filter((type) => type !== 'row'));
  const requires = [
    { type: 'grafana', id: 'grafana', name: 'Grafana', version: OLDEST_GRAFANA },
    { type: 'datasource', id: INPUT.pluginId, name: INPUT.pluginName, version: '1.0.0' },
    ...[...types].toSorted().map((id) => ({ type: 'panel', id, name: id, version: '' })),
  ];
  const head = { __inputs: [INPUT], __elements: {}, __requires: requires };
  return `${JSON.stringify({ ...head, ...board, templating: { list } }, null, 2)}\n`;
}

/** The boards as they are committed, for `grafana/` and for the chart. */
export function generateDashboardFiles(): readonly GeneratedFile[] {
  return boardFiles(null).flatMap(({ uid, json }) =>
    ['grafana', 'deploy/helm/anthropic-work-exporter/files/dashboards'].map((folder) => ({
      path: `${folder}/${uid}.json`,
      text: json,
    })),
  );
}
