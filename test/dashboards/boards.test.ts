import { describe, expect, it } from 'vitest';
import { allBoards } from '../../src/dashboards/files.ts';
import { ruleGroups } from '../../src/rules/groups.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/rule.ts';
import { describeSeries } from '../support/series-descriptions.ts';
import { groupings, problems, selectors } from './promql.ts';
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

describe.each([...QUERIES])('%s', (_, query) => {
  const expr = asSent(query);

  it('is a query that somebody can read', () => {
    expect(query.length).toBeLessThanOrEqual(300);
  });

  it('parses and has the right types', () => {
    expect(problems(expr)).toEqual([]);
  });

  it('names only metrics and labels that exist, and those of the chosen job', () => {
    for (const { metric, labels, text } of selectors(expr)) {
      expect(known.has(metric), text).toBe(true);
      expect([...known.get(metric)!.labels, ...CUSTOM_LABELS, ...TARGET_LABELS], text).toEqual(
        expect.arrayContaining([...labels]),
      );
    }
  });

  it('groups and matches only by labels that its series have', () => {
    const made = [...expr.matchAll(/label_replace\(.+?, "(\w+)", "\$1"/g)].map(([, label]) => label!);
    for (const { labels, metrics } of groupings(expr)) {
      const available = [...TARGET_LABELS, ...made, ...metrics.flatMap((metric) => known.get(metric)?.labels ?? [])];
      expect(labels.filter((label) => !available.includes(label))).toEqual([]);
    }
  });

  it('takes rates of counters only, and counters only as rates', () => {
    for (const { metric, inside, text } of selectors(expr))
      expect(['rate', 'increase'].includes(inside ?? ''), text).toBe(known.get(metric)?.type !== 'gauge');
  });

  it('never adds up replicas', () => {
    for (const [, inner] of expr.matchAll(/sum(?: by \([^)]*\))? \((\w+)\{/g)) expect(inner).toBe('');
  });
});

it.each([
  ['sum(foo', 'syntax'],
  ['rate(foo)', 'type'],
  ['foo and 1', 'type'],
])('the check finds what is wrong with %s', (expr) => {
  expect(problems(expr)).not.toEqual([]);
});

describe.each(boards.map((board) => [board.uid, board] as const))('%s', (uid, board) => {
  it('has the uid that alerts and bookmarks use, and its title', () => {
    expect(`${uid} ${board.title}`).toMatch(
      /^anthropic-work-(overview .*Overview|environment .*Environment|slo .*Service level|exporter .*Exporter)$/,
    );
  });

  it('fills every line of the grid, nothing overlaps, and each panel has an id of its own', () => {
    const cells = board.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    const bottom = Math.max(...board.panels.map(({ gridPos: { y, h } }) => y + h));
    expect(new Set(cells).size).toBe(cells.length);
    expect(cells).toHaveLength(24 * bottom);
    expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
  });

  it('says of each panel what it shows and what to do', () => {
    for (const { title, description } of panelsOf(board)) expect(description, title).toMatch(/^.{20,}\n\n.{20,}$/);
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
    const text = JSON.stringify(board);
    for (const [, url] of text.matchAll(/"url":"([^"]*)"/g)) {
      if (url!.startsWith('http://')) continue;
      expect(url).toMatch(/^\/d\/anthropic-work-(overview|environment|slo|exporter)\?/);
      for (const part of ['datasource:queryparam', 'job:queryparam', '__url_time_range'])
        expect(url).toContain(`{${part}}`);
    }
    for (const { title, ...panel } of panelsOf(board))
      for (const [, field] of JSON.stringify(panel).matchAll(/__data\.fields\.(\w+)/g))
        expect(Object.values(panel.transformations![1]!.options.renameByName!), title).toContain(field);
  });
});

it('the boards ask for nothing at import, and leave room for the copy that a plain `kubectl apply` keeps', () => {
  for (const board of allBoards()) {
    expect(Object.keys(board)).not.toContain('__inputs');
    expect(JSON.stringify(board).length).toBeLessThan(200_000);
  }
});
