import * as common from '@grafana/grafana-foundation-sdk/common';
import { alertsOf } from '../expressions/promql.ts';
import { ALERT_PREFIX } from '../panels/panel-text.ts';
import { asTable, type Column, coloured, columnOverrides, HIDDEN, mapped, table, unit } from '../panels/tables.ts';
import { stat } from '../panels/tiles.ts';
import { COLOUR, steps, whenAbsent } from '../parts/colours.ts';
import { panelLink, toBoard, UID } from '../parts/links.ts';
import { ALERT_NAME_COLUMN, RUNBOOK_PLACE } from '../parts/runbook-link.ts';
import { column, now } from '../parts/targets.ts';

/** The table that the tile links to. */
export const ALERT_TABLE_ID = 9;

/** What an alert is, and about whom. */
const ALERT = 'alertname, environment_id, environment_name, connection, instance';
const LABELS = `${ALERT}, severity`;
/** The severities that somebody is notified of. */
const NOTIFYING = 'severity=~"critical|warning"';
const firingWith = (severity: string) =>
  `max by (${LABELS}) (${alertsOf(`alertstate="firing", severity="${severity}"`, true)})`;
/** An alert that is critical is not also a warning. */
const firing = `(${firingWith('critical')} or on (${ALERT}) ${firingWith('warning')})`;
/** For how many seconds the condition of each alert of anybody has been true. */
const recorded = `time() - max by (${LABELS}) (ALERTS_FOR_STATE{job=~"$job", alertname=~"${ALERT_PREFIX}.+", ${NOTIFYING}})`;

/** The same for each firing alert; NaN where the rule engine does not record it. */
const since = `((${recorded}) and on (${LABELS}) ${firing}) or on (${LABELS}) (${firing} * NaN)`;

/** `label`, set to `text` where `source` is not empty; a later call wins. */
const named = (expression: string, label: string, text: string, source: string) =>
  `label_replace(${expression}, "${label}", "${text}", "${source}", "(.+)")`;

/** Whose alert it is: the environment, otherwise the connection, otherwise the instance, otherwise the exporter. */
const whose = [
  ['exporter', 'alertname'],
  ['exporter $1', 'instance'],
  ['connection $1', 'connection'],
  ['$1', 'environment_name'],
].reduce(
  (expression, [text, source]) => named(expression, 'whose', text!, source!),
  // What it starts from: any of these replaces it.
  `label_replace(${since}, "kind", "$1", "severity", "(.+)")`,
);
/** What a link selects: the environment, or all for an alert that concerns none in particular. */
const choice = named(
  `label_replace(${whose}, "choice", "All", "environment_id", "")`,
  'choice',
  '$1',
  'environment_id',
);
const expression = `label_replace(${choice}, "alert", "$1", "alertname", "${ALERT_PREFIX}(.+)")`;

const COLUMNS: readonly Column[] = [
  {
    field: 'kind',
    title: 'Kind',
    width: 80,
    properties: [
      coloured('color-background'),
      mapped({
        type: 'value',
        options: {
          critical: { text: 'critical', color: COLOUR.critical, index: 0 },
          warning: { text: 'warning', color: COLOUR.warning, index: 1 },
        },
      }),
    ],
  },
  { field: 'whose', title: 'Whose', properties: [toBoard(UID.environment, 'Why: the environment')] },
  { field: 'alert', title: 'Alert', width: 175, properties: [RUNBOOK_PLACE] },
  { field: 'Value', title: 'For', width: 85, properties: [unit('s'), mapped(whenAbsent('–', COLOUR.quiet))] },
  { field: 'choice', title: 'Id', properties: HIDDEN },
  { field: 'alertname', title: ALERT_NAME_COLUMN, properties: HIDDEN },
];

/** Firing alerts from `ALERTS`, the gravest first: works with any Prometheus and follows the shown environments. */
export function firingAlerts() {
  const panel = table('Firing alerts', {
    shows:
      'Critical and warning alerts that fire now for the shown environments, and those that concern all of them, with how long the condition of each has been true; each by its worst severity. The owner opens its environment; the alert opens its runbook if `dashboards --runbook-base-url` was given.',
    normal: 'no row. If "Pages" says "no rules", the alert rules are not loaded and this table cannot fill.',
    unwatched: 'it shows the alerts themselves',
  })
    .unit('short')
    .noValue('no firing alert found')
    .sortBy([new common.TableSortByFieldStateBuilder().displayName('Kind')])
    .withTarget(column('A', expression));
  const excluded = ['connection', 'instance', 'environment_id', 'environment_name', 'severity'];
  for (const transformation of asTable(COLUMNS, excluded)) panel.withTransformation(transformation);
  for (const override of columnOverrides(COLUMNS)) panel.withOverride(override);
  return panel;
}

/** The alerts that page. The exporter keeps silent about what another one explains. */
export function pages() {
  return stat(
    'Pages',
    {
      shows: 'Critical alerts that fire for the shown environments or for all: what the pager rings for.',
      normal: '0. "no rules" means that not even the watchdog alert fires: the rules of this project are not loaded.',
      alerts: ['Watchdog'],
    },
    panelLink(UID.overview, 'The alerts', ALERT_TABLE_ID),
    'no rules',
  )
    .thresholds(steps(COLOUR.good, [1, COLOUR.critical]))
    .unit('short')
    .withTarget(
      now(
        'A',
        `count(${alertsOf('alertstate="firing", severity="critical"', true)})` +
          ` or on () (0 * max(ALERTS{alertname="AnthropicWorkWatchdog", alertstate="firing"}))`,
        'pages',
      ),
    );
}
