import { stringify } from 'yaml';
import type { GeneratedFile } from '../../base/package-files.ts';
import { GENERATED } from './config-map.ts';

/** Where the provider below looks for the boards inside a Grafana container. */
const BOARDS_PATH = '/var/lib/grafana/dashboards/anthropic-work-exporter';

const datasources = {
  apiVersion: 1,
  datasources: [
    {
      name: 'Prometheus',
      type: 'prometheus',
      access: 'proxy',
      url: '$PROMETHEUS_URL',
      isDefault: true,
      editable: false,
      // The shortest scrape interval of the work queue job, for queries of your own; those of the boards say theirs.
      jsonData: { httpMethod: 'POST', timeInterval: '15s' },
    },
  ],
};

const dashboards = {
  apiVersion: 1,
  providers: [
    {
      name: 'anthropic-work-exporter',
      orgId: 1,
      folder: 'Work queues',
      type: 'file',
      disableDeletion: true,
      allowUiUpdates: false,
      updateIntervalSeconds: 30,
      options: { path: BOARDS_PATH, foldersFromFilesStructure: false },
    },
  ],
};

/** Grafana's provisioning files: a Prometheus data source (`PROMETHEUS_URL`) and a provider for the boards. */
export function provisioningFiles(): readonly GeneratedFile[] {
  return [
    { path: 'grafana/provisioning/datasources/prometheus.yaml', text: GENERATED + stringify(datasources) },
    { path: 'grafana/provisioning/dashboards/anthropic-work-exporter.yaml', text: GENERATED + stringify(dashboards) },
  ];
}
