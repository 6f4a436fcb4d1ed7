import { during, type Line, step, valueAt } from '../support/lines.ts';
import { alone, edges, fleet, lostScrapes, type RuleCase } from '../support/rule-case.ts';
import { exporter } from '../support/series.ts';

const absent = fleet('ExporterAbsent', 'critical');
const watchdog = fleet('Watchdog', 'none');
const down = (instance: string) => fleet('ExporterInstanceDown', 'warning', { with: { instance } });
const one = (alert: Parameters<typeof fleet>[0]) => fleet(alert, 'warning', { with: { instance: 'a' } });

const presence: readonly RuleCase[] = [
  {
    name: 'ExporterAbsent: the only instance is down',
    about: [],
    whole: true,
    series: lostScrapes(alone({}), [20, 40]),
    checks: [[24.5], [25, absent], [44.5, absent], [45]],
  },
  {
    name: 'ExporterAbsent: no target at all',
    about: ['Watchdog'],
    series: [],
    checks: [
      [4.5, watchdog],
      [5, watchdog, absent],
    ],
  },
  {
    name: 'ExporterAbsent: the time of the exporter stands still',
    about: [],
    series: exporter({ time: (minute) => Math.min(minute, 20) * 60 }),
    checks: [[29.5], [30.5, absent]],
  },
  {
    name: 'ExporterAbsent: the time of one of two instances stands still',
    about: ['ExporterAbsent'],
    series: [...exporter({ time: 600 }), ...exporter({}, { instance: 'b' })],
    checks: [[30]],
  },
  {
    name: 'ExporterAbsent: until one of two instances has been up for half of ten minutes, and a lost scrape does not begin it anew',
    about: ['ExporterAbsent'],
    series: [
      ...exporter({ up: (minute) => ((minute >= 20 && minute < 26) || minute === 28.5 ? 0 : 1) }),
      ...exporter({ up: 0 }, { instance: 'b' }),
    ],
    checks: [[24.5], [25, absent], [31, absent], [31.5]],
  },
  {
    name: 'ExporterAbsent: it crashes every three minutes, and then no more',
    about: ['ExporterAbsent'],
    series: exporter({
      up: (minute) => ((minute >= 20 && minute < 30) || (minute >= 30 && minute < 45 && minute % 3 >= 1.5) ? 0 : 1),
    }),
    checks: [[25, absent], [40, absent], [47, absent], [47.5]],
  },
  {
    name: 'ExporterAbsent: one of two instances is enough',
    about: ['ExporterAbsent'],
    series: [...exporter({ up: 0 }), ...exporter({}, { instance: 'b' })],
    checks: [[30, watchdog, down('a')]],
  },
  {
    name: 'ExporterInstanceDown: half of ten minutes, for ten minutes',
    about: [],
    whole: true,
    series: [...exporter(), ...exporter({ up: during(20, 50, [1, 0]) }, { instance: 'b' })],
    checks: [[34.5], [35, down('b')], [54.5, down('b')], [55]],
  },
  {
    name: 'ExporterInstanceDown: every third scrape fails',
    about: ['ExporterInstanceDown'],
    series: exporter({ up: (minute) => ((minute * 2) % 3 === 0 ? 0 : 1) }),
    checks: [[30]],
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
    checks: edges([one('ExporterRestarting')], { on: 21, off: 40 }),
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

const POD = { namespace: 'monitoring', pod: 'exporter-0' } as const;
/** The series of a target in Kubernetes, of which alerts keep where to look and nothing else. */
const inPod = (lines: Parameters<typeof exporter>[0], cluster = 'c') =>
  exporter(lines).map((one) => ({ ...one, labels: { ...one.labels, ...POD, cluster, container: 'exporter' } }));
const ofPod = (alert: Parameters<typeof fleet>[0]) => fleet(alert, 'warning', { with: { instance: 'a', ...POD } });
const restarting = ofPod('ExporterRestarting');
const unwell = [ofPod('ExporterInstanceDown'), ofPod('ExporterConfigReloadFailed'), ofPod('StateFileFailing')];

/** Each alert about one process, in a pod and beside a process elsewhere that is well. */
const pods: readonly RuleCase[] = [
  {
    name: 'a pod with all that can be wrong with a process, until it is well under another label of its target',
    about: ['ExporterInstanceDown', 'ExporterRestarting', 'ExporterConfigReloadFailed', 'StateFileFailing'],
    series: [
      ...inPod({ up: 0, started: restarts(4), reloaded: 0, stateFile: 0 }).map((one) => ({
        ...one,
        line: (minute: number) => (minute < 26 ? valueAt(one.line, minute) : null),
      })),
      ...inPod({ started: 9, stateFile: 1 }, 'd').map((one) => ({
        ...one,
        line: (minute: number) => (minute < 26 ? null : valueAt(one.line, minute)),
      })),
      ...exporter({}, { instance: 'b' }),
    ],
    checks: [
      [25.5, restarting, ...unwell],
      [26.5, restarting],
    ],
  },
];

const configs = fleet('ConfigDisagrees', 'warning');
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
];

/** Three processes, each with its part; `lines` are of the last. */
const threeShards = (lines: Parameters<typeof exporter>[0] = {}) => [
  ...exporter({}, { instance: 'a', shard: '0/3' }),
  ...exporter({}, { instance: 'b', shard: '1/3' }),
  ...exporter(lines, { instance: 'c', shard: '2/3' }),
];
/** The last of them cannot be scraped for a while. */
const oneLost = (gap: readonly [number, number]) =>
  threeShards().flatMap((one) => (one.labels.instance === 'c' ? lostScrapes([one], gap) : [one]));
const missing = fleet('ExporterShardMissing', 'critical');

const shards: readonly RuleCase[] = [
  {
    name: 'ExporterShardMissing: three minutes without one of three',
    about: [],
    series: oneLost([20, 40]),
    checks: edges([missing], { on: 23, off: 46 }),
  },
  {
    name: 'ExporterShardMissing: the only one that is left loses a scrape meanwhile',
    about: [],
    series: [
      ...lostScrapes(exporter({}, { instance: 'a', shard: '0/2' }), [21, 21.5]),
      ...lostScrapes(exporter({}, { instance: 'b', shard: '1/2' }), [20, 40]),
    ],
    checks: [[22.5], [23, missing]],
  },
  {
    name: 'ExporterShardMissing: one that was never there',
    about: [],
    series: [...exporter({}, { shard: '0/2' })],
    checks: [[2.5], [3, missing]],
  },
  {
    name: 'ExporterShardMissing: another process of the same shard is one of it',
    about: ['ExporterShardMissing'],
    series: [...oneLost([20, 40]), ...exporter({}, { instance: 'd', shard: '2/3' })],
    checks: [[30]],
  },
  {
    name: 'ExporterShardMissing: the same shard twice is no other one',
    about: [],
    series: [...exporter({}, { instance: 'a', shard: '0/2' }), ...exporter({}, { instance: 'b', shard: '0/2' })],
    checks: [[3, missing]],
  },
  {
    name: 'ExporterShardMissing: a process that is exchanged',
    about: ['ExporterShardMissing'],
    series: oneLost([20, 22.5]),
    checks: [[23], [25]],
  },
  {
    name: 'ExporterShardMissing: no shards, and one of two replicas is gone',
    about: ['ExporterShardMissing'],
    series: [...exporter(), ...lostScrapes(exporter({}, { instance: 'b' }), [20, 60])],
    checks: [[30], [50]],
  },
  {
    name: 'ExporterShardMissing: processes of two divisions',
    about: ['ExporterShardMissing'],
    series: [...exporter({}, { shard: '0/3' }), ...exporter({}, { instance: 'b', shard: '3/4' })],
    checks: [[10]],
  },
  {
    name: 'ExporterShardMissing: one process of three, beside one that was never divided',
    about: [],
    series: [...exporter({}, { shard: '0/3' }), ...exporter({}, { instance: 'b', shard: '0/1' })],
    checks: [[2.5], [3, missing]],
  },
  {
    name: 'ConfigDisagrees: a rollout from three shards to four that stays half done',
    about: ['ExporterShardMissing'],
    series: [
      ...threeShards({ up: step(10, 1, 0), shards: step(10, 3, null), shard: step(10, 1, null) }),
      ...exporter(
        { shards: step(10, null, 4), shard: step(10, null, 1), hash: step(10, null, 7) },
        { instance: 'd', shard: '3/4' },
      ),
    ],
    checks: [[24.5], [25, configs], [40, configs]],
  },
];

export const EXPORTER_CASES = [...presence, ...processes, ...pods, ...agreement, ...shards];
