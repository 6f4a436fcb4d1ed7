import { describe, expect, it } from 'vitest';
import { ruleGroups } from '../../src/rules/render.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/rule.ts';
import { describeSeries } from '../support/series.ts';
import { groupings, selectors } from './promql.ts';
import { asSent, boards, panelsOf, QUERIES } from './queries.ts';

const TARGET_LABELS = ['job', 'instance'];
const known = new Map<string, { readonly labels: readonly string[]; readonly type: string }>([
  ...describeSeries().map(({ series, labels, type }) => [series, { labels, type }] as const),
  ...['up', 'process_start_time_seconds'].map((series) => [series, { labels: [], type: 'gauge' }] as const),
  ...ruleGroups(DEFAULT_RULE_OPTIONS).flatMap(({ rules }) =>
    rules.flatMap((rule) =>
      'record' in rule
        ? [[rule.record, { labels: ['environment_id', 'environment_name'], type: 'gauge' }] as const]
        : [],
    ),
  ),
]);
/** Two labels that people are advised to give to environments: the boards filter by them. */
const CUSTOM_LABELS = ['label_owner', 'label_tier'];

// test/dashboards/world.test.ts sends each of them to a Prometheus.
describe.each([...QUERIES])('%s', (_, query) => {
  const expr = asSent(query);

  it('is a query that somebody can read', () => {
    expect(query.length).toBeLessThanOrEqual(300);
  });

  it('names only metrics and labels that exist, and takes rates of counters only, and counters only as rates', () => {
    for (const { metric, labels, inside, text } of selectors(expr)) {
      const series = known.get(metric);
      expect(series, text).toBeDefined();
      expect([...series!.labels, ...CUSTOM_LABELS, ...TARGET_LABELS], text).toEqual(
        expect.arrayContaining([...labels]),
      );
      expect(['rate', 'increase'].includes(inside ?? ''), text).toBe(series!.type !== 'gauge');
    }
  });

  it('groups and matches only by labels that its series have, and never adds up replicas', () => {
    const made = [...expr.matchAll(/label_replace\(.+?, "(\w+)", "\$1"/g)].map(([, label]) => label!);
    for (const { labels, metrics } of groupings(expr)) {
      const available = [...TARGET_LABELS, ...made, ...metrics.flatMap((metric) => known.get(metric)?.labels ?? [])];
      expect(labels.filter((label) => !available.includes(label))).toEqual([]);
    }
    for (const [, inner] of expr.matchAll(/sum(?: by \([^)]*\))? \((\w+)\{/g)) expect(inner).toBe('');
  });
});

describe.each(boards.map((board) => [board.uid, board] as const))('%s', (_, board) => {
  it('has panels that do not overlap', () => {
    const cells = board.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (__, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
  });

  it('draws rates of counters that are scraped once a minute, whatever interval the data source claims', () => {
    // Grafana makes $__rate_interval of the minimum step of a query, and not of that of its panel.
    for (const { title, targets = [] } of panelsOf(board))
      for (const { expr, interval } of targets)
        expect(interval, title).toBe(expr.includes('$__rate_interval') ? '1m' : undefined);
  });

  it('names each column after a label or a query that is there', () => {
    for (const { title, targets = [], transformations = [], fieldConfig } of panelsOf(board)) {
      const organize = transformations.find(({ id }) => id === 'organize')?.options;
      if (organize === undefined) continue;
      const values = targets.length === 1 ? ['Value'] : targets.map(({ refId }) => `Value #${refId}`);
      const used = [...Object.keys(organize.renameByName!), ...Object.keys(organize.excludeByName!)];
      expect(used.filter((name) => name.startsWith('Value')).toSorted(), title).toEqual(values.toSorted());
      const labels = targets.flatMap(({ expr }) => groupings(asSent(expr)).flatMap(({ labels: all }) => all));
      const fields = Object.keys(organize.renameByName!).filter((name) => /^[a-z_]+$/.test(name));
      expect(labels, title).toEqual(expect.arrayContaining(fields));
      const columns = Object.values(organize.renameByName!);
      expect(columns, title).toEqual(
        expect.arrayContaining(fieldConfig!.overrides.map(({ matcher }) => matcher.options)),
      );
    }
  });

  it('links to boards that exist, with the data source, the job and the time, and to columns that exist', () => {
    for (const [, url] of JSON.stringify(board).matchAll(/"url":"([^"]*)"/g)) {
      if (url!.startsWith('http://')) continue;
      const [, uid, query] = /^\/d\/([\w-]+)\?(.*)$/.exec(url!)!;
      expect(boards.map((one) => one.uid)).toContain(uid);
      for (const part of ['datasource:queryparam', 'job:queryparam', '__url_time_range'])
        expect(query).toContain(`{${part}}`);
    }
    for (const { title, ...panel } of panelsOf(board))
      for (const [, field] of JSON.stringify(panel).matchAll(/__data\.fields\.(\w+)/g))
        expect(Object.values(panel.transformations![1]!.options.renameByName!), title).toContain(field);
  });

  it('leaves room for the copy that a plain `kubectl apply` keeps', () => {
    expect(JSON.stringify(board).length).toBeLessThan(200_000);
  });
});

it('the boards keep the ids that alerts and bookmarks use', () => {
  const names = ['overview', 'environment', 'slo', 'exporter'];
  expect(boards.map(({ uid }) => uid)).toEqual(names.map((name) => `anthropic-work-${name}`));
});
