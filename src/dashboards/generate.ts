import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import type { GeneratedFile } from '../base/generated-file.ts';
import { kustomization } from './config-map.ts';
import { environment } from './environment.ts';
import { exporter } from './exporter.ts';
import { UID } from './links.ts';
import { overview } from './overview.ts';
import { provisioningFiles } from './provisioning.ts';
import { slo } from './slo.ts';

export const allBoards = (): readonly Dashboard[] => [overview(), environment(), slo(), exporter()];

/** Everything under `grafana/`: the boards, and how Grafana is told to load them. */
export function generateDashboardFiles(): readonly GeneratedFile[] {
  const boards = allBoards().map((board) => ({
    path: `grafana/${board.uid}.json`,
    text: `${JSON.stringify(board, null, 2)}\n`,
  }));
  return [...boards, ...provisioningFiles(), kustomization(Object.values(UID))];
}
