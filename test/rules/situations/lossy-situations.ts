import { deadStats } from '../support/dead-fleet.ts';
import { during, valueAt } from '../support/lines.ts';
import { outage } from '../support/outage.ts';
import { bareConnection, type EnvironmentLines, environment, exporter, type Series } from '../support/series.ts';
import type { Heard, Situation } from '../support/situation.ts';

const FROM = 20;
const TO = 40;

/** Reads that fail for a reason, twice a minute. */
const failing = (reason: 'stats401' | 'stats429' | 'stats5xx' | 'statsTimeout'): EnvironmentLines => ({
  ...outage({}, FROM, TO),
  [reason]: (minute: number) => Math.max(0, Math.min(minute, TO) - FROM) * 2,
});

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

/** What is wrong for twenty minutes, what is heard of it, and by when that is over. */
const TROUBLES: Readonly<
  Record<string, readonly [series: readonly Series[], pages: Heard, tickets?: readonly Heard[]]>
> = {
  'the API fails': [
    [...exporter(), ...fleet(3, () => failing('stats5xx'))],
    { alert: 'ApiUnreachable', environment: null, over: TO + 6 },
  ],
  'the reads of one environment time out': [
    [...exporter(), ...fleet(5, first(failing('statsTimeout')))],
    { alert: 'EnvironmentNotVisible', environment: 'e0', over: TO + 6 },
  ],
  'the API key is refused': [
    [
      ...exporter({ rejected: null }),
      ...bareConnection({ rejected: during(FROM, TO, [0, 1]) }, 'default'),
      ...fleet(3, () => failing('stats401')),
    ],
    { alert: 'CredentialRejected', environment: null, over: TO + 6 },
  ],
  'requests are limited': [
    [...exporter(), ...fleet(3, () => failing('stats429'))],
    { alert: 'ApiRateLimited', environment: null, over: TO + 6 },
  ],
  'a fleet is dead': [
    [...exporter(), ...fleet(3, first(deadStats(FROM, TO)))],
    { alert: 'NoWorkers', environment: 'e0', over: TO + 6 },
  ],
  'work waits too long': [
    [...exporter(), ...fleet(2, first(overload))],
    { alert: 'OldestItemTooOld', environment: 'e0', over: TO + 4 },
    [
      { alert: 'OldestItemTooOld', environment: 'e0' },
      { alert: 'Saturated', environment: 'e0' },
    ],
  ],
  'a queue is too deep': [
    [...exporter(), ...fleet(2, first(deep))],
    { alert: 'Saturated', environment: 'e0', over: TO + 4 },
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

const RESTARTING: Heard = { alert: 'ExporterRestarting', environment: null };
const WAYS: readonly (readonly [string, (series: readonly Series[]) => readonly Series[], readonly Heard[]])[] = [
  // Half of them would be as good as no exporter.
  [
    'two of five scrapes are lost',
    (series) => lost(series, (minute) => minute >= 5 && [1, 3].includes((minute * 2) % 5)),
    [],
  ],
  ['the exporter restarts every five minutes', restarting, [RESTARTING]],
  ['its pod is moved meanwhile', moved, []],
];

/** Whatever else goes on, what is wrong is one page, which ends after the repair. */
export const LOSSY_SITUATIONS: readonly Situation[] = Object.entries(TROUBLES).flatMap(
  ([what, [series, page, tickets = []]]) =>
    WAYS.map(([meanwhile, played, more]) => ({
      name: `${what}, and ${meanwhile}: one page, which ends`,
      series: played(series),
      minutes: 60,
      pages: [page],
      tickets: [...tickets, ...more],
    })),
);
