import { DEATH, deadStats, drained, noWorkers } from '../support/dead-fleet.ts';
import { ageFrom, during, type Line, now, step } from '../support/lines.ts';
import { outage } from '../support/outage.ts';
import {
  alone,
  type EnvironmentLines,
  environment,
  exporter,
  lostScrapes,
  NO_LIST,
  replicas,
  withTwin,
} from '../support/series.ts';
import type { Situation } from '../support/situation.ts';

const head: Line = (minute) => (minute >= DEATH ? DEATH * 60 : null);

/** Prometheus' clock is ten minutes off: every stamp of exporter and API is moved, and so is the exporter's own time. */
function shifted(lines: EnvironmentLines, seconds: number) {
  const move =
    (line: Line): Line =>
    (minute) => {
      const value = typeof line === 'function' ? line(minute) : line;
      return value === null ? null : value + seconds;
    };
  const stamps = [
    'watchedSince',
    'lastStats',
    'lastList',
    'head',
    'sinceQueued',
    'sinceActive',
    'sinceStarting',
  ] as const;
  const defaults: EnvironmentLines = { watchedSince: 0, lastStats: now, lastList: now };
  const moved = Object.fromEntries(
    stamps.flatMap((key) => {
      const line = lines[key] ?? defaults[key];
      return line === undefined ? [] : [[key, move(line)]];
    }),
  );
  return [...exporter({ time: move(now) }), ...environment({ ...lines, ...moved })];
}

/** Every half hour an item comes, workers are there some minutes later, and stay for five. */
function scaledUp(minutes: number): EnvironmentLines {
  const since = (minute: number) => (minute % 30) - 20;
  const waits = (minute: number) => since(minute) >= 0 && since(minute) < minutes;
  const isUp = (minute: number) => since(minute - minutes) >= 0 && since(minute - minutes) < 5;
  const whileItWaits =
    (line: (minute: number) => number, otherwise: number | null): Line =>
    (minute) =>
      waits(minute) ? line(minute) : otherwise;
  const came: Line = whileItWaits((minute) => (minute - since(minute)) * 60, null);
  return {
    polling: (minute) => (isUp(minute) ? 1 : 0),
    depth: whileItWaits(() => 1, 0),
    age: whileItWaits((minute) => since(minute) * 60, 0),
    head: came,
    itemsQueued: whileItWaits(() => 1, 0),
    sinceQueued: came,
    itemsActive: (minute) => (isUp(minute) ? 1 : 0),
    acknowledged: (minute) => Math.floor((minute - 20 - minutes) / 30) + 1,
    stopped: (minute) => Math.floor((minute - 25 - minutes) / 30) + 1,
  };
}

/** Nobody works in one environment, or it looks so. */
export const WORKER_SITUATIONS: readonly Situation[] = [
  { name: 'healthy and empty', series: withTwin({}), minutes: 60 },
  {
    name: 'the fleet dies and stays dead, beside a healthy one of the same name',
    series: withTwin(deadStats(DEATH)),
    minutes: 60,
    pages: [noWorkers()],
  },
  {
    name: 'the fleet dies, comes back, and drains its backlog',
    series: alone(drained(DEATH, 30)),
    minutes: 80,
    pages: [noWorkers(14.5, 36)],
  },
  {
    name: 'an API key alone: a dead fleet pages by what stats show',
    series: alone({ ...deadStats(DEATH), ...NO_LIST, itemsQueued: null, sinceQueued: null }),
    minutes: 60,
    pages: [{ condition: 'no_workers', starts: [DEATH + 5, DEATH + 7.5] }],
  },
  {
    name: 'an API key alone: the fleet comes back',
    series: alone({
      ...drained(DEATH, 30),
      ...NO_LIST,
      itemsQueued: null,
      sinceQueued: null,
      polling: during(DEATH, 31, [2, 0]),
    }),
    minutes: 80,
    pages: [{ condition: 'no_workers', starts: [DEATH + 5, DEATH + 7.5], over: 36.5 }],
  },
  {
    name: 'the worker count is unknown, and the list shows nobody alive',
    series: alone({ ...deadStats(DEATH), polling: null }),
    minutes: 60,
    pages: [noWorkers()],
  },
  {
    name: 'one worker restarts every six seconds and reads as five',
    series: alone({ ...deadStats(DEATH), polling: 5, pending: step(DEATH, 0, 1) }),
    minutes: 60,
    pages: [{ condition: 'no_workers', starts: [DEATH + 4, DEATH + 8] }],
  },
  {
    name: 'the API withholds the age, and the list tells it',
    series: alone({ ...deadStats(DEATH), age: step(DEATH, 0, null), ageUnknown: step(DEATH, 0, 1), head: null }),
    minutes: 40,
    pages: [noWorkers()],
  },
  {
    name: 'the API withholds the age, and there is no list',
    series: alone({
      ...deadStats(DEATH),
      ...NO_LIST,
      itemsQueued: null,
      sinceQueued: null,
      head: null,
      age: step(DEATH, 0, null),
      ageUnknown: step(DEATH, 0, 1),
    }),
    minutes: 40,
    pages: [{ condition: 'no_workers', starts: [DEATH + 8, DEATH + 13] }],
    tickets: [{ condition: 'coverage_reduced' }],
  },
  ...(
    [
      ['say that nothing waits', {}],
      ['call each wait a new one', { depth: step(10, 0, 3), age: step(10, 0, 5) }],
    ] as const
  ).map(
    ([what, lines]): Situation => ({
      name: `the statistics ${what}, and the list shows an item that nobody takes: a ticket`,
      series: alone({ itemsQueued: step(10, 0, 3), sinceQueued: step(10, null, 600), ...lines }),
      minutes: 60,
      tickets: [{ condition: 'coverage_reduced', starts: [30, 41] }],
    }),
  ),
  {
    name: 'the statistics say that nothing waits, and the list shows an item for twenty minutes',
    series: alone({ itemsQueued: during(10, 30, [0, 1]), sinceQueued: during(10, 30, [null, 600]) }),
    minutes: 60,
  },
  {
    name: 'the list fails while the fleet dies',
    series: alone({
      ...deadStats(DEATH),
      upList: step(DEATH, 1, 0),
      lastList: (minute) => Math.min(minute, DEATH) * 60,
      itemsQueued: step(DEATH + 1.5, 0, null),
      itemsStarting: step(DEATH + 1.5, 0, null),
      itemsActive: step(DEATH + 1.5, 2, null),
      itemsStopping: step(DEATH + 1.5, 0, null),
      staleStarting: step(DEATH + 1.5, 0, null),
      staleActive: step(DEATH + 1.5, 0, null),
      staleStopping: step(DEATH + 1.5, 0, null),
      sinceQueued: null,
    }),
    minutes: 60,
    pages: [{ condition: 'no_workers', starts: [DEATH + 4, DEATH + 8] }],
    tickets: [{ condition: 'coverage_reduced' }],
  },
  {
    name: 'a dead fleet, and a replica that lags and still shows its workers',
    series: replicas(deadStats(DEATH), {
      ...deadStats(1e6),
      lastStats: (minute) => Math.min(minute * 60, (DEATH - 1) * 60 + Math.max(0, minute - 25) * 60),
      lastList: (minute) => Math.min(minute * 60, (DEATH - 1) * 60 + Math.max(0, minute - 25) * 60),
    }),
    minutes: 24,
    pages: [noWorkers(15)],
  },
  {
    name: 'a healthy fleet, and a replica that lags and still shows an old item',
    series: replicas(
      {},
      {
        depth: step(DEATH, 0, 1),
        age: ageFrom(DEATH),
        head,
        polling: step(DEATH, 2, 0),
        lastStats: (minute) => Math.min(minute, DEATH + 0.5) * 60,
      },
    ),
    minutes: 30,
  },
  ...([600, -600] as const).flatMap((seconds): Situation[] => [
    {
      name: `clocks ${seconds} s apart: a healthy fleet`,
      series: shifted({ itemsActive: 1, sinceActive: (minute) => (minute - 1) * 60 }, seconds),
      minutes: 60,
    },
    {
      name: `clocks ${seconds} s apart: a dead fleet pages in time`,
      series: shifted(deadStats(DEATH), seconds),
      minutes: 40,
      pages: [noWorkers()],
    },
  ]),
  {
    name: 'an outage of the API does not end the page about a dead fleet',
    series: alone(outage(deadStats(DEATH), 20, 50)),
    minutes: 60,
    pages: [noWorkers(), { condition: 'not_readable', starts: [22, 26], over: 54 }],
  },
  {
    name: 'a restart of the exporter in the middle of the page',
    series: lostScrapes(alone(deadStats(DEATH)), [20, 21.5]),
    minutes: 60,
    pages: [noWorkers()],
  },
  {
    name: 'scaled to zero on purpose, nothing queued',
    series: alone({ polling: 0 }),
    minutes: 60,
  },
  {
    name: 'scaled to zero: work arrives, a worker boots in two minutes and takes it',
    series: alone({
      depth: during(10, 12, [0, 1]),
      age: during(10, 12, [0, (minute) => (minute - 10) * 60]),
      polling: during(12, 12.5, [0, 1]),
      itemsActive: during(12, 20, [0, 1]),
      acknowledged: step(12, 0, 1),
    }),
    minutes: 60,
  },
  ...([4, 5] as const).map(
    (minutes): Situation => ({
      name: `scaled to zero: work arrives three times, and workers need ${minutes} minutes to be there`,
      series: alone(scaledUp(minutes)),
      minutes: 90,
    }),
  ),
  {
    name: 'scaled to zero: work arrives, and it takes too long until workers are there',
    series: alone(scaledUp(9)),
    minutes: 40,
    pages: [{ condition: 'no_workers', starts: [25, 27.5], over: 34 }],
  },
  {
    name: 'scaled to zero: workers need nine minutes, which the limit allows',
    series: alone({ ...scaledUp(9), ageWarning: 600 }),
    minutes: 90,
  },
  {
    name: 'scaled to zero: nobody comes, and the limit is twenty minutes',
    series: alone({
      polling: 0,
      depth: step(20, 0, 1),
      age: ageFrom(20),
      head: step(20, null, 1200),
      itemsQueued: step(20, 0, 1),
      sinceQueued: step(20, null, 1200),
      ageWarning: 1200,
      ageCritical: 2400,
    }),
    minutes: 50,
    pages: [{ condition: 'no_workers', starts: [40, 42.5] }],
    tickets: [{ condition: 'no_workers' }],
  },
  {
    name: 'workers that were there for more than an hour leave an empty queue, and work arrives at once',
    series: alone({
      polling: step(80, 2, 0),
      depth: step(84, 0, 1),
      age: ageFrom(84),
      head: step(84, null, 5040),
      itemsQueued: step(84, 0, 1),
      sinceQueued: step(84, null, 5040),
    }),
    minutes: 95,
    pages: [{ condition: 'no_workers', starts: [86, 88.5] }],
  },
  {
    name: 'thresholds are off: nobody waits for this environment',
    series: alone({ ...deadStats(DEATH), ageWarning: Infinity, ageCritical: Infinity, waitTarget: Infinity }),
    minutes: 60,
  },
];
