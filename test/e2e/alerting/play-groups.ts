import type { ExporterName } from './live-exporters.ts';
import { BEFORE_START, type LiveScenario, minutesAfter } from './live-scenario.ts';

/** Minutes that what shares a Prometheus may end before the last of it. */
const MOST_APART_MINUTES = 10;

/** Exporters whose scenarios end at about the same time. */
export interface PlayGroup {
  readonly exporters: readonly ExporterName[];
  readonly scenarios: readonly LiveScenario[];
}

/**
 * The scenarios by when their exporters have nothing left to play, the first to end first: what has ended need not be
 * scraped, asked and judged by all rules until the longest scenario ends, which is a fifth of all that is computed.
 */
export function groupsOf(scenarios: readonly LiveScenario[]): readonly PlayGroup[] {
  const byExporter = [...Map.groupBy(scenarios, ({ exporter }) => exporter)]
    .map(([exporter, own]) => ({ exporter, own, ends: Math.max(...own.map(endMinute)) }))
    .toSorted((a, b) => a.ends - b.ends);
  const groups: (typeof byExporter)[] = [];
  for (const one of byExporter) {
    const group = groups.at(-1);
    if (group === undefined || one.ends - group[0]!.ends > MOST_APART_MINUTES) groups.push([one]);
    else group.push(one);
  }
  return groups.map((group) => ({
    exporters: group.map(({ exporter }) => exporter),
    scenarios: group.flatMap(({ own }) => own),
  }));
}

function endMinute(scenario: LiveScenario): number {
  const minutes = scenario.steps.map(({ minute }) => (minute === BEFORE_START ? 0 : minute));
  return Math.max(0, ...minutes) + minutesAfter(scenario);
}
