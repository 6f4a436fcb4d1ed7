import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { type BoardRow, layOut, plain } from './layout.ts';
import { ofJob } from './promql.ts';
import { DATA_SOURCE } from './targets.ts';

/** The boards find each other by this tag. */
export const TAG = 'anthropic-work-exporter';

export interface BoardText {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** How far back the board looks at first. */
  readonly from: string;
  readonly rows: readonly BoardRow[];
  /** What is marked on the charts without being asked for. */
  readonly marks: 'alerts' | 'restarts' | 'nothing';
}

const ALL = { text: ['All'], value: ['$__all'] };

const queryVariable = (name: string, label: string) =>
  new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATA_SOURCE)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalCaseInsensitiveAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current(ALL);

/** People choose an environment by its name; queries and links use its id. */
const BY_NAME = '/(?=.*environment_name="(?<text>[^"]+)")(?=.*environment_id="(?<value>[^"]+)")/';

const firing = (severity: string) =>
  `max by (alertname) (ALERTS{job=~"$job", environment_id=~"$environment|", alertname=~"AnthropicWork.+", ` +
  `alertstate="firing", severity="${severity}"})`;

const annotation = (name: string, expr: string, colour: string) =>
  new AnnotationQueryBuilder().name(name).datasource(DATA_SOURCE).expr(expr).iconColor(colour).hide(false).step('60s');

/** A dashboard with what all four share: variables, links, annotations, a stable uid, and no way to edit it in place. */
export function board({ uid, title, description, from, rows, marks }: BoardText): Dashboard {
  const built = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from, to: 'now' })
    .refresh('1m')
    .timezone('utc')
    .withVariable(
      new DatasourceVariableBuilder('datasource')
        .label('Data source')
        .type('prometheus')
        .current({ text: 'default', value: 'default' }),
    )
    .withVariable(queryVariable('job', 'Job').query('label_values(anthropic_work_exporter_build_info, job)'))
    .withVariable(
      queryVariable('environment', 'Environment')
        .query(
          `query_result(group by (environment_id, environment_name) (last_over_time(${ofJob('anthropic_work_environment_info')}[$__range])))`,
        )
        .regex(BY_NAME),
    )
    .annotation(
      annotation('Critical alerts', firing('critical'), 'red')
        .enable(marks === 'alerts')
        .titleFormat('{{alertname}}'),
    )
    .annotation(annotation('Warning alerts', firing('warning'), 'orange').enable(false).titleFormat('{{alertname}}'))
    .annotation(
      annotation(
        'Exporter starts',
        `${'process_start_time_seconds{job=~"$job"}'} * 1000 * on (job, instance) group_left (version) ${ofJob('anthropic_work_exporter_build_info')}`,
        'blue',
      )
        .enable(marks === 'restarts')
        .titleFormat('exporter {{version}} started')
        .textFormat('{{instance}}')
        .useValueForTime(true),
    )
    .annotation(
      annotation(
        'Configuration loads',
        `${ofJob('anthropic_work_exporter_config_last_reload_success_timestamp_seconds')} * 1000`,
        'purple',
      )
        .enable(marks === 'restarts')
        .titleFormat('configuration loaded')
        .textFormat('{{instance}}')
        .useValueForTime(true),
    )
    .link(
      new DashboardLinkBuilder('Work queues')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
    .build();
  return finish({ ...built, panels: layOut(rows) });
}

/** The SDK puts links and annotations into a menu where newer Grafanas hide them, and hands out its live object. */
function finish(dashboard: Dashboard): Dashboard {
  const copy = plain(dashboard);
  for (const shown of [...(copy.links ?? []), ...(copy.annotations?.list ?? [])]) delete shown.placement;
  return copy;
}
