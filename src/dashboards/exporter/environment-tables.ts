import { sinceStamp } from '../expressions/ages.ts';
import { E, ofEnvironment } from '../expressions/promql.ts';
import { CENTRED, type Column, coloured, decimals, HIDDEN, mapped, stepped, unit } from '../panels/tables.ts';
import { COLOUR } from '../parts/colours.ts';
import { toBoard, UID } from '../parts/links.ts';
import { exporterTable, GOOD_BAD } from './exporter-table.ts';

const READ = `${E}, operation`;
/** Sessions are read only when there is time: these reads have failures but no interval, so they get no row. */
const SCHEDULED = 'operation=~"stats|list"';
/** Only what is read now: an environment that is gone may have failures in the time range, but gets no row. */
const ofReads = (expression: string) => `(${expression}) and on (${READ}) ${latest('anthropic_work_up')}`;
const latest = (series: Parameters<typeof ofEnvironment>[0]) => `max by (${READ}) (${ofEnvironment(series)})`;
const environmentLink = toBoard(UID.environment, 'The environment');

/** One row per environment and operation, failing ones first. */
export function readsTable() {
  return exporterTable(
    'Reads, failing ones first',
    {
      shows:
        'Per environment and operation: whether the last read succeeded on any replica, seconds since the last good one, the interval now and as configured, how long the last read took, until when reads are held back, and failures in the time range with the most frequent reason.',
      normal: 'all ok, the age about the interval, nothing held back.',
      alerts: ['NotReadable', 'CoverageReduced', 'ApiUnreachable'],
    },
    [
      { field: 'environment_name', title: 'Environment', properties: [environmentLink] },
      { field: 'operation', title: 'Read', width: 70 },
      {
        field: 'Value #up',
        title: 'Last read',
        width: 105,
        properties: [mapped(GOOD_BAD), coloured('color-background'), CENTRED],
      },
      { field: 'Value #age', title: 'Good read', width: 115, properties: [unit('s')] },
      { field: 'Value #interval', title: 'Interval', width: 80, properties: [unit('s')] },
      { field: 'Value #configured', title: 'Configured', width: 95, properties: [unit('s')] },
      { field: 'Value #duration', title: 'Took', width: 80, properties: [unit('s')] },
      { field: 'Value #backoff', title: 'Held until', width: 110, properties: [unit('dateTimeFromNow')] },
      {
        field: 'Value #failures',
        title: 'Failures',
        width: 85,
        properties: [decimals(0), coloured('color-text'), stepped(COLOUR.quiet, [1, COLOUR.warning])],
      },
      { field: 'reason', title: 'Reason', width: 130 },
      { field: 'environment_id', title: 'Id', properties: HIDDEN },
    ],
    [
      ['up', latest('anthropic_work_up')],
      ['age', sinceStamp('anthropic_work_last_success_timestamp_seconds', '', 'operation')],
      ['interval', latest('anthropic_work_poll_interval_seconds')],
      ['configured', latest('anthropic_work_poll_interval_configured_seconds')],
      ['duration', latest('anthropic_work_last_poll_duration_seconds')],
      ['backoff', `1000 * ${latest('anthropic_work_backoff_until_timestamp_seconds')}`],
      [
        'failures',
        ofReads(
          `max by (${READ}) (sum by (${READ}, job, instance) (increase(${ofEnvironment('anthropic_work_api_request_failures_total', SCHEDULED)}[$__range])))`,
        ),
      ],
      [
        'reason',
        ofReads(
          `topk by (${READ}) (1, max by (${READ}, reason) (increase(${ofEnvironment('anthropic_work_api_request_failures_total', SCHEDULED)}[$__range])) > 0)`,
        ),
      ],
    ],
    ['Last read', '-Good read'],
  );
}

/** One row per environment: the numbers alerts compare with. */
export function thresholdsTable() {
  const limit = (series: Parameters<typeof ofEnvironment>[0], severity: string) =>
    `min by (${E}) (${ofEnvironment(series, `severity="${severity}"`)})`;
  const seconds = (field: string, title: string): Column => ({ field, title, width: 120, properties: [unit('s')] });
  return exporterTable(
    'Thresholds in force',
    {
      shows: 'The numbers that alerts compare with, per environment; infinity switches a comparison off.',
      normal: 'every environment has a row and no dash: an environment without thresholds cannot page.',
      alerts: ['ConfigDisagrees'],
    },
    [
      { field: 'environment_name', title: 'Environment', properties: [environmentLink] },
      seconds('Value #ageW', 'Age, warning'),
      seconds('Value #ageC', 'Age, critical'),
      { field: 'Value #depthW', title: 'Depth, warning', width: 130 },
      { field: 'Value #depthC', title: 'Depth, critical', width: 130 },
      { field: 'Value #staleW', title: 'Stale, warning', width: 125 },
      { field: 'Value #staleC', title: 'Stale, critical', width: 125 },
      seconds('Value #stale', 'Stale from'),
      { field: 'Value #workers', title: 'Min. workers', width: 115 },
      { field: 'environment_id', title: 'Id', width: 300 },
    ],
    [
      ['ageW', limit('anthropic_work_threshold_queue_age_seconds', 'warning')],
      ['ageC', limit('anthropic_work_threshold_queue_age_seconds', 'critical')],
      ['depthW', limit('anthropic_work_threshold_queue_depth', 'warning')],
      ['depthC', limit('anthropic_work_threshold_queue_depth', 'critical')],
      ['staleW', limit('anthropic_work_threshold_stale_heartbeat_items', 'warning')],
      ['staleC', limit('anthropic_work_threshold_stale_heartbeat_items', 'critical')],
      ['stale', `min by (${E}) (${ofEnvironment('anthropic_work_threshold_stale_heartbeat_seconds')})`],
      ['workers', `max by (${E}) (${ofEnvironment('anthropic_work_threshold_min_workers')})`],
    ],
    ['Environment'],
  );
}
