import type { EnvironmentState } from '../../state/environment-state.ts';
import { CATALOGUE } from '../catalogue/catalogue.ts';
import { CONFIGURATION_METRICS } from '../catalogue/configuration-metrics.ts';
import { LIFECYCLE_METRICS } from '../catalogue/lifecycle-metrics.ts';
import { LIST_METRICS } from '../catalogue/list-metrics.ts';
import { POLL_METRICS } from '../catalogue/poll-metrics.ts';
import { PROGRESS_METRICS } from '../catalogue/progress-metrics.ts';
import { STATS_METRICS } from '../catalogue/stats-metrics.ts';
import { type CachedMetricName, MEASURES } from '../measures/measures.ts';

/** What a text depends on besides the environment and the context: parts of a state, compared by identity. */
export type Dependencies = readonly ((state: EnvironmentState) => unknown)[];

/**
 * Metrics whose text depends on the same few parts of a state, so that it is rewritten only when one of them changes.
 */
export interface TextSection {
  readonly names: readonly CachedMetricName[];
  readonly dependencies: Dependencies;
}

/** One group of the catalogue: all its metrics have these dependencies, except those that change at their own pace. */
interface Group {
  readonly metrics: object;
  readonly dependencies: Dependencies;
  readonly separate?: Readonly<Partial<Record<CachedMetricName, Dependencies>>>;
}

/**
 * Split where parts change at their own pace: a histogram, or twenty counters at 0, stays unchanged over many reads.
 */
const GROUPS: readonly Group[] = [
  {
    metrics: CONFIGURATION_METRICS,
    dependencies: [
      ({ watchedSince }) => watchedSince,
      ({ archivedAt }) => archivedAt,
      ({ operations }) => operations.stats.scheduledIntervalMs,
      ({ operations }) => operations.list.scheduledIntervalMs,
    ],
  },
  { metrics: STATS_METRICS, dependencies: [({ queue }) => queue] },
  { metrics: LIST_METRICS, dependencies: [({ items }) => items] },
  {
    metrics: LIFECYCLE_METRICS,
    dependencies: [({ lifecycle }) => lifecycle],
    separate: {
      anthropic_work_queue_wait_seconds: [({ lifecycle }) => lifecycle?.wait],
      anthropic_work_run_seconds: [({ lifecycle }) => lifecycle?.run],
      anthropic_work_stop_seconds: [({ lifecycle }) => lifecycle?.stop],
    },
  },
  { metrics: PROGRESS_METRICS, dependencies: [({ items }) => items, ({ sessions }) => sessions] },
  {
    metrics: POLL_METRICS,
    dependencies: [({ operations }) => operations, ({ sessions }) => sessions, ({ pausedUntil }) => pausedUntil],
    separate: {
      anthropic_work_api_request_failures_total: [
        ({ operations }) => operations.stats.failuresByReason,
        ({ operations }) => operations.list.failuresByReason,
        ({ sessions }) => sessions?.attempted,
        ({ sessions }) => sessions?.failuresByReason,
      ],
    },
  },
];

const SECTIONS: readonly TextSection[] = GROUPS.flatMap((group) =>
  sectionsOf(group, (name): name is CachedMetricName => Object.hasOwn(MEASURES, name)),
);

/** Sections whose lines may differ between the two formats: histograms have exemplars in one of them. */
export const HISTOGRAM_SECTIONS = SECTIONS.filter(({ names }) => names.some(isHistogram));
export const NUMBER_SECTIONS = SECTIONS.filter(({ names }) => !names.some(isHistogram));

function isHistogram(name: CachedMetricName): boolean {
  return CATALOGUE[name].type === 'histogram';
}

/** The sections of a group: one for each metric listed separately, and one for all the others, whatever their type. */
export function sectionsOf(
  { metrics, dependencies, separate = {} }: Group,
  isCached: (name: string) => name is CachedMetricName,
): TextSection[] {
  const names = Object.keys(metrics).filter(isCached);
  return [
    { names: names.filter((name) => !Object.hasOwn(separate, name)), dependencies },
    ...Object.entries(separate).map(([name, own]) => ({ names: [name as CachedMetricName], dependencies: own })),
  ];
}
