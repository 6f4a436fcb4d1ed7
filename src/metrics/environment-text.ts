import type { Histogram } from '../domain/histogram.ts';
import type { EnvironmentState, LifecycleTotals } from '../state/environment-state.ts';
import { CATALOGUE } from './catalogue.ts';
import { CONFIGURATION_METRICS } from './catalogue-configuration.ts';
import { LIFECYCLE_METRICS } from './catalogue-lifecycle.ts';
import { LIST_METRICS } from './catalogue-list.ts';
import { POLL_METRICS } from './catalogue-polls.ts';
import { STATS_METRICS } from './catalogue-stats.ts';
import type { Format } from './format.ts';
import type { Measure, MeasureContext } from './measure.ts';
import { type CachedMetricName, MEASURES } from './measures.ts';
import { ENVIRONMENT_LABELS, environment_id, environment_name } from './metric-definition.ts';
import { encodeHistogram, encodeLabels, encodeSample, joinLabels } from './text-encoder.ts';

/** Metrics whose text depends on the same few parts of a state, so that it is written again only when one changes. */
export interface Section {
  readonly names: readonly CachedMetricName[];
  /** The parts, beside the environment and the context; compared by identity. */
  readonly parts: (state: EnvironmentState) => readonly unknown[];
}

/** In the order of the catalogue. The age family stands between and is written at scrape time. */
export const SECTIONS: readonly Section[] = [
  section(CONFIGURATION_METRICS, ({ watchedSince, operations: { stats, list } }) => [
    watchedSince,
    stats.scheduledIntervalMs,
    list.scheduledIntervalMs,
  ]),
  section(STATS_METRICS, ({ queue }) => [queue]),
  section(LIST_METRICS, ({ items }) => [items]),
  section(LIFECYCLE_METRICS, ({ lifecycle }) => [lifecycle]),
  section(POLL_METRICS, ({ operations }) => [operations]),
];

function section(metrics: Readonly<Record<string, unknown>>, parts: Section['parts']): Section {
  const names = Object.keys(metrics).filter((name): name is CachedMetricName => name in MEASURES);
  return { names, parts };
}

/** The labels that every series of the environment starts with, encoded. */
export function environmentLabels({ environment }: EnvironmentState): string {
  return encodeLabels([
    [environment_id, environment.id],
    [environment_name, environment.name],
  ]);
}

/** The lines of one metric for one environment; empty when it has no samples. */
export function encodeMetric(
  name: CachedMetricName,
  state: EnvironmentState,
  options: { readonly context: MeasureContext; readonly format: Format },
): string {
  const { labels: declared, labelPrefix } = CATALOGUE[name];
  const own = declared.slice(ENVIRONMENT_LABELS.length);
  const lead = environmentLabels(state);
  const exemplars = options.format === 'openmetrics' && state.environment.exemplars;
  let text = '';
  for (const { labels, value } of measureOf(name)(state, options.context)) {
    const prefixed = labelPrefix === undefined ? [] : Object.keys(labels);
    const pairs = [...own, ...prefixed].map((label) => [label, labels[label]!] as const);
    const all = joinLabels(lead, encodeLabels(pairs));
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
