import * as common from '@grafana/grafana-foundation-sdk/common';
import { COLOUR } from '../parts/colours.ts';
import { toBoard, UID } from '../parts/links.ts';
import { ALERT_PREFIX } from '../parts/panel-text.ts';
import { table } from '../parts/panels.ts';
import { ALERT_NAME_COLUMN, RUNBOOK_PLACE } from '../parts/runbook-link.ts';
import { asTable, type Column, coloured, columnOverrides, HIDDEN, mapped, unit } from '../parts/table-columns.ts';
import { column } from '../parts/targets.ts';

const LABELS = 'alertname, severity, environment_id, environment_name, connection, instance';
/** The trailing bar lets alerts through that concern no single environment. */
const MATCHERS =
  'job=~"$job", environment_id=~"$environment|", alertname=~"AnthropicWork.+", severity=~"critical|warning"';

/** When each firing alert's condition became true, in milliseconds; NaN where the rule engine does not record that. */
const since =
  `(1000 * max by (${LABELS}) (ALERTS_FOR_STATE{${MATCHERS}})` +
  ` and on (${LABELS}) max by (${LABELS}) (ALERTS{${MATCHERS}, alertstate="firing"}))` +
  ` or (max by (${LABELS}) (ALERTS{${MATCHERS}, alertstate="firing"}) * NaN)`;

/** `label`, set to `text` where `source` is not empty; a later one wins. */
const named = (expression: string, label: string, text: string, source: string) =>
  `label_replace(${expression}, "${label}", "${text}", "${source}", "(.+)")`;

/** Whose alert it is: the environment, else the connection, else the instance. */
const whose = named(
  named(named(since, 'whose', 'exporter $1', 'instance'), 'whose', 'connection $1', 'connection'),
  'whose',
  '$1',
  'environment_name',
);
/** What a link chooses: the environment, or all for an alert that concerns none in particular. */
const choice = named(
  `label_replace(${whose}, "choice", "All", "environment_id", "")`,
  'choice',
  '$1',
  'environment_id',
);
const expression = `label_replace(${choice}, "alert", "$1", "alertname", "${ALERT_PREFIX}(.+)")`;

const COLUMNS: readonly Column[] = [
  {
    field: 'severity',
    title: 'Severity',
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
  { field: 'whose', title: 'Whose', properties: [toBoard(UID.environment, 'Why: the environment', 'Id')] },
  { field: 'alert', title: 'Alert', properties: [RUNBOOK_PLACE] },
  { field: 'Value', title: 'Since', width: 135, properties: [unit('dateTimeFromNow')] },
  { field: 'choice', title: 'Id', properties: HIDDEN },
  { field: 'alertname', title: ALERT_NAME_COLUMN, properties: HIDDEN },
];

/** Firing alerts, critical ones first, from `ALERTS`: works with any Prometheus and follows the chosen environments. */
export function firingAlerts() {
  const panel = table('Firing alerts', {
    shows:
      'Critical and warning alerts that fire now for the chosen environments, and those that concern all of them. The owner opens its environment; the alert opens its runbook if `dashboards --runbook-base-url` was given.',
    normal: 'no row. If "Critical" says "no rules", the alert rules are not loaded and this table cannot fill.',
    unwatched: 'it shows the alerts themselves',
  })
    .unit('short')
    .noValue('no firing alert found')
    .sortBy([new common.TableSortByFieldStateBuilder().displayName('Severity')])
    .withTarget(column('A', expression));
  for (const transformation of asTable(COLUMNS, ['connection', 'instance', 'environment_id', 'environment_name']))
    panel.withTransformation(transformation);
  for (const override of columnOverrides(COLUMNS)) panel.withOverride(override);
  return panel;
}
