import * as common from '@grafana/grafana-foundation-sdk/common';
import { sinceStamp } from '../parts/ages.ts';
import { COLOUR, texts } from '../parts/colours.ts';
import { toBoard, UID } from '../parts/links.ts';
import { table } from '../parts/panels.ts';
import { E, exporterOnly, ofEnvironment, ofExporterProcess, ofJob } from '../parts/promql.ts';
import {
  asTable,
  CENTRED,
  type Column,
  coloured,
  columnOverrides,
  decimals,
  HIDDEN,
  mapped,
  stepped,
  unit,
} from '../parts/table-columns.ts';
import { column } from '../parts/targets.ts';

type TableText = Parameters<typeof table>[1];
type Targets = readonly (readonly [refId: string, expr: string])[];

function build(
  title: string,
  text: TableText,
  columns: readonly Column[],
  targets: Targets,
  sortBy: readonly string[],
) {
  const panel = table(title, text)
    .unit('short')
    .noValue('–')
    .sortBy(
      sortBy.map((name) =>
        new common.TableSortByFieldStateBuilder().displayName(name.replace('-', '')).desc(name.startsWith('-')),
      ),
    );
  for (const [refId, expr] of targets) panel.withTarget(column(refId, expr));
  for (const transformation of asTable(columns, [
    'job',
    'Value #build',
    'Value #shard',
    'Value #reason',
    'Value #name',
  ]))
    panel.withTransformation(transformation);
  for (const override of columnOverrides(columns)) panel.withOverride(override);
  return panel;
}

const READ = `${E}, operation`;
const latest = (series: Parameters<typeof ofEnvironment>[0]) => `max by (${READ}) (${ofEnvironment(series)})`;
const GOOD_BAD = texts({ 0: ['failing', COLOUR.critical], 1: ['ok', COLOUR.good] });
const environmentLink = toBoard(UID.environment, 'The environment', 'Id');

/** One row per environment and operation, failing ones first. */
export function readsTable() {
  return build(
    'Reads, failing ones first',
    {
      shows:
        'Per environment and operation: whether the last read succeeded on any replica, seconds since the last good one, the interval now and as configured, how long the last read took, until when reads are held back, and failures in the time range with the most frequent reason.',
      normal: 'all ok, the age about the interval, nothing held back.',
      alerts: ['EnvironmentNotVisible', 'ItemsNotVisible', 'ApiUnreachable', 'CoverageReduced'],
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
      { field: 'Value #duration', title: 'Took', width: 80, properties: [unit('s'), decimals(2)] },
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
        `max by (${READ}) (sum by (${READ}, job, instance) (increase(${ofEnvironment('anthropic_work_api_request_failures_total')}[$__range])))`,
      ],
      [
        'reason',
        `topk by (${READ}) (1, max by (${READ}, reason) (increase(${ofEnvironment('anthropic_work_api_request_failures_total')}[$__range])) > 0)`,
      ],
    ],
    ['Last read', '-Good read'],
  );
}

/** One row per process. */
export function instancesTable() {
  const process = (expression: string) => `max by (job, instance) (${exporterOnly(expression)})`;
  const hash = ofJob('anthropic_work_exporter_config_hash');
  return build(
    'Exporter processes',
    {
      shows:
        'Per process: whether Prometheus reaches it, its version, its shard, when it started, whether its last reload worked and whether the processes of its job run the same configuration.',
      normal: 'all up; one version; the same configuration everywhere.',
      alerts: [
        'ExporterInstanceDown',
        'ExporterShardMissing',
        'ExporterRestarting',
        'ExporterConfigReloadFailed',
        'ConfigDisagrees',
      ],
    },
    [
      { field: 'instance', title: 'Process' },
      {
        field: 'Value #up',
        title: 'Scraped',
        width: 95,
        properties: [
          mapped(texts({ 0: ['down', COLOUR.critical], 1: ['up', COLOUR.good] })),
          coloured('color-background'),
          CENTRED,
        ],
      },
      { field: 'version', title: 'Version', width: 80 },
      { field: 'shard', title: 'Shard', width: 70 },
      { field: 'Value #start', title: 'Started', width: 120, properties: [unit('dateTimeFromNow')] },
      {
        field: 'Value #reload',
        title: 'Reload',
        width: 80,
        properties: [mapped(GOOD_BAD), coloured('color-text')],
      },
      {
        field: 'Value #same',
        title: 'Configuration',
        width: 120,
        properties: [
          mapped(texts({ 0: ['differs', COLOUR.warning], 1: ['same', COLOUR.good] })),
          coloured('color-text'),
          CENTRED,
        ],
      },
    ],
    [
      ['up', process(ofExporterProcess('up'))],
      ['build', `max by (job, instance, version) (${ofJob('anthropic_work_exporter_build_info')})`],
      ['shard', `max by (job, instance, shard) (${ofJob('anthropic_work_exporter_shard_info')})`],
      ['start', `1000 * ${process(ofExporterProcess('process_start_time_seconds'))}`],
      ['reload', `max by (job, instance) (${ofJob('anthropic_work_exporter_config_last_reload_successful')})`],
      [
        'same',
        // Zero times the hash gives each process its row; a job has one answer for all its processes.
        `0 * max by (job, instance) (${hash}) + on (job) group_left () (min by (job) (${hash}) == bool max by (job) (${hash}))`,
      ],
    ],
    ['Scraped', 'Process'],
  );
}

/** One row per credential. */
export function credentialsTable() {
  const KEY = 'connection, credential';
  return build(
    'Credentials',
    {
      shows:
        'Per credential: the environment whose key it is, whether the API accepted it when it was last used, and when it expires as configured.',
      normal: 'all ok. A refused key shows here even where another one took over.',
      alerts: ['CredentialRejected', 'CredentialExpiring', 'ApiAuthFailing'],
    },
    [
      { field: 'connection', title: 'Connection', width: 110 },
      { field: 'environment_name', title: 'Environment', width: 140 },
      { field: 'credential', title: 'Credential' },
      {
        field: 'Value #rejected',
        title: 'State',
        width: 90,
        properties: [
          mapped(texts({ 0: ['ok', COLOUR.good], 1: ['refused', COLOUR.critical] })),
          coloured('color-background'),
          CENTRED,
        ],
      },
      { field: 'Value #expiry', title: 'Expires', width: 130, properties: [unit('dateTimeFromNow')] },
    ],
    [
      ['rejected', `max by (${KEY}) (${ofJob('anthropic_work_credential_rejected')})`],
      [
        'name',
        `max by (${KEY}, environment_name) (label_replace(${ofEnvironment('anthropic_work_environment_info')}, "credential", "$1", "environment_id", "(.+)"))` +
          ` and on (${KEY}) ${ofJob('anthropic_work_credential_rejected')}`,
      ],
      ['expiry', `1000 * min by (${KEY}) (${ofJob('anthropic_work_credential_expiry_timestamp_seconds')})`],
    ],
    ['-State', 'Expires'],
  );
}

/** One row per environment: the numbers alerts compare with. */
export function thresholdsTable() {
  const limit = (series: Parameters<typeof ofEnvironment>[0], severity: string) =>
    `min by (${E}) (${ofEnvironment(series, `severity="${severity}"`)})`;
  const seconds = (field: string, title: string): Column => ({ field, title, width: 120, properties: [unit('s')] });
  return build(
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
