import type { Board } from './alert-names.ts';

/** The address of a board below that of Grafana; for one environment, its id is selected there. */
export function boardUrl(base: string, board: Board, environment: string | null = null): string {
  const url = `${base}/d/anthropic-work-${board}`;
  return environment === null ? url : `${url}?var-environment=${environment}`;
}
