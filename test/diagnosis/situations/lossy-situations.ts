import { deadStats } from '../support/dead-fleet.ts';
import { during, valueAt } from '../support/lines.ts';
import { outage } from '../support/outage.ts';
import { bareConnection, type EnvironmentLines, environment, exporter, type Series } from '../support/series.ts';
import type { Heard, Situation } from '../support/situation.ts';
import { byTurns, endOf, type Turns } from './flapping-situations.ts';

const FROM = 20;
const TO = 40;

type Reason = 'stats401' | 'stats429' | 'stats5xx' | 'statsTimeout';
/** Reads that fail for a reason, twice a minute. */
const failing = (reason: Reason): EnvironmentLines => ({
  ...outage({}, FROM, TO),
  [reason]: (minute: number) => Math.max(0, Math.min(minute, TO) - FROM) * 2,
});

const OFTEN_AWAY: Turns = { there: 6, gone: 2 };
const HARDLY_BACK: Turns = { there: 7, gone: 1 };
const BACK_FOR_LONGER: Turns = { there: 5, gone: 3 };

/** Reads that fail for a reason by turns, twice a minute meanwhile. */
const failingByTurns = (reason: Reason, turns: Turns): EnvironmentLines => {
  const lines = byTurns(turns, (from, to) => outage({}, from, to));
  const failed = (until: number) =>
    Array.from({ length: until * 2 + 1 }, (_, half) => valueAt(lines.upStats!, half / 2)).filter((up) => up === 0);
  return { ...lines, [reason]: (minute: number) => failed(minute).length };
};
/** The process, and a key that is refused while reads are. */
const withKey = ({ upStats }: EnvironmentLines, credential: string): readonly Series[] => [
  ...exporter({ rejected: null }),
  ...bareConnection({ rejected: (minute) => 1 - valueAt(upStats!, minute)! }, 'default').map((one) => ({
    ...one,
    labels: { ...one.labels, credential },
  })),
];

/** Each item waits for longer than the one before, up to half an hour; busy workers do not poll. */
const overload: EnvironmentLines = {
  polling: 0,
  itemsActive: 2,
  depth: during(10, TO, [0, (minute) => (minute - 10) * 3]),
  itemsQueued: during(10, TO, [0, (minute) => (minute - 10) * 3]),
  age: during(10, TO, [0, (minute) => (minute - 10) * 50]),
  head: during(10, TO, [null, (minute) => minute * 10 + 500]),
  acknowledged: (minute) => minute * 2,
  stopped: (minute) => minute * 2,
};
/** Where waits are no matter, and a depth of ten is. */
const deep: EnvironmentLines = {
  ...overload,
  ...{ age: 0, head: null, depthCritical: 10, depthWarning: Infinity, ageCritical: Infinity, ageWarning: Infinity },
};

const fleet = (count: number, lines: (index: number) => EnvironmentLines): readonly Series[] =>
  Array.from({ length: count }, (_, index) => environment(lines(index), { id: `e${index}`, name: `n${index}` })).flat();
const first =
  (lines: EnvironmentLines) =>
  (index: number): EnvironmentLines =>
    index === 0 ? lines : {};

/** What is wrong, what is heard of it, and by when that is over. */
type Troubles = Readonly<Record<string, readonly [series: readonly Series[], page: Heard, tickets?: readonly Heard[]]>>;

/** What is wrong for twenty minutes. */
const TROUBLES: Troubles = {
  'the API fails': [
    [...exporter(), ...fleet(3, () => failing('stats5xx'))],
    { condition: 'api_unreachable', environment: null, over: TO + 6 },
  ],
  'the reads of one environment time out': [
    [...exporter(), ...fleet(5, first(failing('statsTimeout')))],
    { condition: 'not_readable', environment: 'e0', over: TO + 6 },
  ],
  'the API key is refused': [
    [
      ...exporter({ rejected: null }),
      ...bareConnection({ rejected: during(FROM, TO, [0, 1]) }, 'default'),
      ...fleet(3, () => failing('stats401')),
    ],
    { condition: 'api_key_refused', environment: null, over: TO + 6 },
  ],
  'requests are limited': [
    [...exporter(), ...fleet(3, () => failing('stats429'))],
    { condition: 'rate_limited', environment: null, over: TO + 6 },
  ],
  'a fleet is dead': [
    [...exporter(), ...fleet(3, first(deadStats(FROM, TO)))],
    { condition: 'no_workers', environment: 'e0', over: TO + 6 },
  ],
  'work waits too long': [
    [...exporter(), ...fleet(2, first(overload))],
    { condition: 'oldest_item_too_old', environment: 'e0', over: TO + 4 },
    [
      { condition: 'oldest_item_too_old', environment: 'e0' },
      { condition: 'queue_too_deep', environment: 'e0' },
    ],
  ],
  'a queue is too deep': [
    [...exporter(), ...fleet(2, first(deep))],
    { condition: 'queue_too_deep', environment: 'e0', over: TO + 4 },
  ],
};

const apiFails = failingByTurns('stats5xx', OFTEN_AWAY);
const limits = failingByTurns('stats429', OFTEN_AWAY);
const refuses = failingByTurns('stats401', OFTEN_AWAY);
const hardlyRead = failingByTurns('statsTimeout', HARDLY_BACK);
const oftenUnread = failingByTurns('statsTimeout', OFTEN_AWAY);
const refusesOne = failingByTurns('stats401', BACK_FOR_LONGER);

/** What fails some minutes and is well some minutes, for most of an hour. */
const BY_TURNS: Troubles = {
  'the API comes and goes': [
    [...exporter(), ...fleet(3, () => apiFails)],
    { condition: 'api_unreachable', environment: null, over: endOf(OFTEN_AWAY) + 6 },
  ],
  'requests are limited by turns': [
    [...exporter(), ...fleet(3, () => limits)],
    { condition: 'rate_limited', environment: null, over: endOf(OFTEN_AWAY) + 6 },
  ],
  'the API key is refused by turns': [
    [...withKey(refuses, 'api_key'), ...fleet(3, () => refuses)],
    { condition: 'api_key_refused', environment: null, over: endOf(OFTEN_AWAY) + 6 },
  ],
  'the key of one environment is refused by turns': [
    [...withKey(refusesOne, 'e0'), ...fleet(5, first(refusesOne))],
    { condition: 'key_refused', environment: 'e0', over: endOf(BACK_FOR_LONGER) + 6 },
  ],
  'one environment is hardly ever read': [
    [...exporter(), ...fleet(5, first(hardlyRead))],
    { condition: 'not_readable', environment: 'e0', over: endOf(HARDLY_BACK) + 6 },
  ],
  'one environment is often not read': [
    [...exporter(), ...fleet(5, first(oftenUnread))],
    { condition: 'not_readable', environment: 'e0', over: endOf(OFTEN_AWAY) + 6 },
  ],
};

/** No scrape at some minutes, apart from the failure itself. */
const lost = (series: readonly Series[], isLost: (minute: number) => boolean): readonly Series[] =>
  series.map((one) => ({
    ...one,
    line: (minute) => (isLost(minute) ? (one.name === 'up' ? 0 : null) : valueAt(one.line, minute)),
  }));

/** A process that starts anew every five minutes, and answers after one. */
const CYCLE = 5;
const restarting = (series: readonly Series[]): readonly Series[] =>
  lost(series, (minute) => minute >= CYCLE && minute % CYCLE < 1).map((one) => {
    const born = (minute: number) => Math.floor(minute / CYCLE) * CYCLE;
    const line = (minute: number) => valueAt(one.line, minute);
    const since = (minute: number) => (line(minute) === null || minute < CYCLE ? line(minute) : born(minute) * 60 + 60);
    const counted = (minute: number) => {
      const now = line(minute);
      return now === null || minute < CYCLE ? now : now - (line(born(minute) - 0.5) ?? 0);
    };
    if (/(watched_since_timestamp|process_start_time)_seconds$/.test(one.name)) return { ...one, line: since };
    return one.name.endsWith('_total') ? { ...one, line: counted } : one;
  });

/** A pod that is deleted in the middle of it, target and all; another one is there three minutes later. */
const moved = (series: readonly Series[]): readonly Series[] => [
  ...series.map((one) => ({ ...one, line: during(0, 31, [null, one.line]) })),
  ...series.map((one) => ({
    ...one,
    labels: { ...one.labels, instance: 'elsewhere' },
    line: during(34, 1e6, [null, /watched_since/.test(one.name) ? 34 * 60 : one.line]),
  })),
];

type Way = readonly [string, (series: readonly Series[]) => readonly Series[], readonly Heard[]];
const LOSING: readonly Way[] = [
  // Half of them would be as good as no exporter.
  [
    'two of five scrapes are lost',
    (series) => lost(series, (minute) => minute >= 5 && [1, 3].includes((minute * 2) % 5)),
    [],
  ],
  ['the exporter restarts every five minutes', restarting, []],
];
const MOVED: Way = ['its pod is moved meanwhile', moved, []];

const played = (troubles: Troubles, ways: readonly Way[]): readonly Situation[] =>
  Object.entries(troubles).flatMap(([what, [series, page, tickets = []]]) =>
    ways.map(([meanwhile, play, more]) => ({
      name: `${what}, and ${meanwhile}: one page, which ends`,
      series: play(series),
      minutes: 60,
      pages: [page],
      tickets: [...tickets, ...more],
    })),
  );

/** Whatever else goes on, what is wrong is one page, which ends after the repair. */
export const LOSSY_SITUATIONS: readonly Situation[] = [
  ...played(TROUBLES, [...LOSING, MOVED]),
  // Another exporter does not know what came and went before it, so it may page once more.
  ...played(BY_TURNS, LOSING),
];
