import type { Environment } from '../../domain/environment.ts';
import type { Histogram } from '../../domain/histogram.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import { CATALOGUE } from '../catalogue/catalogue.ts';
import { ENVIRONMENT_LABELS, environment_id, environment_name } from '../catalogue/metric-definition.ts';
import type { Measure, MeasureContext } from '../measures/measure.ts';
import { type CachedMetricName, MEASURES } from '../measures/measures.ts';
import type { Format } from './format.ts';
import { encodeHistogram, encodeLabel, encodeLabels, encodeSample } from './text-encoder.ts';

const ENVIRONMENT_LABEL_TEXTS = new WeakMap<Environment, string>();

/** The labels that begin every series of the environment, encoded once. */
export function environmentLabels({ environment }: EnvironmentState): string {
  const known = ENVIRONMENT_LABEL_TEXTS.get(environment);
  if (known !== undefined) return known;
  const text = encodeLabels([
    [environment_id, environment.id],
    [environment_name, environment.name],
  ]);
  ENVIRONMENT_LABEL_TEXTS.set(environment, text);
  return text;
}

/**
 * The lines of one metric for one environment; empty when it has no samples. Uncached: the cached text of the fleet
 * must be identical.
 */
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
    text += encodeValue(name, all, { value, exemplars });
  }
  return text;
}

/** The line of a number, or the lines of a histogram. */
export function encodeValue(
  name: CachedMetricName,
  labels: string,
  { value, exemplars }: { readonly value: number | Histogram; readonly exemplars: boolean },
): string {
  return typeof value === 'number'
    ? encodeSample(name, labels, value)
    : encodeHistogram(name, labels, value, exemplars);
}

export interface AnySample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | Histogram;
}
type AnyMeasure = (...parameters: Parameters<Measure<CachedMetricName>>) => readonly AnySample[];

/** The measure of a metric, without the types of its labels: here all metrics are written alike. */
export function measureOf(name: CachedMetricName): AnyMeasure {
  return MEASURES[name] as AnyMeasure;
}
