import { API_METRICS, PROBE_METRICS } from './api-metrics.ts';
import { CONDITION_METRICS } from './condition-metrics.ts';
import { CONFIGURATION_METRICS } from './configuration-metrics.ts';
import { EXPORTER_METRICS } from './exporter-metrics.ts';
import { LIFECYCLE_METRICS } from './lifecycle-metrics.ts';
import { LIST_METRICS } from './list-metrics.ts';
import type { MetricDefinition } from './metric-definition.ts';
import { POLL_METRICS } from './poll-metrics.ts';
import { PROGRESS_METRICS } from './progress-metrics.ts';
import { STATS_METRICS } from './stats-metrics.ts';

/** Measured from the state of one environment at each scrape: their labels begin with those of the environment. */
export const OBSERVED_CATALOGUE = {
  ...CONFIGURATION_METRICS,
  ...STATS_METRICS,
  ...LIST_METRICS,
  ...LIFECYCLE_METRICS,
  ...PROGRESS_METRICS,
  ...POLL_METRICS,
} as const;

/** About this process: kept in prom-client's registry. */
export const SELF_CATALOGUE = { ...API_METRICS, ...EXPORTER_METRICS } as const;

const LITERAL_CATALOGUE = { ...OBSERVED_CATALOGUE, ...CONDITION_METRICS, ...SELF_CATALOGUE, ...PROBE_METRICS } as const;

export type MetricName = keyof typeof LITERAL_CATALOGUE;
export type ObservedMetricName = keyof typeof OBSERVED_CATALOGUE;
export type SelfMetricName = keyof typeof SELF_CATALOGUE;

/** The declared label names of one metric, as a union. */
export type LabelsOf<N extends MetricName> = (typeof LITERAL_CATALOGUE)[N]['labels'][number];
export type TypeOf<N extends MetricName> = (typeof LITERAL_CATALOGUE)[N]['type'];

/** Every metric of this exporter by its full name, in the order of the exposition. */
export const CATALOGUE: Readonly<Record<MetricName, MetricDefinition>> = LITERAL_CATALOGUE;

export const METRIC_NAMES = Object.keys(CATALOGUE) as readonly MetricName[];
export const OBSERVED_METRIC_NAMES = Object.keys(OBSERVED_CATALOGUE) as readonly ObservedMetricName[];
