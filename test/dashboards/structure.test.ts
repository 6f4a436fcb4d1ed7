import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { describe, expect, it } from 'vitest';
import { atEnd } from '../../src/dashboards/expressions/promql.ts';
import { generateDashboardFiles } from '../../src/dashboards/generate.ts';
import { UID } from '../../src/dashboards/parts/links.ts';
import { ALERT_NAMES } from '../support/alert-names.ts';
import { boards, panelsOf, targetsOf } from './support/board-parts.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const each = boards.map((board) => [board.uid!, board] as const);
const json = (board: unknown) => JSON.stringify(board);
/** Alternatives: `${name}`, `${name:format}`, `$name`, `[[name]]`. */
const VARIABLE = /\$\{([^}:]+)(?::[^}]*)?\}|\$([A-Za-z_]\w*)|\[\[(\w+)\]\]/g;
const GRAFANAS_OWN =
  /^(__rate_interval|__interval|__range|__url_time_range|__data\.fields\.\w+|__field\.labels\.environment_id|__all)$/;

function linksOf(board: Dashboard): string[] {
  const found: string[] = [];
  JSON.stringify(board, (key, value: unknown) => {
    if (key === 'url' && typeof value === 'string') found.push(value);
    return value;
  });
  return found.filter((url) => url !== '');
}

/** The titles of a table's columns, which links refer to. */
function columnsOf(panel: Panel): string[] {
  const organize = panel.transformations?.find(({ id }) => id === 'organize')?.options as
    | { renameByName: Record<string, string> }
    | undefined;
  return Object.values(organize?.renameByName ?? {});
}

/** Whether it is `(EXPRESSION) and on () (EXPRESSION at the end)`. */
function endsIn(expr: string): boolean {
  const joint = ') and on () (';
  for (let at = expr.indexOf(joint); at !== -1; at = expr.indexOf(joint, at + 1))
    if (expr === `${expr.slice(0, at)}${joint}${atEnd(expr.slice(1, at))})`) return true;
  return false;
}

describe.each(each)('%s', (uid, board) => {
  const grid = (board.panels ?? []).map(({ gridPos }) => gridPos!);

  it('has the uid that alerts and links use, and only its own tag', () => {
    expect(Object.values(UID)).toContain(uid);
    expect(uid.length).toBeLessThanOrEqual(40);
    expect(board.tags).toEqual(['anthropic-work-exporter']);
  });

  it('draws rates of counters that are scraped once a minute, whatever interval the data source claims', () => {
    // Grafana makes $__rate_interval of the minimum step of a query, and not of that of its panel.
    for (const panel of panelsOf(board))
      for (const { expr, interval, refId } of targetsOf(panel))
        expect(interval, `${panel.title} ${refId}`).toBe(expr.includes('$__rate_interval') ? '1m' : undefined);
  });

  it('asks for nothing at import, so that files, ConfigMaps and the API take it alike', () => {
    expect(Object.keys(board)).not.toEqual(expect.arrayContaining(['__inputs']));
    expect(Object.keys(board)).not.toEqual(expect.arrayContaining(['__requires']));
    expect(board.schemaVersion).toBeGreaterThanOrEqual(36);
    expect(board.id ?? null).toBeNull();
  });

  it('gives every panel and row an id of its own', () => {
    const ids = (board.panels ?? []).map(({ id }) => id);
    expect(ids.every((id) => typeof id === 'number' && id > 0)).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('fills every line of the grid, all 24 columns, and nothing overlaps', () => {
    const bottom = Math.max(...grid.map(({ y, h }) => y + h));
    const cells = new Map<string, number>();
    for (const { x, y, w, h } of grid)
      for (let column = x; column < x + w; column++)
        for (let row = y; row < y + h; row++) cells.set(`${column},${row}`, (cells.get(`${column},${row}`) ?? 0) + 1);
    expect([...cells.values()].filter((count) => count > 1)).toEqual([]);
    expect(cells.size).toBe(24 * bottom);
    expect(Math.max(...grid.map(({ x, w }) => x + w))).toBe(24);
  });

  it('gives every query of a panel a refId of its own, and every override by query one that exists', () => {
    for (const panel of panelsOf(board)) {
      const refIds = targetsOf(panel).map(({ refId }) => refId);
      expect(refIds.every((refId) => refId.length > 0)).toBe(true);
      expect(new Set(refIds).size, panel.title).toBe(refIds.length);
      for (const { matcher } of panel.fieldConfig?.overrides ?? [])
        if (matcher.id === 'byFrameRefID') expect(refIds, panel.title).toContain(matcher.options);
    }
  });

  it('builds the columns of its tables from labels and queries that exist', () => {
    for (const panel of panelsOf(board).filter(({ type }) => type === 'table')) {
      const refIds = targetsOf(panel).map(({ refId }) => refId);
      const organize = panel.transformations!.find(({ id }) => id === 'organize')!.options as {
        renameByName: Record<string, string>;
        excludeByName: Record<string, true>;
      };
      // Each query's value is a column or left out on purpose: a forgotten one shows up as "Value #x" at the end.
      const values = refIds.length === 1 ? ['Value'] : refIds.map((refId) => `Value #${refId}`);
      const placed = [...Object.keys(organize.renameByName), ...Object.keys(organize.excludeByName)];
      expect(placed, panel.title).toEqual(expect.arrayContaining(values));
      const shown = Object.keys(organize.renameByName).filter((field) => field.startsWith('Value'));
      expect(values, panel.title).toEqual(expect.arrayContaining(shown));
      const titles = columnsOf(panel);
      for (const { matcher } of panel.fieldConfig?.overrides ?? []) expect(titles).toContain(matcher.options);
      for (const { displayName } of (panel.options as { sortBy: { displayName: string }[] }).sortBy)
        expect(titles, panel.title).toContain(displayName);
    }
  });

  it('uses no variable that is not defined', () => {
    const defined = (board.templating?.list ?? []).map(({ name }) => name);
    const used = [...json(board).matchAll(VARIABLE)].map(([, braced, bare, square]) => braced ?? bare ?? square!);
    const unknown = used.filter((name) => !defined.includes(name) && !GRAFANAS_OWN.test(name));
    expect([...new Set(unknown)]).toEqual([]);
  });

  it('links only to boards and columns that exist, and to no address of the Internet', () => {
    for (const url of linksOf(board)) {
      const target = /^\/d\/([\w-]+)\?/.exec(url)?.[1];
      expect(boards.map((one) => one.uid)).toContain(target);
    }
    expect(json(board)).not.toMatch(/https?:/);
    for (const panel of panelsOf(board).filter(({ type }) => type === 'table'))
      for (const [, column] of json(panel.fieldConfig).matchAll(/__data\.fields\.(\w+)/g))
        expect(columnsOf(panel), panel.title).toContain(column);
  });

  it('says something when an expression returns nothing, and never that all is well', () => {
    for (const { title, type, fieldConfig } of panelsOf(board)) {
      const absent = (fieldConfig?.defaults?.mappings ?? []).find((mapping) => mapping.type === 'special');
      if (type === 'stat') {
        expect(absent, title).toBeDefined();
        expect(json(absent)).not.toMatch(/green|blue|empty/);
        continue;
      }
      expect(fieldConfig?.defaults?.noValue ?? '–', title).not.toMatch(/\bok\b|\bempty\b|healthy/);
    }
  });

  it('takes big numbers as of now: the last value of a range may be hours old', () => {
    for (const panel of panelsOf(board).filter(({ type }) => type === 'stat'))
      for (const { refId, instant, range, expr } of targetsOf(panel)) {
        const where = `${panel.title} ${refId}`;
        // A line is drawn only where there is a number at its end: the same expression again, at the end.
        if (range === true) expect(endsIn(expr), where).toBe(true);
        else expect(instant, where).toBe(true);
      }
  });
});

describe('the committed files', () => {
  it.each(generateDashboardFiles().map(({ path, text }) => [path, text]))(
    '%s is what its generator writes',
    (path, text) => {
      expect(readFileSync(join(ROOT, path), 'utf8')).toBe(text);
    },
  );

  it('are all the boards in the folder', () => {
    const committed = readdirSync(join(ROOT, 'grafana')).filter((name) => name.endsWith('.json'));
    expect(committed.sort()).toEqual(boards.map(({ uid }) => `${uid}.json`).sort());
  });
});

it('every alert is named by a panel', () => {
  const texts = boards.flatMap(panelsOf).map(({ description }) => description ?? '');
  expect(ALERT_NAMES.filter((name) => !texts.some((text) => text.includes(name)))).toEqual([]);
});
