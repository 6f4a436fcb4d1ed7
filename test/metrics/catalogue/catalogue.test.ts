import { describe, expect, it } from 'vitest';
import { CATALOGUE, METRIC_NAMES, OBSERVED_METRIC_NAMES } from '../../../src/metrics/catalogue/catalogue.ts';
import { ENVIRONMENT_LABELS } from '../../../src/metrics/catalogue/metric-definition.ts';
import { describeSeries } from '../../support/series-descriptions.ts';

/** Prometheus and its Operator attach these to targets themselves; ours would come out as `exported_…`. */
const FORBIDDEN =
  'environment env cluster region endpoint service namespace pod container node job instance le quantile';

describe.each(METRIC_NAMES)('%s', (name) => {
  const { type, labels, help, unit, buckets, values = {}, presence } = CATALOGUE[name];

  it('is named by the conventions of Prometheus', () => {
    expect(name).toMatch(presence === 'probe' ? /^probe_[a-z_]+$/ : /^anthropic_work_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(/_seconds(_total)?$/.test(name)).toBe(unit === 'seconds');
    expect(name.endsWith('_ratio')).toBe(unit === 'ratio');
    expect(help).toMatch(/^[A-Z01].*\.$/);
  });

  it('has labels that no target label hides, each once', () => {
    expect(labels.filter((label) => FORBIDDEN.split(' ').includes(label))).toEqual([]);
    expect(new Set(labels).size).toBe(labels.length);
    expect(Object.keys(values).filter((label) => !labels.includes(label))).toEqual([]);
  });

  it('has rising buckets exactly if it is a histogram', () => {
    expect(buckets !== undefined).toBe(type === 'histogram');
    expect(buckets ?? []).toEqual([...(buckets ?? [])].sort((a, b) => a - b));
  });
});

it('has the buckets that were promised', () => {
  const durations = [1, 5, 15, 30, 60, 120, 300, 600, 900, 1200, 1800, 2700, 3600, 7200, 21600, 43200, 86400];
  expect(CATALOGUE.anthropic_work_queue_wait_seconds.buckets).toEqual(durations);
  expect(CATALOGUE.anthropic_work_run_seconds.buckets).toEqual(durations);
  expect(CATALOGUE.anthropic_work_stop_seconds.buckets).toEqual([1, 5, 15, 30, 60, 90, 120, 300, 900]);
});

it('starts the labels of an environment with its id and name', () => {
  for (const name of OBSERVED_METRIC_NAMES) expect(CATALOGUE[name].labels.slice(0, 2)).toEqual(ENVIRONMENT_LABELS);
});

it('describes the three series of a histogram', () => {
  const series = describeSeries().filter(({ metric }) => metric === 'anthropic_work_run_seconds');
  expect(series.map((described) => described.series.slice('anthropic_work_run_seconds'.length))).toEqual([
    '_bucket',
    '_sum',
    '_count',
  ]);
  expect(series[0]!.labels).toEqual([...ENVIRONMENT_LABELS, 'le']);
  expect(describeSeries().find(({ metric }) => metric === 'anthropic_work_environment_labels')!.labelPrefix).toBe(
    'label_',
  );
});
