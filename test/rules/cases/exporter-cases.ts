import { during, type Line, step } from '../support/lines.ts';
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
    checks: [
      [24.5],
      [25, absent],
      [34.5, absent],
      [35, absent, down('a')],
      [40, absent, down('a')],
      [44.5, absent, down('a')],
      [45],
    ],
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

export const EXPORTER_CASES = [...presence, ...processes, ...agreement];
