import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { colourOverrides, LINE } from '../../src/dashboards/panels/name-colours.ts';
import { boardNamed, boards, panelsOf } from './support/board-parts.ts';
import { isFree, READING_RULES, WITHOUT_A_LINE } from './support/reading-rules.ts';

const each = boards.map((board) => [board.uid!, board] as const);
const rules = Object.entries(READING_RULES);

describe.each(rules)('the rule %s', (_, rule) => {
  it.each(each)('holds for every panel of %s', (_, board) => expect(rule(board)).toEqual([]));
});

const titled = (board: Dashboard, title: string) => panelsOf(board).find((panel) => panel.title === title)!;
const ENVIRONMENT = 'anthropic-work-environment';
type Fault = (board: Dashboard) => unknown;
const change = (title: string, part: object) => (board: Dashboard) => Object.assign(titled(board, title), part);
const configure = (title: string, part: object) => (board: Dashboard) =>
  Object.assign(titled(board, title).fieldConfig!.defaults!, part);
const override = (title: string, id: string, value: unknown) => (board: Dashboard) =>
  titled(board, title).fieldConfig!.overrides!.push({
    matcher: { id: 'byName', options: 'anything' },
    properties: [{ id, value }],
  });
const query = (title: string, part: object) => (board: Dashboard) =>
  Object.assign(titled(board, title).targets![0]!, part);
const mark = (name: string, part: object) => (board: Dashboard) =>
  Object.assign(board.annotations!.list!.find((one) => one.name === name)!, part);

/** On the environment board. A rule is named before the comma. */
const FAULTS: Readonly<Record<string, Fault>> = {
  'lineColours, a line in red': override('Workers polling and busy', 'color', { mode: 'fixed', fixedColor: 'red' }),
  'lineColours, a line in light blue': override('Workers polling and busy', 'color', {
    mode: 'fixed',
    fixedColor: '#8AB8FF',
  }),
  'lineColours, colours by their order': (board) =>
    Object.assign(titled(board, 'Workers polling and busy').fieldConfig!, { overrides: [] }),
  'textColours, a red warning': override('Alerts', 'mappings', [
    { type: 'value', options: { 2: { text: 'warning', color: 'red' } } },
  ]),
  'roundTicks, no decimals said': configure('Oldest item', { decimals: 1 }),
  'timeNotation, hours as 00:00:00': configure('Oldest item', { unit: 'dthms' }),
  'timeNotation, minutes of Grafana': configure('Oldest item', { unit: 'm' }),
  'timeNotation, a tile in milliseconds': configure('Last read', { unit: 'ms' }),
  'wholeRows, half a row': (board) => Object.assign(titled(board, 'Workers polling and busy').gridPos!, { h: 8 }),
  'titlesFit, a long title': change('Waiting', { title: 'Items that wait for somebody' }),
  // Drawn at 900 pixels, this one is cut.
  'titlesFit, seven letters on three columns': (board) => {
    const tile = titled(board, 'Waiting');
    Object.assign(tile, { title: 'Dropped', gridPos: { ...tile.gridPos!, w: 3 } });
  },
  'tilesLead, nowhere': configure('Waiting', { links: [] }),
  'sparklines, none': (board) => Object.assign(titled(board, 'Waiting').options!, { graphMode: 'none' }),
  'sparklines, none and none asked for': (board) => {
    Object.assign(titled(board, 'Waiting').options!, { graphMode: 'none' });
    for (const target of titled(board, 'Waiting').targets!) Object.assign(target, { range: false, instant: true });
  },
  'marks, drills off': mark('Drills', { enable: false }),
  'marks, reloads in purple': mark('Reloads', { iconColor: 'purple' }),
  "clocks, Prometheus' own": query('Last read', {
    expr: 'time() - max(anthropic_work_last_success_timestamp_seconds)',
  }),
  'clocks, a stamp of the API without the skew': query('Oldest heartbeat', {
    expr: 'anthropic_work_last_success_timestamp_seconds - anthropic_work_oldest_heartbeat_timestamp_seconds',
  }),
  'alertsFirst, a chart before them': (board) => board.panels!.sort((a) => (a.title === 'Oldest item' ? -1 : 0)),
};

describe('a planted fault', () => {
  it('is there for every rule', () => {
    const planted = Object.keys(FAULTS).map((name) => name.split(',')[0]!);
    expect([...new Set(planted)].sort()).toEqual(rules.map(([name]) => name).sort());
  });

  it.each(Object.entries(FAULTS))('against %s is found', (name, plant) => {
    const board = structuredClone(boardNamed(ENVIRONMENT));
    plant(board);
    expect(READING_RULES[name.split(',')[0] as keyof typeof READING_RULES](board)).not.toEqual([]);
  });
});

describe('the tiles without a line', () => {
  it('are on a board', () => {
    const tiles = boards.flatMap(panelsOf).flatMap(({ type, title }) => (type === 'stat' ? [title] : []));
    expect(WITHOUT_A_LINE.filter((title) => !tiles.includes(title))).toEqual([]);
  });
});

describe('the colour of a name', () => {
  const matchers = colourOverrides().map(({ matcher, properties }) => {
    const [, source, flags] = /^\/(.*)\/(\w*)$/.exec(String(matcher.options))!;
    return { pattern: new RegExp(source!, flags), colour: (properties[0]!.value as { fixedColor: string }).fixedColor };
  });
  const coloursOf = (name: string) => matchers.filter(({ pattern }) => pattern.test(name)).map(({ colour }) => colour);

  it('is exactly one, whatever the name', () => {
    const random = seededRandom(5);
    const names = ['', 'support-triage', 'Ünïcode 環境', 'a]b^c-d\\e', 'x'.repeat(500)];
    for (let index = 0; index < 300; index++)
      names.push(String.fromCodePoint(...Array.from({ length: 12 }, () => 32 + Math.floor(random() * 300))));
    for (const name of names) expect(coloursOf(name), name).toHaveLength(1);
  });

  it('differs between names that differ in a number', () => {
    const colours = [0, 1, 2, 3, 4, 5, 6, 7].map((index) => coloursOf(`team-${index}-agents`)[0]);
    expect(new Set(colours).size).toBe(8);
  });

  it('is none of those that mean something', () => {
    for (const colour of Object.values(LINE)) expect(isFree(colour), colour).toBe(true);
    for (const colour of ['#FF0000', '#F2495C', '#FF9830', '#B877D9', '#5794F2', 'red', 'green'])
      expect(isFree(colour)).toBe(false);
  });
});
