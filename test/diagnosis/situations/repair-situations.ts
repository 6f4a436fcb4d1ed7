import { deadStats } from '../support/dead-fleet.ts';
import { during, type Line } from '../support/lines.ts';
import { alone, type EnvironmentLines, NO_LIST } from '../support/series.ts';
import type { Situation } from '../support/situation.ts';

const DEATH = 10;

/** Nobody works for a while; then items are taken `speed` times as fast as they arrive, one a minute. */
function repaired(repair: number, speed: number): EnvironmentLines {
  const dead = deadStats(DEATH, repair);
  const taken = (minute: number) => Math.max(0, minute - repair) * speed;
  const age = (minute: number) => Math.max(0, minute - DEATH - taken(minute)) * 60;
  const since = (line: Line | undefined, after: (minute: number) => number | null): Line => {
    const before = line as (minute: number) => number | null;
    return (minute) => (minute < repair ? before(minute) : after(minute));
  };
  const waits = (minute: number) => Math.ceil(age(minute) / 60);
  const first = (minute: number) => (age(minute) > 0 ? minute * 60 - age(minute) : null);
  return {
    ...dead,
    polling: since(dead.polling, (minute) => (age(minute) > 0 ? 0 : 2)),
    itemsActive: (minute) => (minute >= repair && age(minute) > 0 ? 2 : 0),
    depth: since(dead.depth, waits),
    itemsQueued: since(dead.itemsQueued, waits),
    age: since(dead.age, age),
    head: since(dead.head, first),
    sinceQueued: since(dead.sinceQueued, first),
    acknowledged: since(dead.acknowledged, (minute) => DEATH + taken(minute)),
    stopped: since(dead.stopped, (minute) => DEATH + taken(minute)),
  };
}

/** Everybody is busy and items are taken in order; of two that are waited for, one is taken at a time. */
function busy(age: (minute: number) => number, waits: Line): EnvironmentLines {
  return {
    polling: 0,
    itemsActive: 4,
    age,
    depth: waits,
    itemsQueued: waits,
    head: (minute) => minute * 60 - age(minute),
    acknowledged: (minute) => minute,
    stopped: (minute) => minute,
  };
}

/** Sixty items come at once at minute 10; forty minutes later the last is taken. */
const left = (minute: number) => (minute < 10 ? 0 : Math.max(0, Math.ceil(60 - (minute - 10) * 1.5)));
/** The wait grows by six seconds a minute, and each item that is taken makes it three minutes shorter for a moment. */
const sawtooth = (minute: number) => 780 + minute * 6 + ((minute * 2) % 7) * 30;
/** Twelve minutes of twenty, the oldest item waits for eight. */
const often = (minute: number) => (minute % 20 < 12 ? 480 : 20);

/** What follows a repair, and what looks like one. */
export const REPAIR_SITUATIONS: readonly Situation[] = [
  {
    name: 'most of an hour without workers, and a backlog that is worked off slowly: no page after the repair',
    series: alone(repaired(60, 1.2)),
    minutes: 110,
    pages: [{ condition: 'no_workers', starts: [DEATH + 2, DEATH + 4.5], over: 66 }],
  },
  {
    name: 'half an hour without workers, and a backlog that is gone after an hour',
    series: alone(repaired(40, 1.5)),
    minutes: 110,
    pages: [{ condition: 'no_workers', starts: [DEATH + 2, DEATH + 4.5], over: 46 }],
  },
  {
    name: 'half an hour without workers, and as many come back as are needed for what arrives: the backlog stays',
    series: alone(repaired(40, 1)),
    minutes: 110,
    pages: [
      { condition: 'no_workers', starts: [DEATH + 2, DEATH + 4.5], over: 46 },
      { condition: 'oldest_item_too_old', starts: [52, 57] },
    ],
  },
  {
    name: 'half an hour without workers, and half of those that are needed come back: the wait grows',
    series: alone(repaired(40, 0.5)),
    minutes: 110,
    pages: [
      { condition: 'no_workers', starts: [DEATH + 2, DEATH + 4.5], over: 46 },
      { condition: 'oldest_item_too_old', starts: [52, 57] },
    ],
  },
  {
    name: 'the same by the stats alone, seen by an API key',
    series: alone({
      ...repaired(40, 0.5),
      ...NO_LIST,
      itemsQueued: null,
      sinceQueued: null,
      polling: (minute) => (minute < DEATH || (minute >= 40 && (minute - 40) % 4 < 0.5) ? 2 : 0),
    }),
    minutes: 110,
    pages: [
      { condition: 'no_workers', starts: [DEATH + 5, DEATH + 7.5] },
      { condition: 'oldest_item_too_old', starts: [50, 64] },
    ],
  },
  {
    name: 'an API key alone, and workers with runs of three minutes work a backlog off',
    series: alone({
      ...repaired(40, 4 / 3),
      ...NO_LIST,
      itemsQueued: null,
      sinceQueued: null,
      polling: (minute) => (minute < DEATH ? 2 : minute >= 40 && minute < 40.5 ? 2 : 0),
      depth: (minute) =>
        minute < DEATH
          ? 0
          : minute < 40
            ? 1 + Math.floor(minute - DEATH)
            : Math.max(0, 31 - Math.floor((minute - 40) / 1.5)),
    }),
    minutes: 60,
    pages: [{ condition: 'no_workers', starts: [DEATH + 5, DEATH + 7.5], over: 46.5 }],
  },
  {
    name: 'a fleet is killed in mid-run and comes back, and its first run takes ten minutes: the page ends long before',
    series: alone({
      ...repaired(30, 0.4),
      itemsActive: (minute) => (minute < DEATH + 5 || minute >= 30 ? 4 : 0),
      staleActive: (minute) => (minute >= DEATH + 2 && minute < DEATH + 5 ? 4 : 0),
      lapsed: (minute) => (minute < DEATH + 5 ? 0 : 4),
      stopped: (minute) => (minute < 40 ? 0 : minute - 40),
    }),
    minutes: 54,
    pages: [
      { condition: 'no_workers', starts: [DEATH + 2, DEATH + 7], over: 36 },
      // Four items of ten are taken in time.
      { condition: 'oldest_item_too_old', starts: [42, 46.5] },
    ],
    tickets: [{ condition: 'heartbeats_stale' }],
  },
  {
    name: 'a fleet is killed in mid-run and comes back, and what it left stays silent for long: the page ends all the same',
    series: alone({
      ...deadStats(DEATH, 18),
      itemsActive: (minute) => (minute >= 18 && minute < 40 ? 4 : 2),
      staleActive: (minute) => (minute >= DEATH + 2 && minute < 40 ? 2 : 0),
    }),
    minutes: 60,
    pages: [{ condition: 'no_workers', starts: [DEATH + 2, DEATH + 7], over: 24 }],
    tickets: [{ condition: 'heartbeats_stale' }],
  },
  {
    name: 'a queue so deep that it is a page by itself, worked off slowly after the repair: no page about its depth',
    series: alone({
      ...deadStats(DEATH, 30),
      depthCritical: 100,
      depth: (minute) => (minute < DEATH ? 0 : minute < 30 ? (minute - DEATH) * 20 : 400 - (minute - 30)),
      age: (minute) => (minute < DEATH ? 0 : minute < 30 ? (minute - DEATH) * 60 : 1200 - (minute - 30) * 6),
      head: (minute) => (minute < DEATH ? null : minute < 30 ? 600 : 600 + (minute - 30) * 66),
      itemsActive: (minute) => (minute >= 30 ? 4 : 0),
      polling: (minute) => (minute < DEATH ? 2 : 0),
    }),
    minutes: 110,
    pages: [{ condition: 'no_workers', starts: [DEATH + 2, DEATH + 5.5], over: 36 }],
  },
  {
    name: 'an API key alone, and two workers with runs of four minutes that begin together: the page ends long before their backlog does',
    series: alone({
      ...NO_LIST,
      itemsQueued: null,
      polling: (minute) => (minute < DEATH ? 2 : minute >= 40 && (minute - 40) % 4 < 0.5 ? 2 : 0),
      depth: (minute) =>
        minute < DEATH ? 0 : minute < 40 ? 1 + Math.floor(minute - DEATH) : 29 - (minute > 44 ? 2 : 0),
      head: (minute) => (minute < DEATH ? null : minute < 40 ? 600 : 720 + Math.floor((minute - 40) / 4) * 120),
      age: (minute) =>
        minute < DEATH ? 0 : minute * 60 - (minute < 40 ? 600 : 720 + Math.floor((minute - 40) / 4) * 120),
    }),
    minutes: 65,
    // They take half of what arrives.
    pages: [
      { condition: 'no_workers', starts: [DEATH + 5, DEATH + 8.5], over: 52 },
      { condition: 'oldest_item_too_old', starts: [54, 62] },
    ],
  },
  {
    name: 'sixty items at once, which the workers take one by one within forty minutes',
    series: alone({
      ...busy((minute) => (left(minute) > 0 ? (minute - 10) * 60 : 0), left),
      head: (minute) => (left(minute) > 0 ? 600 + (60 - left(minute)) / 1000 : null),
      itemsActive: (minute) => (left(minute) > 0 ? 4 : 0),
      polling: (minute) => (left(minute) > 0 ? 0 : 4),
    }),
    minutes: 60,
    // Half an hour outside the objective is most of what a month allows.
  },
  {
    name: 'the oldest item is passed over while the queue behind it comes and goes',
    series: alone({
      ...busy(
        (minute) => Math.max(0, minute - 10) * 60,
        (minute) => 4 + ((minute * 2) % 9),
      ),
      head: 600,
      polling: 2,
    }),
    minutes: 60,
    pages: [{ condition: 'oldest_item_too_old', starts: [25, 28] }],
    tickets: [{ condition: 'oldest_item_too_old' }],
  },
  {
    name: 'the same in a quiet queue, and the clock of the exporter is corrected by ten minutes: that is no recovery',
    series: alone({
      ...busy((minute) => Math.max(0, minute - 10) * 60 + (minute >= 10 && minute < 45 ? 600 : 0), 2),
      head: (minute) => (minute < 10 ? null : 600),
      polling: 2,
    }),
    minutes: 75,
    pages: [{ condition: 'oldest_item_too_old' }],
    tickets: [{ condition: 'oldest_item_too_old' }],
  },
  {
    name: 'an overload in which each item that is taken looks like a recovery: one page',
    series: alone(
      busy(
        (minute) => (minute < 20 ? 30 : sawtooth(minute)),
        (minute) => 5 + (minute % 2),
      ),
    ),
    minutes: 110,
    pages: [{ condition: 'oldest_item_too_old' }],
  },
  {
    name: 'waits that come three times an hour for hours, and stay below the only limit',
    series: alone({ ...busy(often, (minute) => (often(minute) > 60 ? 5 : 1)), ageWarning: Infinity, polling: 1 }),
    minutes: 220,
  },
  {
    name: 'an empty queue all night, and nobody polls',
    series: alone({ ...NO_LIST, itemsQueued: null, polling: during(20, 50, [2, 0]) }),
    minutes: 60,
  },
];
