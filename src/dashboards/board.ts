import { alertOf, CONDITION_NAMES } from '../diagnosis/conditions.ts';
import { COLOUR, type Column, DATA_SOURCE, HIDDEN, type Json, words } from './panels.ts';
import { E, ofExporter, ofJob, ofShown } from './queries.ts';

/** The boards by uid: at most 40 characters, never changed, because alerts and bookmarks link to them. */
export const UID = {
  overview: 'anthropic-work-overview',
  environment: 'anthropic-work-environment',
  slo: 'anthropic-work-slo',
  exporter: 'anthropic-work-exporter',
} as const;

/** The boards find each other by this tag. */
const TAG = 'anthropic-work-exporter';

/** A board in the JSON that Grafana 10 and later import. */
export interface Board extends Json {
  readonly uid: string;
  readonly panels: readonly Json[];
}

/** Panels side by side. */
interface Row {
  /** A heading above them. */
  readonly heading?: string;
  /** In units of 38 pixels. */
  readonly height: number;
  readonly panels: readonly Json[];
  /** Of 24; all the same, when left out. */
  readonly widths?: readonly number[];
}

interface BoardParts {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** Where its time range begins. */
  readonly from: string;
  readonly rows: readonly Row[];
  /** Environments with something critical come first, and the board opens on the first. Otherwise it opens on all. */
  readonly opensOnWorst?: true;
  /** Whether what is critical is marked in the charts. */
  readonly marksConditions?: true;
}

const grafana = (name: string) => `$${`{${name}}`}`;
/** What a link to another board takes along. */
const CONTEXT = ['datasource:queryparam', 'job:queryparam', '__url_time_range'].map(grafana).join('&');

/** A link to a board, where the environment of a tile or of a row is chosen if `environment` says what names it. */
export function toBoard(uid: string, title: string, environment?: 'of the tile' | 'of the row'): Json {
  const id = environment === 'of the tile' ? '__field.labels.environment_id' : '__data.fields.Id';
  const choice = environment === undefined ? '' : `var-environment=${grafana(id)}&`;
  return { title, url: `/d/${uid}?${choice}${CONTEXT}`, targetBlank: false };
}

/** Where a tile or a line of an environment leads. */
export const TO_ITS_BOARD = toBoard(UID.environment, 'Why: this environment', 'of the tile');

/** The name of an environment, which leads to its board. */
export const ENVIRONMENT_COLUMNS: readonly Column[] = [
  {
    title: 'Environment',
    label: 'environment_name',
    set: { links: [toBoard(UID.environment, 'Why: this environment', 'of the row')] },
  },
  { title: 'Id', label: 'environment_id', set: HIDDEN },
];

/** The place for the link to a runbook: only the user knows where they are served. */
const RUNBOOK_PLACE = { id: 'links', value: [] };

/** The name of a condition, which is that of its alert and of its runbook, with the place for the link. */
export const CONDITION_COLUMN: Column = {
  title: 'Condition',
  label: 'condition',
  set: { mappings: [words(Object.fromEntries(CONDITION_NAMES.map((name) => [name, [alertOf(name)]])))], links: [] },
};

/** The link for that place. `baseUrl` has no trailing slash; `/NAME.md` is appended. */
export function runbookLink(baseUrl: string): Json {
  return { title: 'Runbook', url: `${baseUrl}/${grafana('__value.text')}.md`, targetBlank: true };
}

/** The text of a board with links to the runbooks below `baseUrl`. */
export function withRunbookLinks(json: string, baseUrl: string): string {
  const linked = JSON.stringify({ ...RUNBOOK_PLACE, value: [runbookLink(baseUrl)] });
  return json.replaceAll(JSON.stringify(RUNBOOK_PLACE), () => linked);
}

/** A board with what all four share: variables, links, annotations, a stable uid. It is not edited in place. */
export function board({ uid, title, description, from, rows, opensOnWorst, marksConditions }: BoardParts): Board {
  return {
    uid,
    title,
    description,
    tags: [TAG],
    schemaVersion: 39,
    editable: false,
    graphTooltip: 1,
    timezone: 'utc',
    refresh: '1m',
    time: { from, to: 'now' },
    templating: { list: variables(opensOnWorst === true) },
    annotations: { list: annotations(marksConditions === true) },
    links: [
      { title: 'Work queues', type: 'dashboards', tags: [TAG], asDropdown: true, includeVars: true, keepTime: true },
    ],
    panels: layOut(rows),
  };
}

const GRID_WIDTH = 24;

function layOut(rows: readonly Row[]): Json[] {
  const placed: Json[] = [];
  const place = (json: Json, x: number, y: number, w: number, h: number) =>
    placed.push({ ...json, id: placed.length + 1, gridPos: { x, y, w, h } });
  let y = 0;
  for (const { heading, height, panels, widths } of rows) {
    if (heading !== undefined)
      place({ type: 'row', title: heading, collapsed: false, panels: [] }, 0, y++, GRID_WIDTH, 1);
    let x = 0;
    for (const [index, panel] of panels.entries()) {
      const width = widths?.[index] ?? GRID_WIDTH / panels.length;
      place(panel, x, y, width, height);
      x += width;
    }
    y += height;
  }
  return placed;
}

const INFO = 'anthropic_work_environment_info';
const LABELS = 'anthropic_work_environment_labels';
const DEFAULT = { text: 'default', value: 'default' };
const ALL = { text: ['All'], value: ['$__all'] };
/** Asked again when the time range changes; in alphabetical order, whatever the case. */
const SEVERAL = { refresh: 2, sort: 5, multi: true, includeAll: true, current: ALL };

/** People choose an environment by its name; queries and links take its id, whatever a name pretends to be. */
const BY_NAME =
  '/(?=.*?environment_name="(?<text>.+?)"(?:,environment_id="[^"]+")?})' +
  '(?=(?:{|.*",)environment_id="(?<value>[^"]+)"(?:,environment_name="|}))/';

/** An environment and whether something critical holds of it; the filters leave some out. */
const OFFERED =
  `max by (${E}) (anthropic_work_condition{severity="critical"})` +
  ` and on (environment_id) ${ofJob(INFO, 'connection=~"$connection"')}` +
  ` and on (environment_id) ${LABELS}{label_owner=~"$owner", label_tier=~"$tier"}`;

/** The ids of what is chosen, or `.+` while nothing is left out: a thousand ids would make each query long. */
const CHOSEN =
  `label_replace(absent(${INFO}{environment_id!~"$environment"}), "environment_id", ".+", "", "")` +
  ` or on () group by (environment_id) (${INFO}{environment_id=~"$environment"})`;

function variables(opensOnWorst: boolean): readonly Json[] {
  const query = (name: string, label: string, text: string, more: Json = {}) => ({
    ...{ type: 'query', name, label, query: text, datasource: DATA_SOURCE, ...SEVERAL },
    ...more,
  });
  // Without a value Grafana takes the first.
  const worstFirst = { sort: 0, current: { text: '', value: '' } };
  return [
    { type: 'datasource', name: 'datasource', label: 'Data source', query: 'prometheus', current: DEFAULT },
    query('job', 'Job', 'label_values(anthropic_work_exporter_build_info, job)', { allValue: '.+' }),
    query('connection', 'Connection', `label_values(${ofJob(INFO)}, connection)`, { allValue: '.+' }),
    // A label that an environment lacks is matched only by an expression that also matches the empty text.
    query('owner', 'Owner', `label_values(${ofJob(LABELS)}, label_owner)`, { allValue: '.*' }),
    query('tier', 'Tier', `label_values(${ofJob(LABELS)}, label_tier)`, { allValue: '.*' }),
    query('environment', 'Environment', `query_result(sort_desc(${OFFERED}))`, {
      regex: BY_NAME,
      ...(opensOnWorst && worstFirst),
    }),
    query('shown', 'Shown', `query_result(${CHOSEN})`, { regex: '/environment_id="([^"]+)"/', hide: 2 }),
  ];
}

function annotations(marksConditions: boolean): readonly Json[] {
  const mark = (name: string, iconColor: string, expr: string, more: Json) => ({
    ...{ name, iconColor, expr, datasource: DATA_SOURCE, enable: true, step: '60s' },
    ...more,
  });
  const critical = ofShown('anthropic_work_condition', 'severity="critical"');
  const loaded = ofJob('anthropic_work_exporter_config_last_reload_success_timestamp_seconds');
  const moment = (titleFormat: string) => ({ titleFormat, textFormat: '{{instance}}', useValueForTime: true });
  return [
    mark('Critical conditions', COLOUR.critical, `max by (environment_name, condition) (${critical}) == 1`, {
      titleFormat: '{{environment_name}}: {{condition}}',
      enable: marksConditions,
    }),
    mark('Restarts', '#9AA5B1', `1000 * (${ofExporter('process_start_time_seconds')})`, moment('exporter started')),
    mark('Reloads', '#2FB5A3', `1000 * ${loaded}`, moment('configuration loaded')),
  ];
}
