import { ageFrom, during, type Line, step } from '../support/lines.ts';
import { alone, fires, fleet, lostScrapes, type RuleCase, replicas } from '../support/rule-case.ts';
import { type EnvironmentLines, environment, exporter } from '../support/series.ts';

const noWorkers = (value: string) => fires('NoWorkers', 'critical', { value });
const noWorkersWarning = (value: string) => fires('NoWorkers', 'warning', { value });
const notVisible = fires('EnvironmentNotVisible', 'critical', { with: { connection: 'default' } });
const tooOld = (value: string) => fires('OldestItemTooOld', 'critical', { value });
const QUIET: EnvironmentLines = { waitTarget: Infinity, ageWarning: Infinity };
/** Work waits from minute 10 on, and nobody comes. Only the critical age threshold counts. */
const FIRE: EnvironmentLines = { ...QUIET, depth: 2, polling: 0, age: ageFrom(10) };
const OBSERVED = ['depth', 'pending', 'age', 'polling', 'head', 'truncated', 'itemsStarting', 'itemsActive'] as const;
const MORE = ['itemsStopping', 'itemsQueued', 'itemsOther', 'staleStarting', 'staleActive', 'staleStopping'] as const;

/** What the exporter does in an outage of the API: old values are held for 90 s, then their series end. */
function blindFrom(from: number, to: number, lines: EnvironmentLines): EnvironmentLines {
  const defaults: EnvironmentLines = { pending: 0, truncated: 0, itemsStarting: 0, itemsActive: 0, itemsStopping: 0 };
  const all: EnvironmentLines = { ...defaults, staleStarting: 0, staleActive: 0, staleStopping: 0, ...lines };
  const hidden = Object.fromEntries(
    [...OBSERVED, ...MORE].flatMap((key) => {
      const line = all[key];
      return line === undefined ? [] : [[key, during(from + 1.5, to, [line, null])]];
    }),
  );
  const frozen: Line = (minute) => (minute < to ? Math.min(minute, from) * 60 : minute * 60);
  const up = during(from, to, [1, 0]);
  return { ...all, ...hidden, lastStats: frozen, lastList: frozen, upStats: up, upList: up };
}

export const SCENARIO_CASES: readonly RuleCase[] = [
  { name: 'healthy and empty', about: [], whole: true, series: alone({}), checks: [[30], [100]] },
  {
    name: 'scale to zero: work arrives, a worker boots in three minutes and takes it',
    about: [],
    whole: true,
    series: alone({
      depth: during(10, 13.5, [0, 1]),
      age: (minute) => (minute < 13.5 ? Math.max(0, minute - 10) * 60 : 0),
      polling: during(13, 14, [0, 1]),
      itemsActive: step(14, 0, 1),
    }),
    checks: [[13], [13.5], [14], [30]],
  },
  {
    name: 'scale to zero: a worker that never boots is a page after four minutes',
    about: [],
    whole: true,
    series: alone({ depth: step(10, 0, 1), age: ageFrom(10), polling: 0, waitTarget: Infinity }),
    checks: [[13.5], [14, noWorkers('4m 0s')]],
  },
  {
    name: 'flapping polls: every second read sees nobody',
    about: [],
    whole: true,
    series: alone({ ...QUIET, depth: 3, age: 500, polling: (minute) => (minute % 1 === 0 ? 1 : 0) }),
    checks: [[15], [60]],
  },
  {
    name: 'flapping API: every second read fails and old values are held',
    about: [],
    whole: true,
    series: alone({
      upStats: (minute) => (minute % 1 === 0 ? 1 : 0),
      upList: (minute) => (minute % 1 === 0 ? 1 : 0),
      lastStats: (minute) => Math.floor(minute) * 60,
      lastList: (minute) => Math.floor(minute) * 60,
    }),
    checks: [[20], [60]],
  },
  {
    name: 'a restart of the exporter in the middle of a fire: one page, from beginning to end',
    about: [],
    whole: true,
    series: lostScrapes(alone(FIRE), [20, 21.5]),
    checks: [
      [18.5],
      [19, noWorkers('9m 0s')],
      [20, noWorkers('9m 30s')],
      [21.5, noWorkers('11m 30s')],
      [26, noWorkers('16m 0s'), noWorkersWarning('16m 0s')],
    ],
  },
  {
    name: 'a restart of Prometheus in the middle of a fire: one page, from beginning to end',
    about: [],
    restart: [20, 24],
    series: alone(FIRE),
    checks: [
      [19.5, noWorkers('9m 30s')],
      [23.5, noWorkers('9m 30s')],
      [26, noWorkers('16m 0s')],
    ],
  },
  {
    name: 'a blind spell in the middle of a fire: the page is handed over and comes back',
    about: [],
    whole: true,
    series: alone(blindFrom(20, 32, FIRE)),
    checks: [
      [23, noWorkers('11m 0s')],
      [24.5, noWorkers('11m 0s'), notVisible],
      [26.5, noWorkers('11m 0s'), notVisible],
      [27, notVisible],
      [32.5, notVisible],
      [33, notVisible, noWorkers('23m 0s')],
      [36.5, notVisible, noWorkers('26m 30s'), tooOld('26m 30s')],
      [37, noWorkers('27m 0s'), tooOld('27m 0s')],
    ],
  },
  {
    name: 'a rollout of the exporter: the old instance goes, the new one reads within a minute',
    about: [],
    whole: true,
    series: [
      ...lostScrapes([...exporter(), ...environment()], [20, 999]).map((one) =>
        one.name === 'up' ? { ...one, line: step(20, 1, null) } : one,
      ),
      ...late(20, [...exporter({}, { instance: 'b' }), ...environment({ watchedSince: 1200 }, { instance: 'b' })]),
    ],
    checks: [[19.5], [22], [30]],
  },
  {
    name: 'a rollout of the workers: none polls for two minutes while work waits',
    about: [],
    whole: true,
    series: alone({
      polling: during(20, 22, [3, 0]),
      depth: 5,
      age: (minute) => (minute < 20 ? 1 : (minute - 20) * 10),
    }),
    checks: [[22], [24]],
  },
  {
    name: 'a dead worker: stale for 180 s, then its lease lapses and the item waits again',
    about: [],
    whole: true,
    series: alone({
      itemsActive: during(0, 13, [0, 1]),
      staleActive: during(10, 13, [0, 1]),
      lapsed: step(13, 0, 1),
      depth: during(13, 15, [0, 1]),
      age: during(13, 15, [0, 60]),
    }),
    checks: [
      [10.5],
      [11, fires('StaleHeartbeats', 'warning', { value: '1' })],
      [13, fires('StaleHeartbeats', 'warning', { value: '1' }), fires('LeasesLapsing', 'warning', { value: '1' })],
      [18, fires('LeasesLapsing', 'warning', { value: '1' })],
      [28],
    ],
  },
  {
    name: 'replicas that disagree: one is blind and holds nothing back',
    about: [],
    whole: true,
    series: replicas(FIRE, { ...blindFrom(5, 999, FIRE) }),
    checks: [
      [18.5],
      [19, noWorkers('9m 0s')],
      [20, noWorkers('10m 0s'), fleet('ReplicaBlind', 'warning', { value: '1', with: { instance: 'b' } })],
    ],
  },
  {
    name: 'an environment that is removed while it burns ends its page',
    about: [],
    whole: true,
    series: [...exporter(), ...late(0, environment(FIRE), 20)],
    checks: [[19.5, noWorkers('9m 30s')], [26, noWorkers('9m 30s')], [27]],
  },
];

/** Series that exist between two minutes only. */
function late(
  from: number,
  all: readonly { name: string; labels: Readonly<Record<string, string>>; line: Line }[],
  to = 1e9,
) {
  return all.map((one) => ({
    ...one,
    line: (minute: number) => {
      if (minute < from || minute >= to) return null;
      return typeof one.line === 'function' ? one.line(minute) : one.line;
    },
  }));
}
