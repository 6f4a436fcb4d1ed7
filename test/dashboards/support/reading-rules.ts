import type { Dashboard, Panel, ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { CHART_HEIGHT, WHOLE_FROM } from '../../../src/dashboards/panels/charts.ts';
import { COLOUR } from '../../../src/dashboards/parts/colours.ts';
import { expressionsOf, panelsOf, targetsOf } from './board-parts.ts';

/** What makes a board easy to read at night: rules of ours, over all panels. A finding is the name of a place. */
type Rule = (board: Dashboard) => readonly string[];

interface Properties {
  readonly unit?: string;
  readonly decimals?: number;
  readonly links?: readonly unknown[];
  readonly custom?: { readonly axisSoftMax?: number };
}
type Override = { readonly id: string; readonly value?: unknown };

const defaultsOf = (panel: Panel) => (panel.fieldConfig?.defaults ?? {}) as Properties;
const overridesOf = (panel: Panel) =>
  (panel.fieldConfig?.overrides ?? []) as {
    readonly matcher: { readonly id: string; readonly options?: unknown };
    readonly properties: readonly Override[];
  }[];
const propertyOf = (properties: readonly Override[], id: string) => properties.find((one) => one.id === id)?.value;
const failing = (board: Dashboard, test: (panel: Panel) => boolean, ...types: readonly string[]) =>
  panelsOf(board).flatMap((panel) => (!types.includes(panel.type!) || test(panel) ? [] : [panel.title!]));

const unitsOf = (panel: Panel) =>
  [defaultsOf(panel).unit, ...overridesOf(panel).map(({ properties }) => propertyOf(properties, 'unit'))].filter(
    (unit) => unit !== undefined,
  );

/** 0 to 360, and how much colour there is: 0 is grey. */
function hue(hex: string): { hue: number; saturation: number } {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255) as [number, number, number];
  const [most, least] = [Math.max(r, g, b), Math.min(r, g, b)];
  const sixth =
    most === r ? (g - b) / (most - least) : most === g ? 2 + (b - r) / (most - least) : 4 + (r - g) / (most - least);
  return { hue: (sixth * 60 + 360) % 360, saturation: most === 0 ? 0 : (most - least) / most };
}

/** Named colours are the four, or well or quiet; any other is a number whose hue is far from all four. */
export function isFree(colour: unknown): boolean {
  if (typeof colour !== 'string' || !/^#[\dA-F]{6}$/i.test(colour)) return false;
  const { hue: angle, saturation } = hue(colour);
  const reserved = angle < 42 || angle > 340 || (angle > 200 && angle < 320);
  return saturation < 0.2 || !reserved;
}

const LIMITS: readonly unknown[] = [COLOUR.critical, COLOUR.warning, COLOUR.quiet];

const lineColours: Rule = (board) =>
  panelsOf(board)
    .filter(({ type }) => type === 'timeseries')
    .flatMap((panel) => {
      const wrong = overridesOf(panel).filter(({ properties }) => {
        const colour = (propertyOf(properties, 'color') as { fixedColor?: string } | undefined)?.fixedColor;
        if (colour === undefined || isFree(colour)) return false;
        return !(propertyOf(properties, 'custom.lineStyle') !== undefined && LIMITS.includes(colour));
      });
      // One for each sum of three bits: a name without a colour would get one of Grafana's palette.
      const byName = overridesOf(panel).filter(({ matcher }) => matcher.id === 'byRegexp').length;
      return wrong.length > 0 || byName !== 8 ? [panel.title!] : [];
    });

/** What a text says, and the one colour in which it says so. */
const TEXTS: Readonly<Record<string, string>> = {
  critical: COLOUR.critical,
  'no workers': COLOUR.critical,
  failing: COLOUR.critical,
  refused: COLOUR.critical,
  down: COLOUR.critical,
  spent: COLOUR.critical,
  warning: COLOUR.warning,
  differs: COLOUR.warning,
  'not visible': COLOUR.unknown,
  'no exporter': COLOUR.unknown,
  'no environments': COLOUR.unknown,
  empty: COLOUR.idle,
  ok: COLOUR.good,
};

function textsOf(mappings: readonly ValueMapping[]): { readonly text: string; readonly color?: string }[] {
  return mappings.flatMap((mapping) => {
    if (mapping.type === 'value') return Object.values(mapping.options) as { text: string; color?: string }[];
    return [(mapping.options as { result: { text: string; color?: string } }).result];
  });
}

const textColours: Rule = (board) =>
  panelsOf(board).flatMap((panel) => {
    const overriding = overridesOf(panel).flatMap(({ matcher, properties }) => {
      const mappings = textsOf((propertyOf(properties, 'mappings') ?? []) as ValueMapping[]);
      // "In use" says "no workers" where none is needed, and a part of the queues may be empty while the rest is not seen.
      return ['none', 'partly'].includes(String(matcher.options)) ? [] : mappings;
    });
    const all = [...textsOf(panel.fieldConfig?.defaults?.mappings ?? []), ...overriding];
    return all.every(({ text, color }) => TEXTS[text] === undefined || color === undefined || color === TEXTS[text])
      ? []
      : [panel.title!];
  });

const roundTicks: Rule = (board) =>
  failing(
    board,
    (panel) => {
      const { unit, decimals, custom } = defaultsOf(panel);
      return unit === 'percentunit' || unit === 'bytes' || decimals === 0 || (custom?.axisSoftMax ?? 0) >= WHOLE_FROM;
    },
    'timeseries',
  );

const TIMES = /^(s|ms|µs|ns|m|h|d|dt\w+|clock\w+|dateTime\w+)$/;
const timesOf = (panel: Panel) => unitsOf(panel).filter((unit) => TIMES.test(String(unit)));

/** Tiles and tables say "48 mins" and "30 minutes ago"; charts count in one unit. */
const timeNotation: Rule = (board) => [
  ...failing(board, (panel) => timesOf(panel).length === 0, 'timeseries'),
  ...failing(
    board,
    (panel) => timesOf(panel).every((unit) => unit === 's' || unit === 'dateTimeFromNow'),
    'stat',
    'table',
  ),
];

const wholeRows: Rule = (board) => failing(board, ({ gridPos }) => gridPos?.h === CHART_HEIGHT, 'timeseries');

/** In pixels, measured with Grafana's font at the size of a title: the first that matches a letter. */
const LETTER_WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/[ijlI ]/, 3.9],
  [/[ft,.]/, 4.8],
  [/[r1-]/, 6],
  [/s/, 7.7],
  [/[ackvxyzJL]/, 8.2],
  [/w/, 11.8],
  [/[mMW]/, 13],
  [/[A-Z]/, 10],
  [/./, 8.7],
];
const letterWidth = (letter: string) => LETTER_WIDTHS.find(([letters]) => letters.test(letter))![1];

/** At 900 pixels a column of the grid has 36, and the head of a panel needs 63.5 beside its title. */
const titlesFit: Rule = (board) =>
  panelsOf(board).flatMap(({ title, gridPos }) => {
    const width = [...title!].reduce((sum, letter) => sum + letterWidth(letter), 63.5);
    return width <= gridPos!.w * 36 ? [] : [title!];
  });

const tilesLead: Rule = (board) => failing(board, (panel) => (defaultsOf(panel).links ?? []).length === 1, 'stat');

/** A tile that names something or says a word has nothing to draw. */
export const WITHOUT_A_LINE = [
  'Worst wait',
  'Causes',
  'Status',
  'Empty in',
  'Last read',
  'Last full read',
  'Least budget left, 3 days',
  'Fastest burn now',
  'Objectives missed',
  'Config',
];

const sparklines: Rule = (board) =>
  failing(
    board,
    (panel) => {
      const drawn = targetsOf(panel).some(({ range }) => range === true);
      const shown = (panel.options as { graphMode?: string }).graphMode === 'area';
      return drawn === shown && (drawn || WITHOUT_A_LINE.includes(panel.title!));
    },
    'stat',
  );

const marks: Rule = (board) => {
  const enabled = (board.annotations?.list ?? []).filter(({ enable }) => enable).map(({ name }) => name);
  const colours = (board.annotations?.list ?? []).filter(
    ({ name, iconColor }) => !/alerts/.test(name) && !isFree(iconColor),
  );
  return [
    ...['Restarts', 'Reloads', 'Drills'].filter((name) => !enabled.includes(name)),
    ...colours.map(({ name }) => name),
  ];
};

/** Prometheus' clock is nobody's: a stamp of the API is compared with the API's, one of the exporter with its own. */
const clocks: Rule = (board) =>
  expressionsOf(board).flatMap(({ where, expr }) => {
    // When an alert began is a stamp of Prometheus itself.
    const other = expr.replaceAll(/\btime\(\) - max by \([^)]*\) \(ALERTS_FOR_STATE\b/g, '');
    if (/\btime\(\)/.test(other)) return [where];
    const ofApi = /oldest_(heartbeat|item|wait|queued?)_timestamp_seconds|queue_oldest_timestamp/.test(expr);
    if (ofApi && !expr.includes('anthropic_work_api_clock_skew_seconds')) return [where];
    return [];
  });

const alertsFirst: Rule = (board) => {
  if (board.uid !== 'anthropic-work-environment') return [];
  const belowTiles = panelsOf(board).filter(({ type }) => type !== 'stat');
  return ['Alerts', 'Status over time'].filter((title, index) => belowTiles[index]?.title !== title);
};

export const READING_RULES = {
  lineColours,
  textColours,
  roundTicks,
  timeNotation,
  wholeRows,
  titlesFit,
  tilesLead,
  sparklines,
  marks,
  clocks,
  alertsFirst,
} as const satisfies Record<string, Rule>;
