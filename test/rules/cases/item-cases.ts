import { during, now, step } from '../support/lines.ts';
import { alone, edges, fires, lostScrapes, type RuleCase, replicas, whenGone } from '../support/rule-case.ts';
import { type EnvironmentLines, environment, exporter, JOB, type Series } from '../support/series.ts';

const stale = (value: string, severity = 'warning') => fires('StaleHeartbeats', severity, { value });
const STALE: EnvironmentLines = { itemsActive: 2, staleActive: during(10, 30, [0, 1]) };

const staleHeartbeats: readonly RuleCase[] = [
  {
    name: 'StaleHeartbeats: one silent item for a minute, kept until after its lease lapses',
    about: [],
    whole: true,
    series: alone(STALE),
    checks: edges([stale('1')], { on: 11, off: 30, keep: 5 }),
  },
  {
    name: 'StaleHeartbeats: both severities',
    about: [],
    series: alone({ itemsActive: 9, staleActive: during(10, 30, [0, 3]), staleWarning: 2, staleCritical: 3 }),
    checks: edges([stale('3'), stale('3', 'critical')], { on: 11, off: 30, keep: 5 }),
  },
  {
    name: 'StaleHeartbeats: below the threshold',
    about: ['StaleHeartbeats'],
    series: alone({ ...STALE, staleWarning: 2, staleCritical: 2 }),
    checks: [[20]],
  },
  {
    name: 'StaleHeartbeats: items that start or stop have alerts of their own',
    about: ['StaleHeartbeats'],
    series: alone({ itemsActive: 5, itemsStopping: 5, staleStopping: 5, staleStarting: 5 }),
    checks: [[20]],
  },
  {
    name: 'StaleHeartbeats: of two replicas the worse view and the stricter threshold count',
    about: [],
    series: replicas({ ...STALE, staleCritical: 1 }, { staleWarning: 2 }),
    checks: [[11, stale('1'), stale('1', 'critical')]],
  },
  ...whenGone({
    alert: 'StaleHeartbeats',
    lines: { itemsActive: 2, staleActive: 2, staleCritical: 2 },
    at: 30,
    gone: {
      staleActive: [36.5, [stale('2'), stale('2', 'critical')]],
      staleWarning: [36.5, [stale('2'), stale('2', 'critical')], [stale('2', 'critical')]],
      staleCritical: [36.5, [stale('2'), stale('2', 'critical')], [stale('2')]],
    },
  }),
];

const lapsing = fires('LeasesLapsing', 'warning', { value: '1' });
const LAPSED: EnvironmentLines = { lapsed: step(20, 0, 1) };

const leasesLapsing: readonly RuleCase[] = [
  {
    name: 'LeasesLapsing: at once, and for 15 minutes',
    about: [],
    whole: true,
    series: alone(LAPSED),
    checks: edges([lapsing], { on: 20, off: 35 }),
  },
  {
    name: 'LeasesLapsing: a counter that was high before is history',
    about: ['LeasesLapsing'],
    series: alone({ lapsed: 7 }),
    checks: [[30]],
  },
  {
    name: 'LeasesLapsing: one of two replicas counted it',
    about: [],
    series: replicas(LAPSED, {}),
    checks: [[20, lapsing]],
  },
];

const stuck = (value: string, state = 'stopping') => fires('ItemStuck', 'warning', { value, with: { state } });
/** Asked to stop at minute 8: 120 s old at minute 10, and older after it. */
const STOPPING: EnvironmentLines = {
  itemsStopping: 1,
  sinceStopping: (minute) => (minute < 10 || minute >= 20 ? null : 480),
};

/** What one replica reads whose own clock is ahead of the API's, when it knows that. */
function aheadBy(seconds: number, lines: EnvironmentLines, place: { instance?: string; connection?: string } = {}) {
  const { instance = 'a', connection = 'default' } = place;
  const skew: Series = {
    name: 'anthropic_work_api_clock_skew_seconds',
    labels: { job: JOB, instance, connection },
    line: -seconds,
  };
  return [skew, ...environment({ lastList: (minute) => minute * 60 + seconds, ...lines }, { instance, connection })];
}

const OTHER = 'other';
/** Somebody is always asked to stop, and stops half a minute later. */
const BUSY_STOPPING: EnvironmentLines = { itemsStopping: 1, sinceStopping: (minute) => minute * 60 - 30 };

const itemStuck: readonly RuleCase[] = [
  {
    name: 'ItemStuck: longer in one state than allowed',
    about: [],
    whole: true,
    series: alone(STOPPING),
    checks: [[12], [12.5, stuck('4m 30s')], [26.5, stuck('13m 30s')], [27]],
  },
  {
    name: 'ItemStuck: lost scrapes do not delay it',
    about: [],
    series: lostScrapes(alone(STOPPING), [11, 12.5]),
    checks: [[12], [12.5, stuck('4m 30s')]],
  },
  {
    name: 'ItemStuck: every state has a threshold of its own',
    about: [],
    series: alone({ itemsStarting: 1, itemsActive: 1, sinceStarting: 0, sinceActive: 0 }),
    checks: [[7], [7.5, stuck('7m 30s', 'starting')]],
  },
  {
    name: 'ItemStuck: not reading is no evidence against an item',
    about: ['ItemStuck'],
    series: alone({ itemsStopping: 1, sinceStopping: 500, lastList: (minute) => Math.min(minute, 10) * 60 }),
    checks: [[20]],
  },
  {
    name: 'ItemStuck: of two replicas the fresher read, the older item and the stricter threshold count',
    about: [],
    series: replicas(
      { ...STOPPING, lastList: 0 },
      { ...STOPPING, lastList: now, limitStopping: 5000, sinceStopping: 5000 },
    ),
    checks: [[12], [12.5, stuck('4m 30s')]],
  },
  {
    name: 'ItemStuck: an own clock that is ahead makes no item older',
    about: ['ItemStuck'],
    series: [...exporter({ skew: null }), ...aheadBy(180, BUSY_STOPPING)],
    checks: [[20]],
  },
  {
    name: 'ItemStuck: an own clock that is behind makes no item younger',
    about: [],
    series: [...exporter({ skew: null }), ...aheadBy(-180, STOPPING)],
    checks: [[12], [12.5, stuck('4m 30s')], [26.5, stuck('13m 30s')], [27]],
  },
  {
    name: 'ItemStuck: without a known skew the clocks are taken to agree',
    about: [],
    series: [...exporter({ skew: null }), ...environment(STOPPING)],
    checks: [[12], [12.5, stuck('4m 30s')]],
  },
  {
    name: 'ItemStuck: lost scrapes do not hide the skew',
    about: [],
    series: lostScrapes([...exporter({ skew: null }), ...aheadBy(-180, STOPPING)], [11, 12.5]),
    checks: [[12], [12.5, stuck('4m 30s')]],
  },
  {
    name: 'ItemStuck: a skew that is no longer known is used for two minutes',
    about: [],
    series: [
      ...exporter({ skew: (minute) => (minute < 10 ? -180 : null) }),
      ...environment({ ...BUSY_STOPPING, lastList: (minute) => minute * 60 + 180 }),
    ],
    checks: [[13.5], [14, stuck('3m 30s')]],
  },
  {
    name: 'ItemStuck: a connection that is no longer known is used for two minutes',
    about: [],
    series: [
      ...exporter({ skew: -180 }),
      ...environment({ ...BUSY_STOPPING, lastList: (minute) => minute * 60 + 180, info: step(10, 1, null) }),
    ],
    checks: [[13.5], [14, stuck('3m 30s')]],
  },
  {
    name: 'ItemStuck: of two replicas each has a clock of its own',
    about: ['ItemStuck'],
    series: [
      ...exporter({ skew: null }),
      ...exporter({ skew: null }, { instance: 'b' }),
      ...aheadBy(180, BUSY_STOPPING),
      ...aheadBy(0, BUSY_STOPPING, { instance: 'b' }),
    ],
    checks: [[20]],
  },
  {
    name: 'ItemStuck: of two replicas one does not know its skew',
    about: [],
    series: [
      ...exporter({ skew: null }),
      ...exporter({ skew: null }, { instance: 'b' }),
      ...aheadBy(180, { ...BUSY_STOPPING, lastList: 180 }),
      ...environment(STOPPING, { instance: 'b' }),
    ],
    checks: [[12], [12.5, stuck('4m 30s')]],
  },
  {
    name: 'ItemStuck: the clock of another connection is none of its business',
    about: ['ItemStuck'],
    series: [...exporter({ skew: 180 }), ...aheadBy(180, BUSY_STOPPING, { connection: OTHER })],
    checks: [[20]],
  },
  {
    name: 'ItemStuck: an environment that goes to another connection has both for two minutes, and the clock that says more',
    about: [],
    series: [
      ...exporter({ skew: 0 }),
      ...environment({ ...STOPPING, info: step(15, 1, null) }),
      ...aheadBy(180, { info: step(15, null, 1) }, { connection: OTHER }).filter(
        ({ labels }) => labels.connection === OTHER,
      ),
    ],
    checks: [
      [15.5, stuck('7m 30s')],
      [17.5, stuck('6m 30s')],
    ],
  },
  ...whenGone({
    alert: 'ItemStuck',
    lines: { itemsStopping: 1, sinceStopping: 480 },
    at: 20,
    gone: {
      lastList: [26.5, [stuck('11m 30s')]],
      sinceStopping: [26.5, [stuck('13m 30s')]],
      limitStopping: [26.5, [stuck('13m 30s')]],
    },
  }),
];

export const ITEM_CASES = [...staleHeartbeats, ...leasesLapsing, ...itemStuck];
