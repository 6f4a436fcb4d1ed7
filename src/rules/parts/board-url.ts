import type { Board } from './alert-names.ts';

/** The address of a board in the Grafana at `base`; with an environment, the board opens with its id selected. */
export function boardUrl(base: string, board: Board, environment: string | null): string {
  const url = `${base}/d/anthropic-work-${board}`;
  return environment === null ? url : `${url}?var-environment=${environment}`;
}
