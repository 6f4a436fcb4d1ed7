import { during, type Line, step } from '../support/lines.ts';
import { alone, edges, fires, fleet, lostScrapes, type RuleCase, replicas, whenGone } from '../support/rule-case.ts';
import { environment, exporter, type ProcessLines } from '../support/series.ts';

const absent = fleet('ExporterAbsent', 'critical');
const watchdog = fleet('Watchdog', 'none');
const down = (instance: string, value: string) =>
  fleet('ExporterInstanceDown', 'warning', { value, with: { instance } });
const one = (alert: Parameters<typeof fleet>[0], value?: string) =>
  fleet(alert, 'warning', { with: { instance: 'a' }, ...(value === undefined ? {} : { value }) });

/** Everything an instance says ends, and its target is down, from one minute to another. */
const gone = (lines: ProcessLines, from: number, to: number, place: { instance: string; shard?: string }) =>
  lostScrapes(exporter(lines, place), [from, to]);

const presence: readonly RuleCase[] = [
  {
    name: 'ExporterAbsent: the only instance is down; the dead-man switch notices too',
    about: [],
    whole: true,
    watchdog: false,
    series: lostScrapes(alone({}), [20, 40]),
    checks: [
      [21.5, watchdog],
      [22],
      [24.5],
      [25, absent],
      [34.5, absent],
      [35, absent, down('a', '0%')],
      [39.5, absent, down('a', '0%')],
      [40, watchdog, down('a', '4.762%')],
      [44.5, watchdog, down('a', '47.62%')],
      [45, watchdog],
    ],
  },
  {
    name: 'ExporterAbsent: no target at all',
    about: ['Watchdog'],
    series: [],
    checks: [[4.5], [5, absent]],
  },
  {
    name: 'ExporterAbsent: one of two instances is enough',
    about: ['ExporterAbsent'],
    series: [...exporter({ up: 0 }), ...exporter({}, { instance: 'b' })],
    checks: [[30, watchdog, down('a', '0%')]],
  },
  {
    name: 'ExporterInstanceDown: half of ten minutes, for ten minutes',
    about: [],
    whole: true,
    series: [...exporter(), ...exporter({ up: during(20, 50, [1, 0]) }, { instance: 'b' })],
    checks: [[34.5], [35, down('b', '0%')], [54.5, down('b', '47.62%')], [55]],
  },
  {
    name: 'ExporterInstanceDown: every third scrape fails',
    about: ['ExporterInstanceDown'],
    series: exporter({ up: (minute) => ((minute * 2) % 3 === 0 ? 0 : 1) }),
    checks: [[30]],
  },
];

const missing = fleet('ExporterShardMissing', 'critical', { value: '1' });
const SHARD_1 = { instance: 'b', shard: '1' };

const shards: readonly RuleCase[] = [
  {
    name: 'ExporterShardMissing: one of two, until it is back',
    about: [],
    series: [...exporter({ shards: 2 }), ...gone({ shards: 2 }, 20, 40, SHARD_1)],
    checks: [[24.5], [25, missing], [44.5, missing], [45]],
  },
  {
    name: 'ExporterShardMissing: replicas of one shard are no substitute, and the newest number of shards counts',
    about: [],
    series: [
      ...exporter({ shards: 2 }),
      ...exporter({ shards: 1 }, { instance: 'c' }),
      ...exporter({ shards: 1 }, { instance: 'd' }),
    ],
    checks: [[2.5], [3, missing]],
  },
  {
    name: 'ExporterShardMissing: all there',
    about: ['ExporterShardMissing'],
    series: [...exporter({ shards: 2 }), ...exporter({ shards: 2 }, SHARD_1)],
    checks: [[30]],
  },
  {
    name: 'ExporterShardMissing: the number of shards is gone',
    about: [],
    series: exporter({ shards: step(30, 2, null) }),
    checks: [[36.5, missing], [37]],
  },
  {
    name: 'ExporterShardMissing: lost scrapes do not delay it',
    about: [],
    series: lostScrapes([...exporter({ shards: 2 }), ...gone({ shards: 2 }, 20, 40, SHARD_1)], [23, 24.5]),
    checks: [[24.5], [25, missing]],
  },
];

const restarts =
  (count: number): Line =>
  (minute) =>
    Math.max(1, Math.min(count, Math.floor((minute - 8) / 2)) + 1);
const reloadFailed = one('ExporterConfigReloadFailed');
const stateFile = one('StateFileFailing');

const processes: readonly RuleCase[] = [
  {
    name: 'ExporterRestarting: four restarts in half an hour',
    about: [],
    whole: true,
    series: exporter({ started: restarts(4) }),
    checks: edges([one('ExporterRestarting', '4')], { on: 21, off: 40 }),
  },
  {
    name: 'ExporterRestarting: three are a rollout',
    about: ['ExporterRestarting'],
    series: exporter({ started: restarts(3) }),
    checks: [[30]],
  },
  {
    name: 'ExporterConfigReloadFailed: ten minutes after five',
    about: [],
    whole: true,
    series: exporter({ reloaded: during(20, 50, [1, 0]) }),
    checks: edges([reloadFailed], { on: 35, off: 50 }),
  },
  {
    name: 'ExporterConfigReloadFailed: the instance is gone',
    about: [],
    series: exporter({ reloaded: (minute) => (minute < 40 ? 0 : null) }),
    checks: edges([reloadFailed], { on: 10, off: 45 }),
  },
  {
    name: 'ExporterConfigReloadFailed: one good load in five minutes',
    about: ['ExporterConfigReloadFailed'],
    series: exporter({ reloaded: (minute) => (minute % 5 === 0 ? 1 : 0) }),
    checks: [[40]],
  },
  {
    name: 'StateFileFailing: ten minutes after five',
    about: [],
    whole: true,
    series: exporter({ stateFile: during(20, 50, [1, 0]) }),
    checks: edges([stateFile], { on: 35, off: 50 }),
  },
  {
    name: 'StateFileFailing: the instance is gone',
    about: [],
    series: exporter({ stateFile: (minute) => (minute < 40 ? 0 : null) }),
    checks: edges([stateFile], { on: 10, off: 45 }),
  },
  {
    name: 'StateFileFailing: no state file is configured',
    about: ['StateFileFailing'],
    series: exporter(),
    checks: [[40]],
  },
];

const configs = fleet('ConfigDisagrees', 'warning');
const disagree = (value: string) => fires('ThresholdsDisagree', 'warning', { value });
const missingThresholds = fires('ThresholdsMissing', 'warning');

const agreement: readonly RuleCase[] = [
  {
    name: 'ConfigDisagrees: a quarter of an hour of two configurations',
    about: [],
    whole: true,
    series: [...exporter(), ...exporter({ hash: during(10, 40, [7, 8]) }, { instance: 'b' })],
    checks: edges([configs], { on: 25, off: 40 }),
  },
  ...[6, 8].map(
    (hash): RuleCase => ({
      name: `ConfigDisagrees: the instance with ${hash} is gone`,
      about: [],
      series: [...exporter(), ...exporter({ hash: step(30, hash, null) }, { instance: 'b' })],
      checks: [[31.5, configs], [32]],
    }),
  ),
  {
    name: 'ThresholdsMissing: no critical queue-age threshold',
    about: [],
    whole: true,
    series: alone({ ageCritical: null }),
    checks: [[9.5], [10, missingThresholds]],
  },
  {
    name: 'ThresholdsMissing: +Inf is a threshold',
    about: ['ThresholdsMissing'],
    series: alone({ ageCritical: Infinity }),
    checks: [[30]],
  },
  {
    name: 'ThresholdsMissing: the threshold is gone',
    about: [],
    series: alone({ ageCritical: step(20, 900, null) }),
    checks: [[31.5], [32, missingThresholds]],
  },
  ...whenGone({
    alert: 'ThresholdsMissing',
    lines: { ageCritical: null },
    at: 30,
    gone: { info: [31.5, [missingThresholds]] },
  }),
  {
    name: 'ThresholdsDisagree: a quarter of an hour of two thresholds',
    about: [],
    series: [
      ...replicas({}, { ageWarning: during(10, 40, [300, 400]) }),
      ...environment({ ageWarning: 77 }, { id: 'twin' }),
    ],
    whole: true,
    checks: edges([disagree('1')], { on: 25, off: 40 }),
  },
  {
    name: 'ThresholdsDisagree: about both severities, which is still one alert',
    about: [],
    series: replicas({}, { ageWarning: 400, ageCritical: 1000 }),
    checks: [[15, disagree('2')]],
  },
  ...[200, 400].map(
    (seconds): RuleCase => ({
      name: `ThresholdsDisagree: the replica with ${seconds} s is gone`,
      about: [],
      series: replicas({}, { ageWarning: step(30, seconds, null) }),
      checks: [[31.5, disagree('1')], [32]],
    }),
  ),
];

export const EXPORTER_CASES = [...presence, ...shards, ...processes, ...agreement];
