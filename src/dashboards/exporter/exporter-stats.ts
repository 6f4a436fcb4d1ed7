import { BigValueColorMode } from '@grafana/grafana-foundation-sdk/common';
import { COLOUR, steps, texts, whenAbsent } from '../parts/colours.ts';
import type { BoardRow } from '../parts/layout.ts';
import { stat } from '../parts/panels.ts';
import { E, exporterOnly, ofEnvironment, ofExporterProcess, ofJob } from '../parts/promql.ts';
import { blindEnvironments } from '../parts/queue-stats.ts';
import { now } from '../parts/targets.ts';

const scraped = exporterOnly(ofExporterProcess('up'));

const processesDown = () =>
  stat(
    'Processes down',
    {
      shows: 'Exporter processes that Prometheus cannot scrape, among those seen in the last day.',
      normal: '0.',
      alerts: ['ExporterAbsent', 'ExporterInstanceDown'],
    },
    'no exporter',
  )
    .thresholds(steps(COLOUR.good, [1, COLOUR.critical]))
    .unit('short')
    .withTarget(now('A', `count((${scraped}) == 0) or on () (0 * count(${scraped}))`, 'down'));

const watchedEnvironments = () =>
  stat('Watched', {
    shows: 'Environments that are watched, replicas counted once.',
    normal: 'your fleet.',
    alerts: ['CoverageReduced'],
  })
    .thresholds(steps(COLOUR.quiet))
    .colorMode(BigValueColorMode.Value)
    .unit('short')
    .withTarget(
      now('A', `count(group by (${E}) (${ofEnvironment('anthropic_work_environment_info')}))`, 'environments'),
    );

const dropped = () =>
  stat('Not watched', {
    shows: 'Environments that were discovered but do not fit the limit: they have no series and no alerts.',
    normal: '0.',
    alerts: ['CoverageReduced'],
  })
    .thresholds(steps(COLOUR.good, [1, COLOUR.critical]))
    .unit('short')
    .withTarget(
      now('A', `sum(max by (job) (${ofJob('anthropic_work_exporter_environments', 'status="dropped"')}))`, 'dropped'),
    );

const listsFailing = () =>
  stat('Lists failing', {
    shows:
      'Environments whose item list should be read and cannot be: no heartbeats, no stuck items, no saturation. Those without a key for their list are not counted.',
    normal: '0.',
    alerts: ['ListNotConfigured', 'ItemsNotVisible'],
  })
    .thresholds(steps(COLOUR.good, [1, COLOUR.warning]))
    .unit('short')
    .withTarget(
      now(
        'A',
        `count(max by (${E}) (${ofEnvironment('anthropic_work_up', 'operation="list"')}) == 0)` +
          ` or on () (0 * count(${ofEnvironment('anthropic_work_list_attempted')}))`,
        'environments',
      ),
    );

const configuration = () =>
  stat('Configuration', {
    shows: 'Whether every process runs the configuration it was last given, and all the same one.',
    normal: '"current".',
    alerts: ['ExporterConfigReloadFailed', 'ConfigDisagrees'],
  })
    .mappings([
      texts({ 0: ['reload failed', COLOUR.critical], 1: ['current', COLOUR.good], 2: ['differs', COLOUR.warning] }),
      whenAbsent('no exporter'),
    ])
    .unit('short')
    .withTarget(
      now(
        'A',
        `(min(${ofJob('anthropic_work_exporter_config_last_reload_successful')}) == 0)` +
          ` or (0 * count(max by (job) (${ofJob('anthropic_work_exporter_config_hash')}) != on (job) min by (job) (${ofJob('anthropic_work_exporter_config_hash')})) + 2)` +
          ` or min(${ofJob('anthropic_work_exporter_config_last_reload_successful')})`,
        'configuration',
      ),
    );

export const exporterStats = (): BoardRow => ({
  height: 4,
  panels: [
    { id: 3, width: 4, panel: blindEnvironments() },
    { id: 4, width: 4, panel: listsFailing() },
    { id: 1, width: 4, panel: processesDown() },
    { id: 5, width: 4, panel: dropped() },
    { id: 6, width: 4, panel: watchedEnvironments() },
    { id: 7, width: 4, panel: configuration() },
  ],
});
