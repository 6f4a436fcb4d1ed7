import type { Environment } from '../../domain/environment.ts';
import type { Histogram } from '../../domain/histogram.ts';
import type { LifecycleTotals } from '../../lifecycle/lifecycle-totals.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import { CATALOGUE } from '../catalogue/catalogue.ts';
import { CONFIGURATION_METRICS } from '../catalogue/configuration-metrics.ts';
import { LIFECYCLE_METRICS } from '../catalogue/lifecycle-metrics.ts';
import { LIST_METRICS } from '../catalogue/list-metrics.ts';
import {
  ENVIRONMENT_LABELS,
  environment_id,
  environment_name,
  type MetricDefinition,
} from '../catalogue/metric-definition.ts';
import { POLL_METRICS } from '../catalogue/poll-metrics.ts';
import { STATS_METRICS } from '../catalogue/stats-metrics.ts';
import type { Measure, MeasureContext } from '../measures/measure.ts';
import { type CachedMetricName, MEASURES } from '../measures/measures.ts';
import type { Format } from './format.ts';
import { encodeHistogram, encodeLabel, encodeLabels, encodeSample } from './text-encoder.ts';

/** Metrics whose text depends on the same few parts of a state, so that it is written again only when one changes. */
export interface Section {
  readonly names: readonly CachedMetricName[];
  /** The parts, beside the environment and the context; compared by identity. */
  readonly parts: (state: EnvironmentState) => readonly unknown[];
}

const FAILURES = 'anthropic_work_api_request_failures_total';

/** Split where parts change at their own pace: a histogram or twenty counters at 0 outlive many reads. */
export const SECTIONS: readonly Section[] = [
  section(Object.keys(CONFIGURATION_METRICS), ({ watchedSince, operations: { stats, list } }) => [
    watchedSince,
    stats.scheduledIntervalMs,
    list.scheduledIntervalMs,
  ]),
  section(Object.keys(STATS_METRICS), ({ queue }) => [queue]),
  section(Object.keys(LIST_METRICS), ({ items }) => [items]),
  section(countersOf(LIFECYCLE_METRICS), ({ lifecycle }) => [lifecycle]),
  section(['anthropic_work_queue_wait_seconds'], ({ lifecycle }) => [lifecycle?.wait]),
  section(['anthropic_work_run_seconds'], ({ lifecycle }) => [lifecycle?.run]),
  section(['anthropic_work_stop_seconds'], ({ lifecycle }) => [lifecycle?.stop]),
  section(without(POLL_METRICS, FAILURES), ({ operations }) => [operations]),
  section([FAILURES], ({ operations: { stats, list } }) => [stats.failuresByReason, list.failuresByReason]),
];

function section(names: readonly string[], parts: Section['parts']): Section {
  return { names: names.filter((name): name is CachedMetricName => name in MEASURES), parts };
}

function countersOf(metrics: Readonly<Record<string, MetricDefinition>>): string[] {
  return Object.keys(metrics).filter((name) => metrics[name]!.type === 'counter');
}

function without(metrics: Readonly<Record<string, MetricDefinition>>, left: string): string[] {
  return Object.keys(metrics).filter((name) => name !== left);
}

const LEADS = new WeakMap<Environment, string>();

/** The labels that every series of the environment starts with, encoded once. */
export function environmentLabels({ environment }: EnvironmentState): string {
  const known = LEADS.get(environment);
  if (known !== undefined) return known;
  const lead = encodeLabels([
    [environment_id, environment.id],
    [environment_name, environment.name],
  ]);
  LEADS.set(environment, lead);
  return lead;
}

/** The lines of one metric for one environment; empty when it has no samples. */
export function encodeMetric(
  name: CachedMetricName,
  state: EnvironmentState,
  options: { readonly context: MeasureContext; readonly format: Format },
): string {
  const { labels: declared, labelPrefix } = CATALOGUE[name];
  const lead = environmentLabels(state);
  const exemplars = options.format === 'openmetrics' && state.environment.exemplars;
  let text = '';
  for (const { labels, value } of measureOf(name)(state, options.context)) {
    let all = lead;
    for (let index = ENVIRONMENT_LABELS.length; index < declared.length; index++) {
      all += `,${encodeLabel(declared[index]!, labels[declared[index]!]!)}`;
    }
    if (labelPrefix !== undefined)
      for (const label of Object.keys(labels)) all += `,${encodeLabel(label, labels[label]!)}`;
    text += typeof value === 'number' ? encodeSample(name, all, value) : encodeHistogram(name, all, value, exemplars);
  }
  return text;
}

/** True when the two formats differ below the headers. */
export function hasExemplars({ environment, lifecycle }: EnvironmentState): boolean {
  if (!environment.exemplars || lifecycle === null) return false;
  return histogramsOf(lifecycle).some(({ exemplars }) => exemplars.some((exemplar) => exemplar !== null));
}

function histogramsOf({ wait, run, stop }: LifecycleTotals): readonly Histogram[] {
  return [wait, run, stop];
}

type AnyMeasure = (
  ...parameters: Parameters<Measure<CachedMetricName>>
) => readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number | Histogram }[];

/** The types have done their work in the tables of measures; here all metrics are written alike. */
function measureOf(name: CachedMetricName): AnyMeasure {
  return MEASURES[name] as AnyMeasure;
}
