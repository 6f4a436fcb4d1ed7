import { during, type Line, step } from '../support/lines.ts';
import { alone, edges, fires, fleet, type RuleCase, replicas, whenGone, withTwin } from '../support/rule-case.ts';
import { bareConnection, environment, exporter } from '../support/series.ts';

const limited = fleet('ApiRateLimited', 'warning', { with: { connection: 'default' } });
/** Requests a half minute up to each minute. */
const counter =
  (perStep: (minute: number) => number): Line =>
  (minute) => {
    let sum = 0;
    for (let at = 0.5; at <= minute; at += 0.5) sum += perStep(at);
    return sum;
  };
const always = (count: number) => counter(() => count);
const SENT = { sent: always(20) };
const LIMITED_FROM_20_TO_50 = counter((minute) => (minute >= 20 && minute < 50.5 ? 2 : 0));

const rateLimit: readonly RuleCase[] = [
  {
    name: 'ApiRateLimited: one request in ten',
    about: [],
    whole: true,
    series: alone({ stats429: LIMITED_FROM_20_TO_50 }, SENT),
    checks: [[29.5], [30, limited], [56, limited], [57.5]],
  },
  {
    name: 'ApiRateLimited: one in twenty',
    about: ['ApiRateLimited'],
    series: alone({ stats429: always(1) }, SENT),
    checks: [[30]],
  },
  {
    name: 'ApiRateLimited: other failures',
    about: ['ApiRateLimited'],
    series: alone({ statsTimeout: always(10), stats429: 0 }, SENT),
    checks: [[30]],
  },
  {
    name: 'ApiRateLimited: replicas share the limit, so they share the ratio',
    about: ['ApiRateLimited'],
    series: replicas({ stats429: always(2) }, { stats429: 0 }, SENT),
    checks: [[30]],
  },
  {
    name: 'ApiRateLimited: two replicas that are both limited',
    about: [],
    series: replicas({ stats429: always(2) }, { stats429: always(2) }, SENT),
    checks: [[30, limited]],
  },
  {
    name: 'ApiRateLimited: a page about it said so, until a quarter of an hour after it',
    about: [],
    series: alone(
      {
        ...{ stats429: always(2), upStats: during(10, 14, [1, 0]) },
        lastStats: (minute) => (minute >= 10 && minute < 14 ? 600 : minute * 60),
      },
      SENT,
    ),
    checks: [[35], [36, limited]],
  },
  {
    name: 'ApiRateLimited: a quarter of an hour after what cannot be read, for whatever reason, is read again',
    about: [],
    series: alone(
      {
        ...{ stats429: always(2), statsTimeout: always(20), upStats: during(10, 14, [1, 0]) },
        lastStats: (minute) => (minute >= 10 && minute < 14 ? 600 : minute * 60),
      },
      SENT,
    ),
    checks: [[9, limited], [16], [33], [35, limited]],
  },
  {
    name: 'ApiRateLimited: a burst of requests counts for ten minutes',
    about: [],
    series: alone({ stats429: always(2) }, { sent: counter((minute) => (minute > 20 && minute <= 25 ? 60 : 20)) }),
    checks: [[20, limited], [34], [40.5, limited]],
  },
];

const reduced = (coverage: string) => fleet('CoverageReduced', 'warning', { with: { coverage } });
const stretched = () => reduced('intervals');

const pace: readonly RuleCase[] = [
  {
    name: 'CoverageReduced: a quarter of the configured cadence',
    about: [],
    whole: true,
    series: withTwin({ statsInterval: during(10, 50, [15, 60]) }),
    checks: edges([stretched()], { on: 25, off: 50 }),
  },
  {
    name: 'CoverageReduced: a little more than a quarter',
    about: ['CoverageReduced'],
    series: alone({ statsInterval: 59 }),
    checks: [[40]],
  },
  {
    name: 'CoverageReduced: every read counts by itself',
    about: [],
    series: alone({ statsInterval: 60, listInterval: 300 }),
    checks: [[30, stretched()]],
  },
  {
    name: 'CoverageReduced: of two replicas the slower one counts',
    about: [],
    series: replicas({ statsInterval: 60 }, {}),
    checks: [[30, stretched()]],
  },
  {
    name: 'CoverageReduced: of two configurations the slower one counts',
    about: ['CoverageReduced'],
    series: replicas({ statsInterval: 60 }, { statsInterval: 60, statsConfigured: 20 }),
    checks: [[40]],
  },
  ...whenGone({
    alert: 'CoverageReduced',
    lines: { statsInterval: 60 },
    at: 45,
    gone: { statsInterval: [46.5, [stretched()]], statsConfigured: [46.5, [stretched()]] },
  }),
];

const skew = fleet('ClockSkew', 'info', { with: { connection: 'default' } });
const discovery = fleet('DiscoveryFailing', 'warning', { with: { connection: 'default' } });
const otherKey = fleet('CredentialRejected', 'warning', { with: { connection: 'other', credential: 'api_key' } });
const otherFails = fleet('DiscoveryFailing', 'warning', { with: { connection: 'other' } });
const nothing = fleet('DiscoveryFailing', 'critical', { with: { connection: 'default' } });
const dropped = reduced('environments');
const drift = fleet('ApiDrift', 'info', { with: { kind: 'state' } });

const others: readonly RuleCase[] = [
  ...[31, -31].map(
    (seconds): RuleCase => ({
      name: `ClockSkew: ${seconds} s`,
      about: [],
      whole: true,
      series: exporter({ skew: during(10, 40, [0, seconds]) }),
      checks: edges([skew], { on: 25, off: 40 }),
    }),
  ),
  { name: 'ClockSkew: exactly 30 s', about: ['ClockSkew'], series: exporter({ skew: -30 }), checks: [[40]] },
  {
    name: 'ClockSkew: on one of two replicas, until it is gone',
    about: [],
    series: [...exporter({ skew: step(30, 31, null) }), ...exporter({}, { instance: 'b' })],
    checks: [[31.5, skew], [32]],
  },
  {
    name: 'DiscoveryFailing: a quarter of an hour after a quarter of an hour',
    about: [],
    whole: true,
    series: [...exporter({ discovery: during(20, 60, [1, 0]) }), ...environment()],
    checks: edges([discovery], { on: 50, off: 60 }),
  },
  {
    name: 'DiscoveryFailing: nothing is watched on one of two connections',
    about: ['DiscoveryFailing'],
    series: [
      ...exporter({ discovery: during(10, 28, [1, 0]) }),
      ...bareConnection({ discovery: (minute) => (minute % 4 === 0 ? 1 : 0) }, 'now-and-then'),
      ...bareConnection({ discovery: 0 }, 'other'),
      ...environment({}, { connection: 'other' }),
    ],
    checks: [[14.5], [15, nothing, otherFails], [29.5, nothing, otherFails], [30, otherFails]],
  },
  {
    name: 'DiscoveryFailing: no more said',
    about: [],
    series: [...exporter({ discovery: step(40, 0, null) }), ...environment()],
    checks: edges([discovery], { on: 15, off: 55 }),
  },
  {
    name: 'DiscoveryFailing: from a quarter of an hour after its key was refused for less than a third of five minutes',
    about: ['DiscoveryFailing'],
    series: [...exporter({ discovery: 0, rejected: step(30, 1, 0) }), ...environment()],
    checks: [[30], [48], [48.5, discovery]],
  },
  {
    name: 'DiscoveryFailing: the key of another connection is refused',
    about: ['CredentialRejected'],
    series: [
      ...exporter({ discovery: 0 }),
      ...exporter({ rejected: 1 })
        .filter(({ name }) => name === 'anthropic_work_credential_rejected')
        .map((one) => ({ ...one, labels: { ...one.labels, connection: 'other' } })),
      ...environment(),
    ],
    checks: [[40, discovery, otherKey]],
  },
  {
    name: 'DiscoveryFailing: one of two replicas succeeds',
    about: ['DiscoveryFailing'],
    series: [...exporter({ discovery: 0 }), ...exporter({ discovery: 1 }, { instance: 'b' })],
    checks: [[50]],
  },
  {
    name: 'CoverageReduced: over the limit',
    about: [],
    whole: true,
    series: exporter({ dropped: during(10, 40, [0, 3]) }),
    checks: edges([dropped], { on: 25, off: 40 }),
  },
  {
    name: 'CoverageReduced: one is enough; archived ones are left out on purpose',
    about: [],
    series: exporter({ dropped: 1, archived: 9 }),
    checks: [[15, dropped]],
  },
  {
    name: 'CoverageReduced: by one of two replicas, until it is gone',
    about: [],
    series: [...exporter({ dropped: step(30, 3, null) }), ...exporter({}, { instance: 'b' })],
    checks: [[31.5, dropped], [32]],
  },
  {
    name: 'ApiDrift: one unknown value, for an hour',
    about: [],
    whole: true,
    series: exporter({ unknownState: step(20, 0, 1) }),
    checks: edges([drift], { on: 25, off: 80 }),
  },
  {
    name: 'ApiDrift: seen by one of two replicas',
    about: [],
    series: [...exporter({ unknownState: step(20, 0, 1) }), ...exporter({}, { instance: 'b' })],
    checks: [[25, drift]],
  },
  { name: 'ApiDrift: history', about: ['ApiDrift'], series: exporter({ unknownField: 5 }), checks: [[30]] },
];

const uncounted = fires('WorkersUnknown', 'info');
/** The count of workers comes with the stats: only where these are read does its absence say something. */
const workerCount: readonly RuleCase[] = [
  {
    name: 'WorkersUnknown: the stats are read and count no workers',
    about: [],
    series: alone({ polling: step(10, 2, null) }),
    checks: [[29.5], [30.5, uncounted]],
  },
  {
    name: 'WorkersUnknown: the list alone is read',
    about: ['WorkersUnknown'],
    series: alone({ polling: null, depth: null, pending: null, age: null, itemsQueued: 3, sinceQueued: 0 }),
    checks: [[40]],
  },
  {
    name: 'WorkersUnknown: the stats cannot be read any more',
    about: ['WorkersUnknown'],
    series: alone({ polling: step(10, 2, null), depth: step(10, 0, null), pending: step(10, 0, null) }),
    checks: [[20], [40]],
  },
  {
    name: 'WorkersUnknown: nobody polls',
    about: ['WorkersUnknown'],
    series: alone({ polling: 0 }),
    checks: [[40]],
  },
];

export const API_CASES = [...rateLimit, ...pace, ...others, ...workerCount];
