import { describe, expect, it } from 'vitest';
import { CATALOGUE, METRIC_NAMES } from '../../src/metrics/catalogue.ts';

/** Prometheus and its Operator attach these to targets themselves; ours would come out as `exported_…`. */
const FORBIDDEN =
  'environment env cluster region endpoint service namespace pod container node job instance le quantile';

describe.each(METRIC_NAMES)('%s', (name) => {
  const { type, help, buckets, presence } = CATALOGUE[name];
  const labels = Object.keys(CATALOGUE[name].labels);

  it('is named by the conventions of Prometheus', () => {
    expect(name).toMatch(presence === 'probe' ? /^probe_[a-z_]+$/ : /^anthropic_work_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(help).toMatch(/^[A-Z01].*\.$/);
  });

  it('has labels that no target label hides', () => {
    expect(labels.filter((label) => FORBIDDEN.split(' ').includes(label))).toEqual([]);
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
