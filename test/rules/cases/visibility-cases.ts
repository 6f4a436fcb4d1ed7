import { during, now, step } from '../support/lines.ts';
import { alone, edges, fires, fleet, lostScrapes, type RuleCase, replicas, whenGone } from '../support/rule-case.ts';
import { type EnvironmentLines, environment, exporter, NO_LIST } from '../support/series.ts';

const OUTAGE_AT_20: EnvironmentLines = {
  lastStats: (minute) => (minute < 40 ? Math.min(minute, 20) * 60 : minute * 60),
  upStats: during(20, 40, [1, 0]),
};
const notVisible = (id = 'e', connection = 'default') =>
  fires('EnvironmentNotVisible', 'critical', { id, with: { connection } });
const frozen = (at: number) => (minute: number) => Math.min(minute, at) * 60;

const environmentNotVisible: readonly RuleCase[] = [
  {
    name: 'EnvironmentNotVisible: two minutes without a read, two more of patience',
    about: ['ApiUnreachable'],
    whole: true,
    series: alone(OUTAGE_AT_20),
    checks: edges([notVisible()], { on: 24.5, off: 40, keep: 5 }),
  },
  {
    name: 'EnvironmentNotVisible: lost scrapes do not delay it',
    about: [],
    series: lostScrapes(alone(OUTAGE_AT_20), [23, 24.5]),
    checks: [[24], [24.5, notVisible()]],
  },
  {
    name: 'EnvironmentNotVisible: a stretched cadence gets five intervals',
    about: [],
    series: alone({ ...OUTAGE_AT_20, statsInterval: 60 }),
    checks: [[27], [27.5, notVisible()]],
  },
  {
    name: 'EnvironmentNotVisible: configured, never read',
    about: [],
    series: alone({ lastStats: null, upStats: 0, depth: null, age: null, pending: null, polling: null }),
    checks: [[4], [4.5, notVisible()]],
  },
  {
    name: 'EnvironmentNotVisible: an environment that was added a minute ago',
    about: ['EnvironmentNotVisible'],
    series: alone({
      info: step(20, null, 1),
      watchedSince: step(20, null, 1200),
      statsInterval: step(20, null, 15),
      lastStats: step(21.5, null, now),
    }),
    checks: [[21], [23], [30]],
  },
  {
    name: 'EnvironmentNotVisible: an exporter restart in an outage does not end the page',
    about: [],
    series: lostScrapes(
      alone({
        statsInterval: 60,
        upStats: step(10, 1, 0),
        lastStats: (minute) => (minute < 30 ? frozen(10)(minute) : null),
        watchedSince: step(30, 0, 1800),
      }),
      [30, 31],
    ),
    checks: [[17], [17.5, notVisible()], [30.5, notVisible()], [36, notVisible()], [60, notVisible()]],
  },
  {
    name: 'EnvironmentNotVisible: a restart forgets after 15 minutes whom it read before, and then counts from its start',
    about: [],
    series: alone({
      statsInterval: 250,
      lastStats: (minute) => (minute < 33 ? frozen(10)(minute) : null),
      watchedSince: step(33, 0, 1980),
    }),
    checks: [[32.5], [33, notVisible()], [52.5, notVisible()], [53], [55.5], [56, notVisible()]],
  },
  {
    name: 'EnvironmentNotVisible: another replica that joins in an outage does not end the page',
    about: [],
    series: [
      ...exporter(),
      ...exporter({}, { instance: 'b' }),
      ...environment({ statsInterval: 100, lastStats: null }),
      ...environment(
        {
          statsInterval: step(20, null, 100),
          lastStats: null,
          watchedSince: step(20, null, 1200),
          info: step(20, null, 1),
        },
        { instance: 'b' },
      ),
    ],
    checks: [[10], [10.5, notVisible()], [27, notVisible()]],
  },
  {
    name: 'EnvironmentNotVisible: one of two replicas reads it',
    about: ['EnvironmentNotVisible'],
    series: replicas(OUTAGE_AT_20, { statsInterval: 15 }),
    checks: [[39]],
  },
  {
    name: 'EnvironmentNotVisible: of two replicas the one with the slower cadence sets the patience',
    about: ['EnvironmentNotVisible'],
    series: replicas(OUTAGE_AT_20, { ...OUTAGE_AT_20, statsInterval: 300 }),
    checks: [[39]],
  },
  {
    name: 'EnvironmentNotVisible: a large fleet after a restart takes four minutes for its first round',
    about: ['EnvironmentNotVisible'],
    series: alone({ statsInterval: 250, lastStats: step(4, null, now) }),
    checks: [[3.5], [5], [10]],
  },
  {
    name: 'EnvironmentNotVisible: every second read fails',
    about: ['EnvironmentNotVisible', 'ReplicaBlind'],
    series: alone({
      upStats: (minute) => (minute % 1 === 0 ? 1 : 0),
      lastStats: (minute) => Math.floor(minute) * 60,
    }),
    checks: [[10], [30]],
  },
  ...whenGone({
    alert: 'EnvironmentNotVisible',
    lines: {},
    at: 30,
    gone: { statsInterval: [33.5, [], [notVisible()]] },
  }),
  ...whenGone({
    alert: 'EnvironmentNotVisible',
    lines: { lastStats: null, statsInterval: 1000 },
    at: 30,
    gone: { watchedSince: [33.5, [], [notVisible()]] },
  }),
  {
    name: 'EnvironmentNotVisible: another environment of the same name is new',
    about: [],
    series: [
      ...exporter(),
      ...environment({ lastStats: null }),
      ...environment({ lastStats: null, watchedSince: 600, statsInterval: 1000 }, { id: 'twin' }),
    ],
    checks: [[4.5, notVisible()]],
  },
  ...whenGone({
    alert: 'EnvironmentNotVisible',
    lines: { lastStats: frozen(10) },
    at: 30,
    gone: { info: [36.5, [notVisible()]], statsInterval: [40, [notVisible()], [notVisible()]] },
  }),
];

const ALL_BLIND = (ids: readonly string[], lines: EnvironmentLines = OUTAGE_AT_20) =>
  ids.flatMap((id) => environment(lines, { id }));
const unreachable = (value: string) => fleet('ApiUnreachable', 'critical', { value, with: { connection: 'default' } });

const apiUnreachable: readonly RuleCase[] = [
  {
    name: 'ApiUnreachable: fires before and ends after the pages that it mutes',
    about: [],
    whole: true,
    series: [...exporter(), ...ALL_BLIND(['e', 'f', 'g'])],
    checks: [
      [23],
      [23.5, unreachable('100%')],
      [24, unreachable('100%')],
      [24.5, unreachable('100%'), notVisible(), notVisible('f'), notVisible('g')],
      [44.5, unreachable('100%'), notVisible(), notVisible('f'), notVisible('g')],
      [45, unreachable('100%')],
      [49.5, unreachable('100%')],
      [50],
    ],
  },
  {
    name: 'ApiUnreachable: two of three',
    about: [],
    series: [...exporter(), ...ALL_BLIND(['e', 'f']), ...environment({}, { id: 'g' })],
    checks: [[30, unreachable('66.67%'), notVisible(), notVisible('f')]],
  },
  {
    name: 'ApiUnreachable: two of two',
    about: [],
    series: [...exporter(), ...ALL_BLIND(['e', 'f'])],
    checks: [[30, unreachable('100%'), notVisible(), notVisible('f')]],
  },
  {
    name: 'ApiUnreachable: half of them are single troubles',
    about: ['ApiUnreachable'],
    series: [...exporter(), ...ALL_BLIND(['e', 'f']), ...environment({}, { id: 'g' }), ...environment({}, { id: 'h' })],
    checks: [[30, notVisible(), notVisible('f')]],
  },
  {
    name: 'ApiUnreachable: a connection with one environment has one page',
    about: ['ApiUnreachable'],
    series: [
      ...exporter(),
      ...environment(OUTAGE_AT_20, { connection: 'b' }),
      ...environment({}, { id: 'f' }),
      ...environment({}, { id: 'g' }),
    ],
    checks: [[30, notVisible('e', 'b')]],
  },
  {
    name: 'ApiUnreachable: one connection has the share and another the number',
    about: ['ApiUnreachable'],
    series: [
      ...exporter(),
      ...environment(OUTAGE_AT_20, { connection: 'b' }),
      ...ALL_BLIND(['f', 'g']),
      ...environment({}, { id: 'h' }),
      ...environment({}, { id: 'i' }),
    ],
    checks: [[30, notVisible('e', 'b'), notVisible('f'), notVisible('g')]],
  },
  {
    name: 'ApiUnreachable: the healthy environments of another connection do not dilute it',
    about: [],
    series: [
      ...exporter(),
      ...ALL_BLIND(['e', 'f']),
      ...['g', 'h', 'i'].flatMap((id) => environment({}, { id, connection: 'b' })),
    ],
    checks: [[30, unreachable('100%'), notVisible(), notVisible('f')]],
  },
];

const itemsNotVisible = fires('ItemsNotVisible', 'warning');
const listNotConfigured = fires('ListNotConfigured', 'info');
const truncated = fires('ItemListTruncated', 'warning');

const lists: readonly RuleCase[] = [
  {
    name: 'ItemsNotVisible: the list fails, stats work',
    about: [],
    whole: true,
    series: alone({ upList: during(20, 50, [1, 0]) }),
    checks: edges([itemsNotVisible], { on: 35, off: 50 }),
  },
  {
    name: 'ItemsNotVisible: one success in five minutes is enough',
    about: ['ItemsNotVisible'],
    series: alone({ upList: (minute) => (minute % 5 === 0 ? 1 : 0) }),
    checks: [[30], [44]],
  },
  {
    name: 'ItemsNotVisible: one of two replicas reads it',
    about: ['ItemsNotVisible'],
    series: replicas({ upList: 0 }, {}),
    checks: [[30]],
  },
  ...whenGone({ alert: 'ItemsNotVisible', lines: { upList: 0 }, at: 40, gone: { upList: [44.5, [itemsNotVisible]] } }),
  {
    name: 'ListNotConfigured: no credential for the list',
    about: ['ItemsNotVisible'],
    whole: true,
    series: alone(NO_LIST),
    checks: [[14.5], [15, listNotConfigured]],
  },
  {
    name: 'ListNotConfigured: one of two replicas has the key',
    about: ['ListNotConfigured'],
    series: replicas(NO_LIST, {}),
    checks: [[30]],
  },
  ...whenGone({
    alert: 'ListNotConfigured',
    lines: NO_LIST,
    at: 30,
    gone: { listAttempted: [31.5, [listNotConfigured]] },
  }),
  {
    name: 'ItemListTruncated: a quarter of an hour',
    about: [],
    whole: true,
    series: alone({ truncated: during(10, 40, [0, 1]) }),
    checks: edges([truncated], { on: 25, off: 40 }),
  },
  {
    name: 'ItemListTruncated: on one of two replicas',
    about: [],
    series: replicas({ truncated: 1 }, {}),
    checks: [[30, truncated]],
  },
  ...whenGone({
    alert: 'ItemListTruncated',
    lines: { truncated: 1 },
    at: 30,
    gone: { truncated: [31.5, [truncated]] },
  }),
];

const replicaBlind = fleet('ReplicaBlind', 'warning', { value: '1', with: { instance: 'b' } });
const ONE_BLIND = during(20, 50, [1, 0]);

const replicaBlindness: readonly RuleCase[] = [
  {
    name: 'ReplicaBlind: the other one reads, so nobody is paged',
    about: ['EnvironmentNotVisible'],
    whole: true,
    series: replicas({}, { upStats: ONE_BLIND }),
    checks: edges([replicaBlind], { on: 35, off: 50 }),
  },
  {
    name: 'ReplicaBlind: the other one reads every second time',
    about: [],
    series: replicas({ upStats: (minute) => (minute % 1 === 0 ? 1 : 0) }, { upStats: 0 }),
    checks: [
      [15, replicaBlind],
      [30, replicaBlind],
    ],
  },
  {
    name: 'ReplicaBlind: the other one goes blind too: that is an outage',
    about: ['ReplicaBlind'],
    series: replicas({ upStats: step(40, 1, 0) }, { upStats: step(20, 1, 0) }),
    checks: [[34.5], [35, replicaBlind], [41.5, replicaBlind], [42]],
  },
  {
    name: 'ReplicaBlind: the other one reads another environment of the same name',
    about: ['ReplicaBlind'],
    series: [
      ...replicas({ upStats: 0 }, { upStats: 0 }),
      ...environment({}, { id: 'twin' }),
      ...environment({}, { id: 'twin', instance: 'b' }),
    ],
    checks: [[30]],
  },
  {
    name: 'ReplicaBlind: lists are no concern of it',
    about: ['ReplicaBlind'],
    series: replicas({ upStats: null }, { upStats: null, upList: 0 }),
    checks: [[30]],
  },
];

export const VISIBILITY_CASES = [...environmentNotVisible, ...apiUnreachable, ...lists, ...replicaBlindness];
