import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import type { GeneratedFile } from '../base/package-files.ts';
import { environment } from './environment/environment.ts';
import { exporter } from './exporter/exporter.ts';
import { kustomization } from './files/config-map.ts';
import { provisioningFiles } from './files/provisioning.ts';
import { overview } from './overview/overview.ts';
import { UID } from './parts/links.ts';
import { slo } from './slo/slo.ts';

export const allBoards = (): readonly Dashboard[] => [overview(), environment(), slo(), exporter()];

/** Everything under `grafana/`: the boards, and the files that make Grafana load them. */
export function generateDashboardFiles(): readonly GeneratedFile[] {
  const boards = allBoards().map((board) => ({
    path: `grafana/${board.uid}.json`,
    text: `${JSON.stringify(board)}\n`,
  }));
  return [...boards, ...provisioningFiles(), kustomization(Object.values(UID))];
}
