import { describe, expect, it } from 'vitest';
import { FOREIGN_SERIES } from '../../src/dashboards/expressions/promql.ts';
import { describeSeries } from '../support/series-descriptions.ts';
import { allExpressions } from './support/board-parts.ts';
import { interpolate } from './support/interpolate.ts';
import { groupings, problems, selectors } from './support/promql.ts';

const TARGET_LABELS = ['job', 'instance'];
/** Where one store has the series of several Prometheus servers, they have the external labels of each. */
const EXTERNAL_LABELS = ['cluster'];
const known = new Map<string, { labels: readonly string[]; type: string }>([
  ...describeSeries().map(({ series, labels, type }) => [series, { labels, type }] as const),
  ...Object.entries(FOREIGN_SERIES).map(
    ([series, labels]) => [series, { labels, type: series.endsWith('_total') ? 'counter' : 'gauge' }] as const,
  ),
]);

/** Two labels that people are advised to give to environments: the boards filter by them. */
const CUSTOM_LABELS = new Map([['anthropic_work_environment_labels', ['label_owner', 'label_tier']]]);

const cases = allExpressions.map(({ where, expr }) => ({ where, expr: interpolate(expr) }));

describe('every expression of every board', () => {
  it('every board has expressions to be checked', () => {
    expect(cases.length).toBeGreaterThan(150);
  });

  it.each(cases)('$where parses and has the right types', ({ expr }) => {
    expect(problems(expr)).toEqual([]);
  });

  it.each(cases)('$where names only metrics and labels that exist', ({ expr }) => {
    for (const { metric, labels, text } of selectors(expr)) {
      const series = known.get(metric);
      expect(series, text).toBeDefined();
      const custom = CUSTOM_LABELS.get(metric) ?? [];
      expect([...series!.labels, ...custom, ...TARGET_LABELS], text).toEqual(expect.arrayContaining([...labels]));
    }
  });

  it.each(cases)('$where groups and matches only by labels that its series have', ({ expr }) => {
    const made = [...expr.matchAll(/label_replace\(.+?, "(\w+)", "\$1"/g)].map(([, label]) => label!);
    for (const { labels, metrics } of groupings(expr)) {
      const available = new Set([
        ...[...TARGET_LABELS, ...EXTERNAL_LABELS],
        ...made,
        ...metrics.flatMap((metric) => known.get(metric)?.labels ?? []),
      ]);
      expect(labels.filter((label) => !available.has(label))).toEqual([]);
    }
  });

  it.each(cases)('$where takes rates of counters only, and counters only as rates', ({ expr }) => {
    for (const { metric, inside, text } of selectors(expr)) {
      const counter = known.get(metric)?.type !== 'gauge';
      expect(['rate', 'increase'].includes(inside ?? ''), text).toBe(counter);
    }
  });
});

describe('the checks themselves', () => {
  it.each([
    ['sum(foo', 'syntax'],
    ['rate(foo)', 'type'],
    ['foo and 1', 'type'],
    ['nosuchfunction(foo)', 'either'],
  ])('find what is wrong with %s', (expr) => {
    expect(problems(expr)).not.toEqual([]);
  });

  it('see every selector and its surroundings', () => {
    expect(selectors('max by (a) (rate(foo_total{x="y"}[5m])) > bar')).toEqual([
      {
        metric: 'foo_total',
        text: 'foo_total{x="y"}',
        labels: ['x'],
        matchers: ['x="y"'],
        inside: 'rate',
        window: '5m',
      },
      { metric: 'bar', text: 'bar', labels: [], matchers: [], inside: null, window: null },
    ]);
  });
});

describe('replicas', () => {
  /** Sums over per-process series would count an environment once per replica. */
  const environmentSeries = new Set(
    describeSeries()
      .filter(({ labels }) => labels.includes('environment_id'))
      .map(({ series }) => series),
  );
  const sums = cases.flatMap(({ where, expr }) =>
    [...expr.matchAll(/sum (?:by \(([^)]*)\) )?\((?:rate\(|increase\()?(anthropic_work_\w+)\{/g)].map(
      ([, labels = '', metric]) => ({ where, labels, metric: metric! }),
    ),
  );

  it('are never added up: a sum right over an environment series keeps the instance apart', () => {
    expect(sums.length).toBeGreaterThan(0);
    for (const { where, labels, metric } of sums) {
      if (environmentSeries.has(metric)) expect(labels.split(', '), where).toContain('instance');
    }
  });
});
