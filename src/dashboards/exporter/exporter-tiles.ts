import { BigValueColorMode, BigValueTextMode, VizOrientation } from '@grafana/grafana-foundation-sdk/common';
import { E, exporterOnly, ofEnvironment, ofExporterProcess, ofJob } from '../expressions/promql.ts';
import { watched } from '../expressions/queue-expressions.ts';
import { lostShards, shardInfo } from '../expressions/shards.ts';
import { whereNoneIsShown } from '../panels/partial.ts';
import { invisibleEnvironments } from '../panels/queue-tiles.ts';
import { stepped } from '../panels/tables.ts';
import { stat, trendStat } from '../panels/tiles.ts';
import { COLOUR, steps, texts, whenAbsent } from '../parts/colours.ts';
import type { BoardRow } from '../parts/layout.ts';
import { panelLink, UID } from '../parts/links.ts';
import { now, trend } from '../parts/targets.ts';

/** Panels that tiles link to. */
export const PANEL = { reads: 10, processes: 11, discovery: 33 } as const;
const toReads = panelLink(UID.exporter, 'The reads', PANEL.reads);
const toProcesses = panelLink(UID.exporter, 'The processes', PANEL.processes);
const toDiscovery = panelLink(UID.exporter, 'Discovery', PANEL.discovery);

const scraped = exporterOnly(ofExporterProcess('up'));

const processesDown = () =>
  trendStat(
    'Down',
    {
      shows: 'Exporter processes that Prometheus cannot scrape, among those seen in the last day.',
      normal: '0.',
      alerts: ['ExporterAbsent', 'ExporterInstanceDown'],
    },
    toProcesses,
    'no exporter',
  )
    .thresholds(steps(COLOUR.good, [1, COLOUR.critical]))
    .unit('short')
    .withTarget(trend('A', `count((${scraped}) == 0) or on () (0 * count(${scraped}))`, 'down'));

const shardsMissing = () =>
  trendStat(
    'Lost shards',
    {
      shows:
        'Shards that no process answers for. The environments of a missing shard have no series: they look as if they did not exist.',
      normal: '0, also where the environments are not divided into shards.',
      alerts: ['ExporterShardMissing', 'ExporterAbsent'],
    },
    toProcesses,
    'no exporter',
  )
    .thresholds(steps(COLOUR.good, [1, COLOUR.unknown]))
    .unit('short')
    .withTarget(trend('A', lostShards, 'shards'));

/** Each shard counts the environments that it dropped; replicas of a shard count the same ones. */
const watchedEnvironments = () =>
  trendStat(
    'Watched',
    {
      shows:
        'Environments that are watched, replicas counted once, and those dropped: discovered, but beyond the limit, so that they have no series and no alerts.',
      normal: 'your fleet, and 0 dropped.',
      alerts: ['CoverageReduced'],
    },
    toDiscovery,
    'no exporter',
  )
    .thresholds(steps(COLOUR.quiet))
    .colorMode(BigValueColorMode.Value)
    .textMode(BigValueTextMode.ValueAndName)
    .orientation(VizOrientation.Vertical)
    .unit('short')
    .overrideByQuery('dropped', [stepped(COLOUR.quiet, [1, COLOUR.warning])])
    .withTarget(trend('A', `count(${watched}) or on () (0 * count(${shardInfo}))`, 'watched'))
    .withTarget(
      trend(
        'dropped',
        `sum(max by (job, shard) (${ofJob('anthropic_work_exporter_environments', 'status="dropped"')} * on (job, instance) group_left (shard) ${shardInfo}))`,
        'dropped',
      ),
    );

const listsFailing = () =>
  whereNoneIsShown(
    trendStat(
      'List errors',
      {
        shows:
          'Environments whose item list should be read and cannot be: no heartbeats, no stuck items, no saturation. Those without a key for their list are not counted.',
        normal: '0.',
        alerts: ['CoverageReduced'],
      },
      toReads,
    )
      .thresholds(steps(COLOUR.good, [1, COLOUR.warning]))
      .unit('short')
      .withTarget(
        trend(
          'A',
          `count(max by (${E}) (${ofEnvironment('anthropic_work_up', 'operation="list"')}) == 0)` +
            ` or on () (0 * count(${ofEnvironment('anthropic_work_list_attempted')}))`,
          'environments',
        ),
      ),
  );

const configuration = () =>
  stat(
    'Config',
    {
      shows: 'Whether every process runs the configuration it was last given, and all the same one.',
      normal: '"current".',
      alerts: ['ExporterConfigReloadFailed', 'ConfigDisagrees'],
    },
    toProcesses,
  )
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

export const exporterTiles = (): BoardRow => ({
  height: 4,
  panels: [
    { id: 3, width: 4, panel: invisibleEnvironments() },
    { id: 4, width: 4, panel: listsFailing() },
    { id: 1, width: 3, panel: processesDown() },
    { id: 2, width: 5, panel: shardsMissing() },
    { id: 6, width: 4, panel: watchedEnvironments() },
    { id: 7, width: 4, panel: configuration() },
  ],
});
