import { exporterOnly, ofEnvironment, ofExporterProcess, ofJob } from '../expressions/promql.ts';
import { CENTRED, coloured, mapped, unit } from '../panels/tables.ts';
import { COLOUR, texts } from '../parts/colours.ts';
import { exporterTable, GOOD_BAD } from './exporter-table.ts';

/** One row per process. */
export function instancesTable() {
  const process = (expression: string) => `max by (job, instance) (${exporterOnly(expression)})`;
  const hash = ofJob('anthropic_work_exporter_config_hash');
  return exporterTable(
    'Exporter processes',
    {
      shows:
        'Per process: whether Prometheus reaches it, its version, its shard, when it started, whether its last reload worked and whether the processes of its job run the same configuration.',
      normal: 'all up; one version; the same configuration everywhere.',
      alerts: ['ExporterInstanceDown', 'ExporterShardMissing', 'ExporterConfigReloadFailed', 'ConfigDisagrees'],
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
      { field: 'Value #start', title: 'Started', width: 120, properties: [unit('dateTimeFromNow')] },
      { field: 'shard', title: 'Shard', width: 70 },
      { field: 'version', title: 'Version', width: 80 },
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
  return exporterTable(
    'Credentials',
    {
      shows:
        'Per credential: the environment whose key it is, whether the API accepted it when it was last used, and when it expires as configured.',
      normal: 'all ok. A refused key shows here even where another one took over.',
      alerts: ['ApiKeyRefused', 'KeyExpiring', 'KeyRefused'],
    },
    [
      { field: 'environment_name', title: 'Environment', width: 140 },
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
      { field: 'connection', title: 'Connection', width: 110 },
      { field: 'credential', title: 'Credential' },
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
