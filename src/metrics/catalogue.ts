import { CONDITION_METRICS } from './condition-metrics.ts';
import { CONFIGURATION_METRICS } from './configuration-metrics.ts';
import { LIFECYCLE_METRICS, LIST_METRICS, PROGRESS_METRICS } from './list-metrics.ts';
import { ENVIRONMENT_LABELS, type EnvironmentMetric, type MetricDefinition } from './metric.ts';
import { CONNECTION_METRICS, PROBE_METRICS, PROCESS_METRICS } from './process-metrics.ts';
import { POLL_METRICS, STATS_METRICS } from './queue-metrics.ts';

const OBSERVED = {
  ...CONFIGURATION_METRICS,
  ...STATS_METRICS,
  ...LIST_METRICS,
  ...LIFECYCLE_METRICS,
  ...PROGRESS_METRICS,
  ...POLL_METRICS,
};
export type ObservedMetricName = keyof typeof OBSERVED;
/** Measured from the state of one environment. */
export const OBSERVED_METRICS = Object.entries(OBSERVED) as [ObservedMetricName, EnvironmentMetric][];

/** About this process. */
export const SELF_CATALOGUE = { ...CONNECTION_METRICS, ...PROCESS_METRICS };
export type SelfMetricName = keyof typeof SELF_CATALOGUE;

export type MetricName =
  | ObservedMetricName
  | SelfMetricName
  | keyof typeof CONDITION_METRICS
  | keyof typeof PROBE_METRICS;

const observed = OBSERVED_METRICS.map(
  ([name, metric]) => [name, { ...metric, labels: { ...ENVIRONMENT_LABELS, ...metric.labels } }] as const,
);

/** Every metric of this exporter by its full name, with all its labels, in the order of the exposition. */
export const CATALOGUE: Readonly<Record<MetricName, MetricDefinition>> = {
  ...(Object.fromEntries<MetricDefinition>(observed) as Record<ObservedMetricName, MetricDefinition>),
  ...CONDITION_METRICS,
  ...SELF_CATALOGUE,
  ...PROBE_METRICS,
};

export const METRIC_NAMES = Object.keys(CATALOGUE) as readonly MetricName[];
