import { ageFrom, during, type Line, now, step, valueAt } from '../support/lines.ts';
import { alone, lostScrapes, replicas } from '../support/rule-case.ts';
import { type EnvironmentLines, environment, exporter, NO_LIST, type Series } from '../support/series.ts';
import type { Heard, Situation } from '../support/situation.ts';
import { DEATH, deadStats, outage } from './worker-situations.ts';

const byStats = (lines: EnvironmentLines): EnvironmentLines => ({
  ...lines,
  ...NO_LIST,
  itemsQueued: null,
  sinceQueued: null,
});

/** Series that are there between two minutes only: an environment that is added or removed. */
function present(all: readonly Series[], from: number, to = 1e6): readonly Series[] {
  return all.map((one) => ({ ...one, line: during(from, to, [null, one.line]) }));
}

/** The process starts anew: its counters begin at 0. */
function restartAt(all: readonly Series[], minute: number): readonly Series[] {
  return all.map((one) => {
    if (!one.name.endsWith('_total')) return one;
    const before = valueAt(one.line, minute) ?? 0;
    return {
      ...one,
      line: (at: number) => {
        const value = valueAt(one.line, at);
        return value === null || at < minute ? value : value - before;
      },
    };
  });
}

const six = [...'abcdef'];
const dead = (id: string, from: number, to?: number) => environment(deadStats(from, to), { id, name: id });
const ONE_PAGE: Heard = { alert: 'NoWorkersAnywhere', environment: null };
const silentBeside = (ids: readonly string[]) =>
  ids.map((id) => ({
    alert: 'NoWorkers' as const,
    environment: id,
    severity: 'critical' as const,
    by: 'NoWorkersAnywhere' as const,
  }));

/** Six fleets that die some minutes apart, and how many of them have a page of their own before there is one for all. */
const STAGGERS = [
  { minutes: 0, own: 0 },
  { minutes: 1, own: 2 },
  { minutes: 3, own: 4 },
  { minutes: 10, own: 6 },
] as const;

/** Every run lapses: eight acknowledged in ten minutes, none stopped. */
const LOST_RUNS: EnvironmentLines = {
  itemsActive: 4,
  polling: 1,
  acknowledged: (minute) => Math.floor(minute * 0.8),
  lapsed: (minute) => Math.max(0, Math.floor((minute - 5) * 0.8)),
  stopped: 0,
  staleActive: (minute) => (minute < 3 ? 0 : 2),
  staleWarning: Infinity,
};

const refusedFrom =
  (minute: number, to = 1e6): Line =>
  (at) =>
    Math.max(0, Math.min(at, to) - minute) * 2;

/** Two troubles at once, a trouble within a trouble, and what changes meanwhile. */
export const MEETING_SITUATIONS: readonly Situation[] = [
  ...STAGGERS.map(({ minutes, own }): Situation => {
    const at = (index: number) => DEATH + index * minutes;
    return {
      name: `six fleets die ${minutes} min apart: nobody is told twice`,
      series: [...exporter(), ...six.flatMap((id, index) => dead(id, at(index), at(5) + 15))],
      minutes: at(5) + 25,
      pages: [
        ...six.slice(0, own).map(
          (environment, index): Heard => ({
            alert: 'NoWorkers',
            environment,
            starts: [at(index) + 2, at(index) + 4.5],
            over: at(5) + 21,
          }),
        ),
        ...(own === 6
          ? []
          : [{ ...ONE_PAGE, starts: [at(own) + 2, at(own) + (own === 0 ? 4.5 : 5.5)], over: at(5) + 21 } as const]),
      ],
      muted: silentBeside(six.slice(own)),
    };
  }),
  {
    name: 'six fleets die, five come back, and one stays dead: the page stays, and nobody is told again',
    series: [...exporter(), ...six.flatMap((id, index) => dead(id, DEATH, index === 0 ? 1e6 : 20))],
    minutes: 40,
    pages: [{ ...ONE_PAGE, starts: [DEATH + 2, 14.5] }],
    muted: silentBeside(six),
  },
  {
    name: 'a seventh fleet dies an hour after six that are still dead: it has a page of its own',
    series: [...exporter(), ...six.flatMap((id) => dead(id, DEATH)), ...dead('g', 60)],
    minutes: 70,
    pages: [
      { ...ONE_PAGE, starts: [DEATH + 2, 14.5] },
      { alert: 'NoWorkers', environment: 'g', starts: [62, 64.5] },
    ],
    muted: silentBeside(six),
  },
  {
    name: 'after six fleets one dies now and then, each less than half an hour after the last: only one after an hour has a page of its own',
    series: [
      ...exporter(),
      ...six.flatMap((id) => dead(id, DEATH)),
      ...dead('g', 30),
      ...dead('h', 55),
      ...dead('i', 110),
    ],
    minutes: 120,
    pages: [
      { ...ONE_PAGE, starts: [DEATH + 2, 14.5] },
      { alert: 'NoWorkers', environment: 'i', starts: [112, 114.5] },
    ],
    muted: [
      ...silentBeside([...six, 'g']),
      ...silentBeside(['h']).map((one) => ({ ...one, starts: [57, 59.5] as const })),
    ],
  },
  {
    name: 'nine fleets die four minutes apart: once six of them did, there is one page for those that follow',
    series: [...exporter(), ...[...'abcdefghi'].flatMap((id, index) => dead(id, DEATH + 4 * index))],
    minutes: 55,
    pages: [
      ...[...'abcde'].map((environment): Heard => ({ alert: 'NoWorkers', environment })),
      { ...ONE_PAGE, starts: [DEATH + 22, DEATH + 24.5] },
    ],
    muted: silentBeside([...'fghi']),
  },
  {
    name: 'six fleets are dead, and the API cannot be read for a while: the page stays',
    series: [...exporter(), ...six.flatMap((id) => environment(outage(deadStats(DEATH), 20, 40), { id, name: id }))],
    minutes: 50,
    pages: [
      { ...ONE_PAGE, starts: [DEATH + 2, 14.5] },
      { alert: 'ApiUnreachable', environment: null, starts: [22, 24.5], over: 46 },
    ],
    muted: silentBeside(six),
  },
  {
    name: 'three dead fleets on each of two connections: one page',
    series: [
      ...exporter(),
      ...six.flatMap((id, index) =>
        environment(deadStats(DEATH), { id, name: id, connection: index < 3 ? 'default' : 'other' }),
      ),
    ],
    minutes: 30,
    pages: [{ ...ONE_PAGE, starts: [DEATH + 2, 14.5] }],
    muted: silentBeside(six),
  },
  {
    name: 'the exporter is away for ten minutes in the middle of a page about a dead fleet: the page stays',
    series: lostScrapes(alone(deadStats(DEATH)), [20, 30]),
    minutes: 45,
    pages: [
      { alert: 'NoWorkers', starts: [DEATH + 2, 14.5] },
      { alert: 'ExporterAbsent', environment: null, starts: [22, 26], over: 36 },
    ],
  },
  {
    name: 'the fleet comes back while the exporter is away: the page ends soon after it is back',
    series: lostScrapes(alone(deadStats(DEATH, 25)), [20, 30]),
    minutes: 45,
    pages: [
      { alert: 'NoWorkers', starts: [DEATH + 2, 14.5], over: 36 },
      { alert: 'ExporterAbsent', environment: null, starts: [22, 26], over: 36 },
    ],
  },
  {
    name: 'an environment with a dead fleet is taken out of the configuration: its page ends',
    series: [...exporter(), ...environment({}, { id: 'f' }), ...present(environment(deadStats(DEATH)), 0, 25)],
    minutes: 40,
    pages: [{ alert: 'NoWorkers', starts: [DEATH + 2, 14.5], over: 31 }],
  },
  {
    name: 'discovery loses an environment with a dead fleet for four minutes: one page',
    series: alone(deadStats(DEATH)).map((one) =>
      one.labels.environment_id === undefined ? one : { ...one, line: during(20, 24, [one.line, null]) },
    ),
    minutes: 40,
    pages: [{ alert: 'NoWorkers', starts: [DEATH + 2, 14.5] }],
  },
  {
    name: 'discovery loses a healthy environment for four minutes, and finds it again',
    series: alone({}).map((one) =>
      one.labels.environment_id === undefined ? one : { ...one, line: during(20, 24, [one.line, null]) },
    ),
    minutes: 40,
  },
  {
    name: 'an environment is added whose fleet has been dead for an hour',
    series: [
      ...exporter(),
      ...present(
        environment({
          ...deadStats(0),
          watchedSince: 600,
          age: (minute) => 3600 + minute * 60,
          head: 1,
          sinceQueued: 1,
        }),
        10,
      ),
    ],
    minutes: 30,
    pages: [{ alert: 'NoWorkers', starts: [10, 14] }],
  },
  {
    name: 'an environment is added whose fleet has been dead for an hour, an API key alone',
    series: [
      ...exporter(),
      ...present(
        environment({ ...byStats(deadStats(0)), watchedSince: 600, age: (minute) => 3600 + minute * 60, head: 1 }),
        10,
      ),
    ],
    minutes: 30,
    pages: [{ alert: 'NoWorkers', starts: [10, 17.5] }],
  },
  {
    name: 'an environment is added, an API key alone: its one worker is in a run of six minutes',
    series: [
      ...exporter(),
      ...present(
        environment({
          ...byStats({}),
          watchedSince: 600,
          polling: 0,
          depth: 2,
          age: (minute) => 310 + ((minute - 12) % 6 < 0 ? (minute - 10) * 60 : ((minute - 12) % 6) * 60 - 290),
          head: (minute) => (minute < 12 ? 290 : Math.floor((minute - 12) / 6) * 360 + 700),
        }),
        10,
      ),
    ],
    minutes: 40,
    tickets: [],
  },
  {
    name: 'the API key is revoked in the middle of a page about a dead fleet, and both are mended',
    series: [
      ...exporter({ rejected: during(20, 40, [0, 1]) }),
      ...environment({
        ...outage(deadStats(DEATH, 40), 20, 40),
        upList: 1,
        lastList: now,
        stats401: refusedFrom(20, 40),
      }),
    ],
    minutes: 55,
    pages: [
      { alert: 'NoWorkers', starts: [DEATH + 2, 14.5] },
      { alert: 'ApiAuthFailing', starts: [22, 25], over: 46 },
    ],
  },
  {
    name: 'the API key is revoked in the middle of a page about a dead fleet, and mended before the fleet is: no third page',
    series: [
      ...exporter({ rejected: during(20, 40, [0, 1]) }),
      ...environment({
        ...outage(deadStats(DEATH, 55), 20, 40),
        upList: 1,
        lastList: now,
        stats401: refusedFrom(20, 40),
      }),
    ],
    minutes: 70,
    pages: [
      { alert: 'NoWorkers', starts: [DEATH + 2, 14.5], over: 61 },
      { alert: 'ApiAuthFailing', starts: [22, 25], over: 46 },
    ],
  },
  {
    name: 'a rate limit hides the environment while its fleet dies: first the limit, then the fleet',
    series: alone({
      ...outage(deadStats(DEATH + 2), DEATH, 40),
      stats429: refusedFrom(DEATH, 40),
      requests: (minute) => minute * 4,
    }),
    minutes: 50,
    pages: [
      { alert: 'ApiRateLimited', environment: null, starts: [DEATH + 2, DEATH + 5], over: 46 },
      { alert: 'NoWorkers', starts: [40, 43] },
    ],
  },
  {
    name: 'a rate limit in the middle of a page about a dead fleet',
    series: alone({
      ...outage(deadStats(DEATH), 20, 40),
      stats429: refusedFrom(20, 40),
      requests: (minute) => minute * 4,
    }),
    minutes: 50,
    pages: [
      { alert: 'NoWorkers', starts: [DEATH + 2, 14.5] },
      { alert: 'ApiRateLimited', environment: null, starts: [22, 25], over: 46 },
    ],
  },
  {
    name: 'an outage of the API hides three environments, and one fleet dies meanwhile',
    series: [
      ...exporter(),
      ...[...'abc'].flatMap((id, index) =>
        environment(outage(index === 0 ? deadStats(DEATH + 5) : {}, DEATH, 40), { id, name: id }),
      ),
    ],
    minutes: 50,
    pages: [
      { alert: 'ApiUnreachable', environment: null, starts: [DEATH + 2, DEATH + 4.5], over: 46 },
      { alert: 'NoWorkers', environment: 'a', starts: [40, 43] },
    ],
  },
  {
    name: 'every run lapses, and the exporter is restarted twice',
    series: restartAt(restartAt(alone(LOST_RUNS), 25), 40),
    minutes: 60,
    pages: [{ alert: 'LeasesLapsing', starts: [8, 20] }],
    tickets: [{ alert: 'LeasesLapsing' }],
  },
  {
    name: 'a dead fleet, and one of two replicas restarts every five minutes',
    series: [
      ...replicas(deadStats(DEATH), {}).filter(({ labels }) => labels.instance === 'a'),
      ...[...exporter({}, { instance: 'b' }), ...environment(deadStats(DEATH), { instance: 'b' })].map((one) => ({
        ...one,
        line: (minute: number) => (minute % 5 >= 1 ? valueAt(one.line, minute) : one.name === 'up' ? 0 : null),
      })),
    ],
    minutes: 40,
    pages: [{ alert: 'NoWorkers', starts: [DEATH + 2, 14.5] }],
  },
  {
    name: 'as many workers as configured, and a rollout that takes a minute, every quarter of an hour',
    series: alone({ minWorkers: 2, polling: (minute) => (minute % 15 < 1 ? 0 : 2) }),
    minutes: 60,
  },
  {
    name: 'as many workers as configured, all busy, and a rollout that takes two minutes',
    series: alone({
      minWorkers: 2,
      polling: 0,
      itemsActive: during(20, 22, [2, 0]),
      acknowledged: (minute) => minute,
      stopped: (minute) => minute,
    }),
    minutes: 40,
  },
  {
    name: 'a fleet with a minimum dies while work waits: one page and no ticket beside it',
    series: alone({ ...deadStats(DEATH, 30), minWorkers: 2 }),
    minutes: 50,
    pages: [{ alert: 'NoWorkers', starts: [DEATH + 2, 14.5], over: 36 }],
  },
  {
    name: 'a fleet with a minimum dies at night, and nothing waits',
    series: alone({ minWorkers: 2, polling: step(DEATH, 2, 0) }),
    minutes: 40,
    tickets: [{ alert: 'WorkersBelowMinimum', starts: [DEATH + 4, DEATH + 10] }],
  },
  {
    name: 'a night without work and workers, and in the morning an item that nobody takes',
    series: alone({
      polling: step(20, 2, 0),
      depth: step(100, 0, 1),
      age: ageFrom(100),
      head: step(100, null, 6000),
      itemsQueued: step(100, 0, 1),
      sinceQueued: step(100, null, 6000),
    }),
    minutes: 110,
    pages: [{ alert: 'NoWorkers', starts: [102, 104.5] }],
  },
  {
    name: 'the oldest item is passed over for long, and then the whole fleet dies',
    series: alone({
      polling: step(40, 2, 0),
      itemsActive: step(40, 3, 0),
      age: (minute) => Math.max(0, minute - 10) * 60,
      head: step(10, null, 600),
      depth: (minute) => (minute < 10 ? 0 : minute < 40 ? 3 : 3 + Math.floor(minute - 40)),
      itemsQueued: (minute) => (minute < 10 ? 0 : 3),
      sinceQueued: step(10, null, 600),
      acknowledged: (minute) => Math.floor(Math.min(minute, 40)),
      stopped: (minute) => Math.floor(Math.min(minute, 40)),
    }),
    minutes: 55,
    pages: [
      { alert: 'OldestItemTooOld', starts: [25, 28] },
      { alert: 'NoWorkers', starts: [40, 44.5] },
    ],
    tickets: [{ alert: 'OldestItemTooOld' }, { alert: 'HeadOfLineBlocked' }],
  },
  {
    name: 'every run lapses, somebody stops the workers, and work waits',
    series: alone({
      ...LOST_RUNS,
      polling: step(30, 1, 0),
      itemsActive: step(30, 4, 0),
      staleActive: (minute) => (minute < 3 || minute >= 30 ? 0 : 2),
      acknowledged: (minute) => Math.floor(Math.min(minute, 30) * 0.8),
      lapsed: (minute) => Math.max(0, Math.floor((Math.min(minute, 30) - 5) * 0.8)),
      depth: step(30, 0, 5),
      itemsQueued: step(30, 0, 5),
      age: ageFrom(30),
      head: step(30, null, 1800),
      sinceQueued: step(30, null, 1800),
    }),
    minutes: 50,
    pages: [
      { alert: 'LeasesLapsing', over: 45 },
      { alert: 'NoWorkers', starts: [32, 34.5] },
    ],
    tickets: [{ alert: 'LeasesLapsing' }],
  },
  {
    name: 'two replicas are cut off from the API one after the other, never both',
    series: replicas(
      {
        upStats: during(10, 18, [1, 0]),
        lastStats: (minute) => (minute < 18 ? Math.min(minute, 10) * 60 : minute * 60),
      },
      {
        upStats: during(20, 28, [1, 0]),
        lastStats: (minute) => (minute < 28 ? Math.min(minute, 20) * 60 : minute * 60),
      },
    ),
    minutes: 40,
  },
  {
    name: 'the API withholds ages, its clock is ten minutes ahead, and the fleet is dead: the list tells',
    series: [
      ...exporter({ skew: 600 }),
      ...environment({
        ...deadStats(DEATH),
        age: step(DEATH, 0, null),
        ageUnknown: step(DEATH, 0, 1),
        head: null,
        sinceQueued: step(DEATH, null, DEATH * 60 + 600),
      }),
    ],
    minutes: 30,
    pages: [{ alert: 'NoWorkers', starts: [DEATH + 2, 14.5] }],
  },
  {
    name: 'hung workers take an item now and then, their count is unknown, and the wait is long for most of the time: one page',
    series: alone({
      polling: null,
      itemsActive: 0,
      depth: (minute) => (minute < DEATH || minute >= 50 ? 0 : 10 + 2 * (Math.floor(minute * 2) % 2)),
      itemsQueued: during(DEATH, 50, [0, 10]),
      age: (minute) => (minute < DEATH || minute >= 50 ? 0 : minute % 4 < 3 ? 200 : 120),
      head: (minute) => (minute < DEATH || minute >= 50 ? null : minute * 60),
      acknowledged: (minute) => Math.floor(minute),
      stopped: (minute) => Math.floor(minute),
    }),
    minutes: 60,
    pages: [{ alert: 'NoWorkers', starts: [DEATH, 15], over: 56 }],
  },
  {
    name: 'an outage of the API in which the exporter is restarted twice: one page',
    series: alone({
      ...outage({}, 10, 60),
      lastStats: (minute) => (minute < 12 ? Math.min(minute, 10) * 60 : minute < 60 ? null : minute * 60),
      lastList: (minute) => (minute < 12 ? Math.min(minute, 10) * 60 : minute < 60 ? null : minute * 60),
      watchedSince: (minute) => (minute < 12 ? 0 : minute < 35 ? 720 : 2100),
    }),
    minutes: 70,
    pages: [{ alert: 'EnvironmentNotVisible', starts: [12, 16.5], over: 66 }],
  },
  {
    name: 'a rate limit ends in the middle of a crash loop: one page about the workers, none about the wait before it',
    series: alone({
      ...outage(deadStats(DEATH), DEATH, 40),
      polling: (minute) => (minute < DEATH ? 2 : minute < 40 ? null : minute % 5 < 0.5 ? 1 : 0),
      acknowledged: (minute) => Math.floor(minute / 5),
      stats429: refusedFrom(DEATH, 40),
      requests: (minute) => minute * 4,
    }),
    minutes: 60,
    pages: [
      { alert: 'ApiRateLimited', environment: null, starts: [DEATH + 2, DEATH + 5], over: 46 },
      { alert: 'NoWorkers', starts: [42, 46] },
    ],
  },
  {
    name: 'an API key alone, no worker count, and after the repair a read meets an item now and then: the page ends',
    series: alone(
      byStats({
        ...deadStats(DEATH, 40),
        polling: null,
        depth: (minute) =>
          minute < DEATH ? 0 : minute < 40 ? 1 + Math.floor(minute - DEATH) : minute % 3 === 0 ? 1 : 0,
      }),
    ),
    minutes: 70,
    pages: [{ alert: 'NoWorkers', starts: [DEATH + 2, 25], over: 46 }],
    tickets: [{ alert: 'OldestItemTooOld' }],
  },
];
