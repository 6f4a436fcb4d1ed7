import type { Dashboard, Panel, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { panelsOf, targetsOf, variableExpression } from './board-parts.ts';
import { interpolate } from './interpolate.ts';
import { problems, selectors } from './promql.ts';

/**
 * The Prometheus rules of grafana/dashboard-linter (a Go program that is not to be had as a package), read from its
 * sources and written again. A finding names the rule and the place.
 */
export interface Finding {
  readonly rule: string;
  readonly where: string;
}

type Rule = (board: Dashboard) => readonly string[];

const KNOWN_UNITS = new Set<unknown>([...Object.values(units), 'dateTimeFromNow', 'none']);
/** Every type that shows numbers, those of Grafana before version 8 included. */
const VISUAL = ['stat', 'singlestat', 'gauge', 'timeseries', 'graph', 'table'];
const OLD_TYPES = ['singlestat', 'graph', 'table-old'];

const variables = (board: Dashboard): VariableModel[] => board.templating?.list ?? [];
const dataSources = (board: Dashboard) => variables(board).filter(({ type }) => type === 'datasource');
/** Whatever the variable is called: that its name is one of the two allowed is another rule's matter. */
const fromVariable = (board: Dashboard, uid: string | undefined) =>
  dataSources(board).some(({ name }) => uid === `$${name}` || uid === `\${${name}}`);
const visual = (board: Dashboard, ...types: readonly string[]) =>
  panelsOf(board).filter(({ type }) => types.includes(type));
const failing = (board: Dashboard, types: readonly string[], test: (panel: Panel) => boolean) =>
  visual(board, ...types).flatMap((panel) => (test(panel) ? [] : [panel.title ?? '(no title)']));
const eachTarget = (board: Dashboard, test: (expr: string) => boolean) =>
  panelsOf(board).flatMap((panel) =>
    targetsOf(panel).flatMap(({ expr, refId }) => (test(expr) ? [] : [`${panel.title} ${refId}`])),
  );

function templateRule(name: string, label: string): Rule {
  return (board) => {
    const found = variables(board).find((variable) => variable.name === name);
    if (found === undefined) return [`no variable ${name}`];
    const faults = [
      fromVariable(board, found.datasource?.uid) ? '' : 'data source',
      found.type === 'query' ? '' : 'type',
      found.label === label ? '' : 'label',
      found.multi === true ? '' : 'multi',
      found.allValue === '.+' ? '' : 'allValue',
    ];
    return faults.filter((fault) => fault !== '').map((fault) => `${name}: ${fault}`);
  };
}

const targetMatcher =
  (name: string): Rule =>
  (board) =>
    eachTarget(board, (expr) =>
      selectors(stripped(expr)).every(({ matchers }) => matchers.includes(`${name}=~"$${name}"`)),
    );

/** Only the windows are filled in: the matchers keep their variables. */
const stripped = (expr: string) => expr.replaceAll('$__rate_interval', '7m').replaceAll('$__range', '6h');

export const RULES: Readonly<Record<string, Rule>> = {
  'template-datasource-rule': (board) => [
    ...(dataSources(board).length === 1 ? [] : ['not exactly one data source variable']),
    ...dataSources(board).flatMap(({ name, label, query }) =>
      ['datasource', 'prometheus_datasource'].includes(name) &&
      ['Data source', 'Prometheus data source'].includes(label ?? '') &&
      query === 'prometheus'
        ? []
        : [name],
    ),
  ],
  'template-job-rule': templateRule('job', 'Job'),
  'template-instance-rule': templateRule('instance', 'Instance'),
  'template-label-promql-rule': (board) =>
    variables(board).flatMap(({ name, type, query }) => {
      if (type !== 'query') return [];
      const expr = variableExpression(query);
      return expr !== null && problems(interpolate(expr)).length === 0 ? [] : [name];
    }),
  'template-on-time-change-reload-rule': (board) =>
    variables(board).flatMap(({ name, type, refresh }) => (type === 'query' && refresh !== 2 ? [name] : [])),
  'panel-datasource-rule': (board) =>
    panelsOf(board).flatMap(({ title, datasource }) => (fromVariable(board, datasource?.uid) ? [] : [title ?? ''])),
  'panel-title-description-rule': (board) =>
    panelsOf(board).flatMap(({ id, title, description }) => (title && description ? [] : [`panel ${id}`])),
  'panel-units-rule': (board) =>
    visual(board, ...VISUAL).flatMap(({ title, fieldConfig }) => {
      const { unit, mappings } = fieldConfig?.defaults ?? {};
      const overriding = (fieldConfig?.overrides ?? []).flatMap(({ properties }) =>
        properties.flatMap(({ id, value }) => (id === 'unit' ? [value as unknown] : [])),
      );
      const all = unit === undefined ? overriding : [unit, ...overriding];
      const unknown = all.filter((one) => !KNOWN_UNITS.has(one)).map((one) => `${title}: ${one}`);
      return all.length > 0 || (mappings?.length ?? 0) > 0 ? unknown : [`${title}: none`];
    }),
  'panel-no-targets-rule': (board) =>
    failing(board, [...VISUAL, 'state-timeline', 'heatmap'], (panel) => targetsOf(panel).length > 0),
  'panel-type-rule': (board) => failing(board, OLD_TYPES, () => false),
  'target-promql-rule': (board) => eachTarget(board, (expr) => problems(interpolate(expr)).length === 0),
  'target-rate-interval-rule': (board) =>
    eachTarget(board, (expr) =>
      selectors(stripped(expr)).every(
        ({ inside, window }) => !['rate', 'irate'].includes(inside ?? '') || window === '7m',
      ),
    ),
  'target-job-rule': targetMatcher('job'),
  'target-instance-rule': targetMatcher('instance'),
  'target-counter-agg-rule': (board) =>
    eachTarget(board, (expr) =>
      selectors(stripped(expr)).every(
        ({ metric, inside, window }) =>
          !metric.endsWith('_total') || (window !== null && ['rate', 'irate', 'increase'].includes(inside ?? '')),
      ),
    ),
  'target-logql-rule': (board) =>
    eachTarget(board, (expr) => !/\|\s*(json|logfmt|unpack)|count_over_time\(\s*\{/.test(expr)),
  'uneditable-dashboard': (board) => (board.editable === false ? [] : ['editable']),
};

export interface Exclusion {
  readonly rule: string;
  readonly reason: string;
  /** The places excused, or what they look like; without them, all. */
  readonly entries?: readonly (string | RegExp)[];
}

/** What the linter's `.lint` file would say. An exclusion that excuses nothing is itself a fault. */
export const EXCLUSIONS: readonly Exclusion[] = [
  {
    rule: 'template-instance-rule',
    reason: 'replicas report the same remote queue: a choice of instance would hide nothing but copies',
  },
  { rule: 'target-instance-rule', reason: 'panels aggregate over replicas, or name the instance in the legend' },
  {
    rule: 'target-job-rule',
    reason: 'the watchdog alert is about the whole pipeline and carries no job; the factors are constants',
    entries: ['Causes A'],
  },
  {
    rule: 'target-rate-interval-rule',
    reason: 'the panel says "over an hour": with a handful of sessions an hour, a shorter window is noise',
    entries: ['Wait of picked-up sessions, p95 over an hour wait'],
  },
  {
    rule: 'target-rate-interval-rule',
    reason: 'the pace has the window of the recorded series of the same name, with which the alerts are worded',
    entries: [/^(Empty in|Environments, worst first|Time until the queue is empty|Net flow) /],
  },
  {
    rule: 'panel-units-rule',
    reason:
      'a unit of our own: the ticks of the ones for time are no round numbers, such as 16.7 mins; none is per hour',
    entries: [/: suffix:(mins|s|ms|\/h|\/min)$/],
  },
];

export function lint(board: Dashboard): Finding[] {
  return Object.entries(RULES).flatMap(([rule, check]) => check(board).map((where) => ({ rule, where })));
}

const excuses = ({ rule, entries }: Exclusion, finding: Finding) =>
  rule === finding.rule &&
  (entries === undefined ||
    entries.some((entry) => (entry instanceof RegExp ? entry.test(finding.where) : entry === finding.where)));

export const unexcused = (findings: readonly Finding[]) =>
  findings.filter((finding) => !EXCLUSIONS.some((exclusion) => excuses(exclusion, finding)));
export const idleExclusions = (findings: readonly Finding[]) =>
  EXCLUSIONS.filter((exclusion) => !findings.some((finding) => excuses(exclusion, finding)));
