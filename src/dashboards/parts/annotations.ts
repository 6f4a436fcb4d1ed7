import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertsOf, ofExporterProcess, ofJob } from '../expressions/promql.ts';
import { COLOUR, MARK } from './colours.ts';
import { DATA_SOURCE } from './targets.ts';

/** What is marked on the charts of a board by default, besides reloads, restarts and drills. */
export type Marks = 'alerts' | 'no alerts';

const annotation = (name: string, expr: string, colour: string) =>
  new AnnotationQueryBuilder().name(name).datasource(DATA_SOURCE).expr(expr).iconColor(colour).hide(false).step('60s');

const firing = (severity: string) =>
  `max by (alertname) (${alertsOf(`alertstate="firing", severity="${severity}"`, true)})`;

const alerts = (marks: Marks) => [
  annotation('Critical alerts', firing('critical'), COLOUR.critical)
    .enable(marks === 'alerts')
    .titleFormat('{{alertname}}'),
  annotation('Warning alerts', firing('warning'), COLOUR.warning).enable(false).titleFormat('{{alertname}}'),
];

/** Moments given by the value of a series. */
const moment = (name: string, expr: string, colour: string, title: string) =>
  annotation(name, expr, colour).enable(true).titleFormat(title).textFormat('{{instance}}').useValueForTime(true);

const starts = () =>
  moment(
    'Restarts',
    `${ofExporterProcess('process_start_time_seconds')} * 1000 * on (job, instance) group_left (version) ${ofJob('anthropic_work_exporter_build_info')}`,
    MARK.restart,
    'exporter {{version}} started',
  );

const loads = () =>
  moment(
    'Reloads',
    `${ofJob('anthropic_work_exporter_config_last_reload_success_timestamp_seconds')} * 1000`,
    MARK.reload,
    'configuration loaded',
  );

/** A drill is an environment that does not exist, with a condition that holds. */
const drills = () =>
  annotation(
    'Drills',
    `max by (environment_name) (${ofJob('anthropic_work_condition', 'environment_id=~"env_drill_.+"')}) == 1`,
    MARK.drill,
  )
    .enable(true)
    .titleFormat('{{environment_name}}');

export const annotations = (marks: Marks) => [...alerts(marks), starts(), loads(), drills()];
