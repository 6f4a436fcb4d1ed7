import { CATALOGUE, METRIC_NAMES, type MetricName } from '../../src/metrics/catalogue.ts';
import type { MetricType } from '../../src/metrics/metric.ts';

/** A name that a query may use: a metric, or one of the three series names of a histogram. */
export interface SeriesDescription {
  readonly series: string;
  readonly metric: MetricName;
  readonly type: MetricType;
  /** `le` included where there is one. */
  readonly labels: readonly string[];
  /** When set, labels that start with it exist as well. */
  readonly labelPrefix: string | null;
}

/** All series names with types and labels, for the checks of rules and dashboards. */
export function describeSeries(): readonly SeriesDescription[] {
  return METRIC_NAMES.flatMap((metric) => {
    const { type, labelPrefix = null } = CATALOGUE[metric];
    const labels = Object.keys(CATALOGUE[metric].labels);
    const describe = (series: string, names: readonly string[]) => ({
      series,
      metric,
      type,
      labels: names,
      labelPrefix,
    });
    if (type !== 'histogram') return [describe(metric, labels)];
    return [
      describe(`${metric}_bucket`, [...labels, 'le']),
      describe(`${metric}_sum`, labels),
      describe(`${metric}_count`, labels),
    ];
  });
}

/** The labels that Prometheus gives to all series of a scrape. */
export interface Target {
  readonly job: string;
  readonly instance: string;
}

/** The samples of an exposition as Prometheus stores them: with the labels of the target, without the comments. */
export function withTarget(exposition: string, { job, instance }: Target): string[] {
  const target = `job="${job}",instance="${instance}"`;
  return exposition
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const brace = line.indexOf('{');
      const space = line.indexOf(' ');
      return brace !== -1 && brace < space
        ? `${line.slice(0, brace)}{${target},${line.slice(brace + 1)}`
        : `${line.slice(0, space)}{${target}}${line.slice(space)}`;
    });
}
