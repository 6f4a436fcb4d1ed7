import { fleet, momentOf, type Phase, THE_STAR } from '../test/dashboards/support/incident/timetable.ts';

export interface Situation {
  readonly name: string;
  readonly phase: Phase;
  /** Size of the fleet behind the board. */
  readonly environments: 6 | 25;
  readonly width?: number;
  readonly theme?: 'dark' | 'light';
  /** Environments chosen by name; all without it. */
  readonly chosen?: readonly string[];
}

/** What every board is drawn in: docs/dashboards.md#pictures. */
export const SITUATIONS: readonly Situation[] = [
  { name: 'healthy', phase: 'healthy', environments: 6 },
  { name: 'incident', phase: 'noWorkers', environments: 6 },
  { name: 'api-down', phase: 'apiDown', environments: 6 },
  { name: 'empty', phase: 'empty', environments: 6 },
  { name: 'two-chosen', phase: 'noWorkers', environments: 6, chosen: [THE_STAR, 'code-review'] },
  { name: 'narrow', phase: 'noWorkers', environments: 6, width: 900 },
  { name: 'light', phase: 'noWorkers', environments: 6, theme: 'light' },
  { name: 'fleet-of-25', phase: 'noWorkers', environments: 25 },
];

/** The drill-down is reached by a link that names one environment. */
export const DRILL_DOWN: readonly Situation[] = [
  { name: 'incident-one', phase: 'noWorkers', environments: 6, chosen: [THE_STAR] },
  { name: 'recovery-one', phase: 'recovery', environments: 6, chosen: [THE_STAR] },
];

const HOURS_SHOWN = 2.5;

/** The page's query string for a situation. */
export function pageQuery(board: string, { phase, theme = 'dark', chosen = [] }: Situation): string {
  const to = momentOf(phase);
  const parameters = new URLSearchParams({
    board,
    theme,
    from: new Date(to - HOURS_SHOWN * 3_600_000).toISOString(),
    to: new Date(to).toISOString(),
  });
  for (const name of chosen) {
    parameters.append('var-environment', fleet().find(({ environment }) => environment.name === name)!.environment.id);
  }
  return parameters.toString();
}
