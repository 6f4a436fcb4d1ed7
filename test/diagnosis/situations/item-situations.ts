import { during, type Line, step } from '../support/lines.ts';
import { alone, type EnvironmentLines, environment, exporter, type Series, withTwin } from '../support/series.ts';
import type { Heard, Situation } from '../support/situation.ts';

/** Two workers, one run a minute each. */
const BUSY: EnvironmentLines = {
  itemsActive: 2,
  polling: 1,
  acknowledged: (minute) => minute * 2,
  stopped: (minute) => minute * 2,
};
/** Every run of a hundred lapses: nothing is ever finished, and nothing ever looks old. */
export const NOTHING_FINISHES: EnvironmentLines = {
  ...BUSY,
  stopped: 40,
  acknowledged: (minute) => 40 + minute * 2,
  lapsed: (minute) => Math.max(0, minute - 10) * 2,
  staleActive: step(10, 0, 1),
  staleWarning: Infinity,
};
const dies = (from: number): EnvironmentLines => ({
  ...BUSY,
  staleActive: during(from + 2, from + 5, [0, 1]),
  lapsed: step(from + 5, 0, 1),
});
/** A list that is read now: its oldest heartbeat, of several hundred runs, is so many seconds old. */
const silentFor = (seconds: (minute: number) => number): EnvironmentLines => ({
  ...BUSY,
  itemsActive: 400,
  staleActive: (minute) => (seconds(minute) >= 120 ? 1 : 0),
  staleSeconds: 120,
  oldestHeartbeat: (minute) => minute * 60 - seconds(minute),
});
const gap = (from: number, minutes: number): Line => during(from, from + minutes, [0, 1]);

/** Every run of an environment lapses between two minutes. */
const losesAll = (from: number, to = 1e6): EnvironmentLines => ({
  ...BUSY,
  acknowledged: (minute) => minute * 2,
  stopped: (minute) => 2 * (Math.min(minute, from) + 2 * Math.max(0, minute - to)),
  lapsed: (minute) => Math.max(0, Math.min(minute, to) - from) * 2,
  staleActive: during(from, to, [0, 1]),
  staleWarning: Infinity,
});
/** Its workers are gone, and work waits. */
const deadFrom = (from: number): EnvironmentLines => ({
  polling: step(from, 1, 0),
  depth: (minute) => Math.max(0, minute - from),
  itemsQueued: (minute) => Math.max(0, minute - from),
  age: (minute) => Math.max(0, minute - from) * 60,
  head: step(from, null, from * 60),
  itemsActive: step(from, 2, 0),
  staleActive: during(10, from, [0, 1]),
  acknowledged: (minute) => Math.min(minute, from) * 2,
  stopped: (minute) => 2 * Math.min(minute, 10),
});
const fleet = (lines: readonly EnvironmentLines[]): readonly Series[] => [
  ...exporter(),
  ...lines.flatMap((one, index) => environment(one, { id: `e${index}`, name: `n${index}` })),
];
const each = (count: number, heard: Omit<Heard, 'environment'>): readonly Heard[] =>
  Array.from({ length: count }, (_, index) => ({ ...heard, environment: `e${index}` }));

export const ITEM_SITUATIONS: readonly Situation[] = [
  { name: 'workers work', series: alone(BUSY), minutes: 60 },
  {
    name: 'every run lapses and none finishes',
    series: withTwin(NOTHING_FINISHES),
    minutes: 40,
    pages: [{ condition: 'runs_lost', starts: [11, 30] }],
    tickets: [{ condition: 'runs_lost' }],
  },
  {
    name: 'a release with which every run of eight environments lapses: one page, which ends when it is taken back',
    series: fleet(Array<EnvironmentLines>(8).fill(losesAll(10, 50))),
    minutes: 80,
    pages: [{ condition: 'fleets_failing', environment: null, starts: [14, 30], over: 60 }],
    tickets: each(8, { condition: 'runs_lost' }),
  },
  {
    name: 'the same in five environments: one page, too',
    series: fleet(Array<EnvironmentLines>(5).fill(losesAll(10, 50))),
    minutes: 70,
    pages: [{ condition: 'fleets_failing', environment: null, starts: [14, 30], over: 58 }],
    tickets: each(5, { condition: 'runs_lost' }),
  },
  {
    name: 'the same in six environments, and an hour later in a seventh: a page about the six and one about the seventh',
    series: fleet([...Array<EnvironmentLines>(6).fill(losesAll(10)), losesAll(80)]),
    minutes: 110,
    pages: [
      { condition: 'fleets_failing', environment: null, starts: [14, 30] },
      { condition: 'runs_lost', environment: 'e6', starts: [84, 104] },
    ],
    tickets: each(7, { condition: 'runs_lost' }),
  },
  {
    name: 'the same in six environments, and later in others: a page about each of these',
    series: fleet([
      ...Array<EnvironmentLines>(6).fill(losesAll(10)),
      ...[36, 60, 100, 112].map((from) => losesAll(from)),
    ]),
    minutes: 140,
    pages: [
      { condition: 'fleets_failing', environment: null, starts: [14, 30] },
      { condition: 'runs_lost', environment: 'e6', starts: [40, 56] },
      { condition: 'runs_lost', environment: 'e7', starts: [64, 82] },
      { condition: 'runs_lost', environment: 'e8', starts: [104, 122] },
      { condition: 'runs_lost', environment: 'e9', starts: [116, 134] },
    ],
    tickets: each(10, { condition: 'runs_lost' }),
  },
  {
    name: 'the same in eight environments, and the workers of all are stopped: one page about these fleets',
    series: fleet(
      Array<EnvironmentLines>(8).fill({
        ...losesAll(10, 40),
        ...deadFrom(40),
      }),
    ),
    minutes: 80,
    pages: [{ condition: 'fleets_failing', environment: null, starts: [14, 30] }],
    tickets: each(8, { condition: 'runs_lost' }),
  },
  {
    name: 'a deployment kills every run of a fleet once, and new ones take twenty minutes: tickets, as no more is lost',
    series: alone({
      ...BUSY,
      acknowledged: (minute) => minute * 2,
      stopped: (minute) => 2 * (minute < 20 ? minute : Math.max(20, minute - 20)),
      lapsed: step(25, 0, 30),
      itemsActive: 40,
      staleActive: during(22, 25, [0, 30]),
    }),
    minutes: 60,
    tickets: [{ condition: 'heartbeats_stale' }, { condition: 'runs_lost' }],
  },
  {
    name: 'every run lapsed, until the release was taken back',
    series: alone({
      ...NOTHING_FINISHES,
      lapsed: (minute) => Math.max(0, Math.min(minute, 40) - 10) * 2,
      stopped: (minute) => 40 + Math.max(0, minute - 40) * 6,
      staleActive: during(10, 40, [0, 1]),
    }),
    minutes: 60,
    pages: [{ condition: 'runs_lost', starts: [11, 30], over: 46 }],
    tickets: [{ condition: 'runs_lost' }],
  },
  {
    name: 'every run lapsed until the repair, the lost ones lapse for minutes after it, and few finish in a minute',
    series: alone({
      ...NOTHING_FINISHES,
      lapsed: (minute) => Math.max(0, Math.min(minute, 45) - 10) * 1.2,
      stopped: (minute) => 40 + Math.floor(Math.max(0, minute - 40) * 0.8),
      staleActive: during(10, 45, [0, 1]),
    }),
    minutes: 70,
    pages: [{ condition: 'runs_lost', starts: [11, 30], over: 49 }],
    tickets: [{ condition: 'runs_lost' }],
  },
  {
    name: 'one run in twenty finishes, in bursts, while the others lapse',
    series: alone({
      ...NOTHING_FINISHES,
      lapsed: (minute) => Math.max(0, minute - 10) * 2,
      stopped: (minute) => 40 + 2 * Math.floor(Math.max(0, minute - 10) / 20),
      staleActive: during(10, 90, [0, 1]),
    }),
    minutes: 80,
    pages: [{ condition: 'runs_lost', starts: [11, 30] }],
    tickets: [{ condition: 'runs_lost' }],
  },
  {
    name: 'sessions wake up between two reads and look like lapses',
    series: alone({ ...BUSY, lapsed: (minute) => minute, acknowledged: (minute) => minute * 3 }),
    minutes: 40,
  },
  {
    name: 'sessions wake up, and no stop is ever seen',
    series: alone({ ...BUSY, lapsed: (minute) => minute * 2, stopped: 0 }),
    minutes: 40,
  },
  {
    name: 'sessions wake up, no stop is ever seen, and two heartbeats of Go workers hang',
    series: alone({
      ...BUSY,
      lapsed: (minute) => minute * 2,
      stopped: 0,
      staleActive: (minute) => ((minute >= 20 && minute < 21) || (minute >= 30 && minute < 31) ? 1 : 0),
    }),
    minutes: 40,
  },
  {
    name: 'three sessions wake up, no stop is ever seen, and two heartbeats hang: a minute of silence is no lapse',
    series: alone({
      ...BUSY,
      lapsed: (minute) => Math.floor(Math.max(0, Math.min(minute, 30) - 9) / 7),
      staleActive: (minute) => ((minute >= 20 && minute < 20.5) || (minute >= 25 && minute < 25.5) ? 1 : 0),
    }),
    minutes: 50,
  },
  {
    name: 'a large fleet: sessions wake up, which looks like lapses, and some heartbeat always hangs',
    series: alone({
      ...silentFor((minute) => 121 + (minute % 1) * 60),
      lapsed: (minute) => Math.floor(minute / 2),
      acknowledged: (minute) => Math.floor(minute * 4),
      stopped: (minute) => Math.floor(minute * 4),
    }),
    minutes: 60,
  },
  {
    name: 'every run lapses, and a lease ends before a heartbeat is stale: the items come back again and again',
    series: alone({ ...NOTHING_FINISHES, staleActive: 0, redelivered: step(16, 0, 5) }),
    minutes: 40,
    pages: [{ condition: 'runs_lost', starts: [16, 24] }],
    tickets: [{ condition: 'runs_lost' }, { condition: 'item_stuck' }],
  },
  {
    name: 'runs lapse until their workers are replaced: the ticket ends soon after the last lapse',
    series: alone({
      ...BUSY,
      lapsed: (minute) => Math.floor(Math.min(Math.max(0, minute - 10), 20) / 2),
      staleActive: during(10, 30, [0, 1]),
      staleWarning: Infinity,
    }),
    minutes: 60,
    tickets: [{ condition: 'runs_lost', starts: [14, 24], over: 41 }],
  },
  {
    name: 'one worker, whose every run lapses after some minutes',
    series: alone({
      itemsActive: 1,
      polling: 0,
      acknowledged: (minute) => 3 + Math.floor(minute / 5.5),
      lapsed: (minute) => Math.floor(Math.max(0, minute - 5) / 5.5),
      stopped: 3,
      staleActive: (minute) => (minute % 5.5 >= 2.5 && minute % 5.5 < 5 ? 1 : 0),
      staleWarning: Infinity,
    }),
    minutes: 60,
    pages: [{ condition: 'runs_lost', starts: [12, 40] }],
    tickets: [{ condition: 'runs_lost' }],
  },
  {
    name: 'one worker of many dies',
    series: alone(dies(20)),
    minutes: 40,
    tickets: [{ condition: 'heartbeats_stale', starts: [22, 24.5], over: 36 }],
  },
  {
    name: 'more workers are silent than the critical limit allows',
    series: alone({ ...BUSY, itemsActive: 5, staleActive: during(20, 23, [0, 3]), staleCritical: 2 }),
    minutes: 40,
    pages: [{ condition: 'heartbeats_stale', starts: [20, 23], over: 29 }],
    tickets: [{ condition: 'heartbeats_stale', over: 34 }],
  },
  {
    name: 'a session kills its worker each time, after a run of four minutes: one ticket about silence',
    series: alone({
      itemsActive: 3,
      polling: 2,
      acknowledged: (minute) => minute,
      stopped: (minute) => minute,
      staleActive: (minute) => (minute >= 10 && minute < 64 && minute % 9 < 3 ? 1 : 0),
    }),
    minutes: 80,
    tickets: [{ condition: 'heartbeats_stale', starts: [10, 22], over: 76 }],
  },
  {
    name: 'workers die again and again, others finish their runs',
    series: alone({
      ...BUSY,
      staleActive: (minute) => (minute > 10 && minute % 4 < 2 ? 1 : 0),
      lapsed: (minute) => Math.floor(Math.max(0, minute - 10) / 4),
    }),
    minutes: 40,
    tickets: [{ condition: 'heartbeats_stale' }, { condition: 'runs_lost', starts: [15, 40] }],
  },
  {
    name: 'one hung heartbeat of a Python or JS worker: 90 s',
    series: alone({ ...BUSY, staleActive: 0 }),
    minutes: 40,
  },
  {
    name: 'one hung heartbeat of a Go worker: 151 s',
    series: alone({ ...BUSY, staleActive: gap(20, 1) }),
    minutes: 40,
  },
  {
    name: 'heartbeats of Go workers hang one after the other in a large fleet',
    series: alone(silentFor((minute) => (minute < 10 ? 20 : 121 + ((minute * 2) % 2) * 30))),
    minutes: 40,
  },
  {
    name: 'a worker of a large fleet dies',
    series: alone(silentFor((minute) => (minute < 12 || minute >= 15 ? 20 : 120 + (minute - 12) * 60))),
    minutes: 40,
    tickets: [{ condition: 'heartbeats_stale', starts: [13, 15], over: 24 }],
  },
  {
    name: 'a Python worker finishes its tool for three minutes after a stop, without heartbeats',
    series: alone({
      ...BUSY,
      itemsStopping: gap(20, 3),
      staleStopping: gap(22, 1),
      sinceStopping: during(20, 23, [null, 1200]),
    }),
    minutes: 40,
  },
  {
    name: 'pollers used directly leave items stopping',
    series: alone({ ...BUSY, itemsStopping: 5, staleStopping: 5, sinceStopping: 60 }),
    minutes: 40,
  },
  {
    name: 'an item never had a heartbeat and stays starting for good',
    series: alone({
      ...BUSY,
      itemsStarting: step(10, 0, 1),
      staleStarting: step(13, 0, 1),
      sinceStarting: step(10, null, 600),
    }),
    minutes: 40,
    tickets: [{ condition: 'item_stuck', starts: [13, 15] }],
  },
  {
    name: 'an item never had a heartbeat, lapses after five minutes, and is served the next time',
    series: alone({
      ...BUSY,
      itemsStarting: gap(10, 5),
      staleStarting: gap(13, 2),
      sinceStarting: during(10, 15, [null, 600]),
      lapsed: step(15, 0, 1),
    }),
    minutes: 40,
    tickets: [{ condition: 'item_stuck', starts: [13, 15], over: 24 }],
  },
  {
    name: 'an item starts slowly: two and a half minutes',
    series: alone({ ...BUSY, itemsStarting: gap(10, 2.5), sinceStarting: during(10, 12.5, [null, 600]) }),
    minutes: 40,
  },
  {
    name: 'an item starts slowly: a moment less than three minutes',
    series: alone({ ...BUSY, itemsStarting: during(10, 13, [0, 1]), sinceStarting: during(10, 13, [null, 580]) }),
    minutes: 40,
  },
  {
    name: 'an item runs for more than a day',
    series: alone({ ...BUSY, sinceActive: -86_400 + 1200 }),
    minutes: 40,
    tickets: [{ condition: 'item_stuck', starts: [20, 24] }],
  },
  {
    name: 'an item runs for eight hours',
    series: alone({ ...BUSY, sinceActive: -8 * 3600 }),
    minutes: 40,
  },
  {
    name: 'fewer workers than configured',
    series: alone({ ...BUSY, minWorkers: 5 }),
    minutes: 40,
    tickets: [{ condition: 'workers_below_minimum', starts: [2, 20] }],
  },
  {
    name: 'fewer workers than configured, known without a list while the queue is empty',
    series: alone({
      polling: 1,
      minWorkers: 3,
      listAttempted: 0,
      itemsStarting: null,
      itemsActive: null,
      itemsStopping: null,
    }),
    minutes: 40,
    tickets: [{ condition: 'workers_below_minimum', starts: [2, 20] }],
  },
  {
    name: 'as many workers as configured, some busy and some polling',
    series: alone({ ...BUSY, polling: 3, minWorkers: 5 }),
    minutes: 40,
  },
];
