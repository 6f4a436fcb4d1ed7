import { DEATH, deadStats } from '../support/dead-fleet.ts';
import { ageFrom, during, type Line, now, step, valueAt } from '../support/lines.ts';
import { outage } from '../support/outage.ts';
import {
  alone,
  byStats,
  type EnvironmentLines,
  environment,
  exporter,
  replicas,
  type Series,
} from '../support/series.ts';
import type { Situation } from '../support/situation.ts';

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
      { condition: 'no_workers', starts: [DEATH + 2, 14.5] },
      { condition: 'key_refused', starts: [22, 25], over: 46 },
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
      { condition: 'no_workers', starts: [DEATH + 2, 14.5], over: 61 },
      { condition: 'key_refused', starts: [22, 25], over: 46 },
    ],
  },
  {
    name: 'a rate limit hides the environment while its fleet dies: first the limit, then the fleet',
    series: alone(
      {
        ...outage(deadStats(DEATH + 2), DEATH, 40),
        stats429: refusedFrom(DEATH, 40),
      },
      { sent: (minute) => minute * 4 },
    ),
    minutes: 50,
    pages: [
      { condition: 'rate_limited', environment: null, starts: [DEATH + 2, DEATH + 5], over: 46 },
      { condition: 'no_workers', starts: [40, 43] },
    ],
  },
  {
    name: 'a rate limit in the middle of a page about a dead fleet',
    series: alone(
      {
        ...outage(deadStats(DEATH), 20, 40),
        stats429: refusedFrom(20, 40),
      },
      { sent: (minute) => minute * 4 },
    ),
    minutes: 50,
    pages: [
      { condition: 'no_workers', starts: [DEATH + 2, 14.5] },
      { condition: 'rate_limited', environment: null, starts: [22, 25], over: 46 },
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
      { condition: 'api_unreachable', environment: null, starts: [DEATH + 2, DEATH + 4.5], over: 46 },
      { condition: 'no_workers', environment: 'a', starts: [40, 43] },
    ],
  },
  {
    name: 'every run lapses, and the exporter is restarted twice',
    series: restartAt(restartAt(alone(LOST_RUNS), 25), 40),
    minutes: 60,
    pages: [{ condition: 'runs_lost', starts: [8, 20] }],
    tickets: [{ condition: 'runs_lost' }],
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
    pages: [{ condition: 'no_workers', starts: [DEATH + 2, 14.5] }],
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
    pages: [{ condition: 'no_workers', starts: [DEATH + 2, 14.5], over: 36 }],
  },
  {
    name: 'a fleet with a minimum dies at night, and nothing waits',
    series: alone({ minWorkers: 2, polling: step(DEATH, 2, 0) }),
    minutes: 40,
    tickets: [{ condition: 'workers_below_minimum', starts: [DEATH + 4, DEATH + 10] }],
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
    // It may be a fleet that scales from zero: the page waits for the whole of the stricter limit.
    pages: [{ condition: 'no_workers', starts: [105, 107.5] }],
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
      { condition: 'oldest_item_too_old', starts: [25, 28] },
      { condition: 'no_workers', starts: [40, 44.5] },
    ],
    tickets: [{ condition: 'oldest_item_too_old' }],
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
      { condition: 'runs_lost', over: 45 },
      { condition: 'no_workers', starts: [32, 34.5] },
    ],
    tickets: [{ condition: 'runs_lost' }],
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
    pages: [{ condition: 'no_workers', starts: [DEATH + 2, 14.5] }],
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
    pages: [{ condition: 'no_workers', starts: [DEATH, 15], over: 56 }],
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
    pages: [{ condition: 'not_readable', starts: [12, 16.5], over: 66 }],
  },
  {
    name: 'a rate limit ends in the middle of a crash loop: one page about the workers, none about the wait before it',
    series: alone(
      {
        ...outage(deadStats(DEATH), DEATH, 40),
        polling: (minute) => (minute < DEATH ? 2 : minute < 40 ? null : minute % 5 < 0.5 ? 1 : 0),
        acknowledged: (minute) => Math.floor(minute / 5),
        stats429: refusedFrom(DEATH, 40),
      },
      { sent: (minute) => minute * 4 },
    ),
    minutes: 60,
    pages: [
      { condition: 'rate_limited', environment: null, starts: [DEATH + 2, DEATH + 5], over: 46 },
      { condition: 'no_workers', starts: [42, 46] },
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
    pages: [{ condition: 'no_workers', starts: [DEATH + 2, 25], over: 46 }],
    tickets: [{ condition: 'oldest_item_too_old' }],
  },
];
