/** A part of a board, as Grafana has it. Each kind of panel is one without its place. */
export type Json = Readonly<Record<string, unknown>>;

/** What every panel says of itself: what it shows, and what to do about it. */
interface Text {
  readonly title: string;
  readonly shows: string;
  readonly act: string;
  /** What it says where it has nothing to show, as absence must not look like health: `not visible` by default. */
  readonly absent?: string;
}

/** Legends and expressions. */
type Queries = Readonly<Record<string, string>>;

export const DATA_SOURCE = { type: 'prometheus', uid: `$${'{datasource}'}` } as const;

/** Each has one meaning on all boards; purple: nobody can tell. */
export const COLOUR = {
  good: 'green',
  warning: 'orange',
  critical: 'red',
  unknown: 'purple',
  neutral: 'text',
} as const;

/** Grafana makes $__rate_interval of the least step of a query: four of these, enough for one scrape a minute. */
const RATE_STEP = '1m';
/** The exporter reads every 15 s and may be scraped every minute: a finer step would draw stairs. */
const GAUGE_STEP = '30s';

const targets = (queries: readonly (readonly [legend: string, expr: string])[], more: Json): readonly Json[] =>
  queries.map(([legendFormat, expr], index) => ({
    refId: String.fromCodePoint(65 + index),
    expr,
    legendFormat,
    editorMode: 'code',
    ...(expr.includes('$__rate_interval') && { interval: RATE_STEP }),
    ...more,
  }));
const NOW = { instant: true, range: false };
const OVER_TIME = { instant: false, range: true };

const UNSEEN = 'not visible';
const fields = ({ absent = UNSEEN }: Text, defaults: Json, overrides: readonly Json[] = []) => ({
  fieldConfig: { defaults: { noValue: absent, ...defaults }, overrides },
});

const linked = (link: Json | undefined) => (link === undefined ? {} : { links: [link] });

const panel = (type: string, { title, shows, act }: Text, json: Json): Json => ({
  ...{ type, title, description: `${shows}\n\n${act}`, datasource: DATA_SOURCE },
  ...json,
});

/** Colours from minus infinity upwards. */
export const steps = (base: string, ...rest: readonly (readonly [from: number, colour: string])[]) => ({
  mode: 'absolute',
  steps: [{ value: null, color: base }, ...rest.map(([value, color]) => ({ value, color }))],
});
/** Good at 0, and this from 1 on. */
export const noneIsGood = (colour: string) => steps(COLOUR.good, [1, colour]);

type Words = Readonly<Record<string, readonly [text: string, colour?: string]>>;
/** Words for values. */
export const words = (options: Words): Json => ({
  type: 'value',
  options: Object.fromEntries(
    Object.entries(options).map(([value, [text, color]], index) => [
      value,
      { text, index, ...(color !== undefined && { color }) },
    ]),
  ),
});
/** A word where there is no value. */
export const whenAbsent = (text: string): Json => ({
  type: 'special',
  options: { match: 'null+nan', result: { text, color: COLOUR.unknown, index: 99 } },
});

interface Tile extends Text {
  readonly queries: Queries;
  readonly unit?: string;
  readonly thresholds?: Json;
  readonly link?: Json;
}

/** Numbers as of now. With thresholds they have a background that says how grave they are, otherwise they are neutral. */
export function stat({ queries, unit = 'short', thresholds, link, ...text }: Tile): Json {
  const mappings = [whenAbsent(text.absent ?? UNSEEN)];
  const isNamed = Object.keys(queries).length > 1 || Object.keys(queries)[0]!.includes('{{');
  return panel('stat', text, {
    targets: targets(Object.entries(queries), NOW),
    ...fields(text, {
      ...{ unit, mappings, thresholds: thresholds ?? steps(COLOUR.neutral), color: { mode: 'thresholds' } },
      ...linked(link),
    }),
    options: {
      colorMode: thresholds === undefined ? 'value' : 'background',
      graphMode: 'none',
      justifyMode: 'center',
      orientation: 'auto',
      textMode: isNamed ? 'value_and_name' : 'value',
      wideLayout: false,
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    },
  });
}

interface Chart extends Text {
  readonly queries: Queries;
  /** Dashed, in the colour of their severity. */
  readonly limits?: Queries;
  readonly unit?: string;
  readonly interval?: string;
  readonly link?: Json;
}

/** The colour of a dashed line, by its legend. */
const LIMITS = { 'warning limit': COLOUR.warning, 'critical limit': COLOUR.critical, 'wait target': COLOUR.neutral };

/** Lines over time from 0 upwards, the highest first in the legend. A name has the same colour everywhere. */
export function chart({ queries, limits = {}, unit = 'short', interval = GAUGE_STEP, link, ...text }: Chart): Json {
  return panel('timeseries', text, {
    interval,
    targets: targets(Object.entries({ ...queries, ...limits }), OVER_TIME),
    ...fields(
      text,
      { unit, min: 0, color: { mode: 'palette-classic-by-name' }, custom: LINES, ...linked(link) },
      Object.keys(limits).length === 0 ? [] : Object.entries(LIMITS).map(dashed),
    ),
    options: {
      legend: { showLegend: true, displayMode: 'table', placement: 'bottom', calcs: ['last', 'max'], ...BY_MAXIMUM },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  });
}

const LINES = { lineWidth: 2, fillOpacity: 5, showPoints: 'never', spanNulls: false };
const BY_MAXIMUM = { sortBy: 'Max', sortDesc: true };

const dashed = ([legend, colour]: readonly [string, string]): Json => ({
  matcher: { id: 'byName', options: legend },
  properties: [
    { id: 'color', value: { mode: 'fixed', fixedColor: colour } },
    { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } },
    { id: 'custom.lineWidth', value: 1 },
    { id: 'custom.fillOpacity', value: 0 },
  ],
});

/** How many were in each bucket of seconds, over time. */
export function heatmap({ expr, ...text }: Text & { readonly expr: string }): Json {
  return panel('heatmap', text, {
    interval: RATE_STEP,
    targets: targets([['{{le}}', expr]], { ...OVER_TIME, format: 'heatmap' }),
    ...fields(text, {}),
    options: {
      calculate: false,
      cellGap: 1,
      color: { mode: 'scheme', scheme: 'Greens', fill: 'dark-green', scale: 'exponential', exponent: 0.5, steps: 64 },
      filterValues: { le: 1e-9 },
      legend: { show: true },
      rowsFrame: { layout: 'auto' },
      tooltip: { mode: 'single', yHistogram: false },
      yAxis: { unit: 's', axisPlacement: 'left' },
    },
  });
}

/** States over time, a row per series. */
export function timeline({ queries, words: texts, ...text }: Text & { queries: Queries; words: Words }): Json {
  return panel('state-timeline', text, {
    interval: RATE_STEP,
    targets: targets(Object.entries(queries), OVER_TIME),
    ...fields(text, {
      mappings: [words(texts)],
      color: { mode: 'thresholds' },
      custom: { fillOpacity: 80, lineWidth: 0 },
    }),
    options: {
      mergeValues: true,
      showValue: 'auto',
      alignValue: 'left',
      rowHeight: 0.85,
      legend: { showLegend: false, displayMode: 'list', placement: 'bottom', calcs: [] },
      tooltip: { mode: 'single', sort: 'none' },
    },
  });
}

/** A column of a table. Columns appear in the given order; what is no column is left out. */
export interface Column {
  readonly title: string;
  /** A label of the rows, */
  readonly label?: string;
  /** or a query whose value it is. */
  readonly expr?: string;
  /** Pixels; without it the column takes what is left. */
  readonly width?: number;
  /** More properties, by the names that Grafana has for them. */
  readonly set?: Json;
}

/** A cell whose background says what it is. */
export const status = (mappings: readonly Json[]): Json => ({
  mappings,
  'custom.cellOptions': { type: 'color-background', mode: 'basic' },
  'custom.align': 'center',
});

/** For links only. Grafana up to 12.1 reads the first, later versions the second. */
export const HIDDEN: Json = {
  'custom.hidden': true,
  'custom.hideFrom': { viz: true, legend: true, tooltip: true },
};

interface Table extends Text {
  readonly columns: readonly Column[];
  /** Queries whose values are no columns: they bring rows or labels. */
  readonly also?: readonly string[];
  /** Titles, with `-` in front for the highest first. */
  readonly sortBy: readonly string[];
  readonly transformations?: readonly Json[];
}

/** One row per set of labels, from several queries. */
export function table({ columns, also = [], sortBy, transformations = [], ...text }: Table): Json {
  const queried = columns.flatMap(({ expr }) => expr ?? []);
  const queries = targets(
    [...queried, ...also].map((expr) => ['', expr]),
    { ...NOW, format: 'table' },
  );
  const refIds = queries.map(({ refId }) => refId);
  // With one query Grafana leaves out its name.
  const ofQuery = (expr: string) => (queries.length === 1 ? 'Value' : `Value #${refIds[queried.indexOf(expr)]}`);
  const field = ({ label, expr = '' }: Column) => label ?? ofQuery(expr);
  const left = ['Time', 'job', ...refIds.slice(queried.length).map((refId) => `Value #${refId}`)];
  const organize = {
    excludeByName: Object.fromEntries(left.map((name) => [name, true])),
    indexByName: Object.fromEntries(columns.map((column, index) => [field(column), index])),
    renameByName: Object.fromEntries(columns.map((column) => [field(column), column.title])),
  };
  const overrides = columns.map(({ title, width, set = {} }) => ({
    matcher: { id: 'byName', options: title },
    properties: [
      ...(width === undefined ? [] : [{ id: 'custom.width', value: width }]),
      ...Object.entries(set).map(([id, value]) => ({ id, value })),
    ],
  }));
  return panel('table', text, {
    targets: queries,
    transformations: [{ id: 'merge', options: {} }, { id: 'organize', options: organize }, ...transformations],
    ...fields({ absent: '–', ...text }, { unit: 'short', custom: { align: 'auto', filterable: false } }, overrides),
    options: {
      cellHeight: 'sm',
      showHeader: true,
      footer: { show: false, reducer: [], countRows: false },
      sortBy: sortBy.map((title) => ({ displayName: title.replace(/^-/, ''), desc: title.startsWith('-') })),
    },
  });
}
