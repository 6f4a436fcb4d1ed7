import { deadStats } from '../support/dead-fleet.ts';
import { ageFrom, during, type Line, step, valueAt } from '../support/lines.ts';
import { outage } from '../support/outage.ts';
import { alone, type EnvironmentLines, environment, exporter, NO_LIST, withTwin } from '../support/series.ts';
import type { Situation } from '../support/situation.ts';

/** Workers serve, everybody is busy, items are taken in order, and the oldest has waited as long as `age` says. */
function served(age: Line, more: EnvironmentLines = {}): EnvironmentLines {
  const ageAt = (minute: number) => (typeof age === 'function' ? (age(minute) ?? 0) : (age ?? 0));
  return {
    age,
    depth: (minute) => (ageAt(minute) > 0 ? 10 : 0),
    itemsQueued: (minute) => (ageAt(minute) > 0 ? 10 : 0),
    head: (minute) => (ageAt(minute) > 0 ? minute * 60 - ageAt(minute) : null),
    polling: 1,
    itemsActive: 3,
    acknowledged: (minute) => minute * 2,
    stopped: (minute) => minute * 2,
    ...more,
  };
}

/** Ten minutes of every hour the oldest item waits for eight minutes. */
const hourly: Line = (minute) => (minute % 60 >= 20 && minute % 60 < 30 ? 480 : 30);

/** Work of an hour arrives at once: the oldest waits longer and longer for so many minutes, then the queue is empty. */
const sawtooth =
  (minutes: number): Line =>
  (minute) => {
    const since = (minute % 60) - 20;
    return since >= 0 && since < minutes
      ? since * 50
      : since >= minutes && since < minutes + 3
        ? (minutes + 3 - since) * 50
        : 10;
  };

/** Rises by 50 s a minute from 20 on, for ever or until it falls as quickly: items are taken, too slowly. */
const rising =
  (top = 1e6, from = 20): Line =>
  (minute) => {
    const up = Math.max(0, minute - from);
    return Math.max(0, up <= top ? up : 2 * top - up) * 50;
  };

/** From 38 on, a slow worker takes an item every six minutes: behind it is one that is younger by so many seconds. */
const slow: Line = (minute) => {
  const taken = Math.max(0, Math.floor((minute - 38) / 6) + 1);
  // Once there was a long gap between two items.
  return Math.max(0, minute - 20) * 60 - 300 * taken - (taken > 4 ? 240 : 0);
};

/** An overload with a lull: what arrived after it is younger by minutes, and for as long the wait falls. */
const withLull: Line = (minute) => {
  const at = (when: number) => Math.max(0, when - 20) * 50;
  if (minute < 45) return at(minute);
  return minute < 52 ? at(45) - (minute - 45) * 55 : at(minute) - 7 * 105;
};

/** Of an overload from 20 on: more than the limit from 38 on, and hardly less of it each minute after the repair at 50. */
const slowlyShorter: Line = (minute) => (minute < 50 ? Math.max(0, minute - 20) * 50 : 1500 - (minute - 50) * 18);

/** May wait for an hour. */
const PATIENT: EnvironmentLines = { ageWarning: 3600, ageCritical: 7200, waitTarget: 3600, depthWarning: 1000 };
/** As old as the batch that came at minute 10, until so many minutes later. */
const batch =
  (minutes: number): Line =>
  (minute) =>
    minute >= 10 && minute < 10 + minutes ? (minute - 10) * 60 : 0;

export const QUEUE_SITUATIONS: readonly Situation[] = [
  {
    name: 'a batch is worked off in 48 minutes where work may wait for an hour',
    series: alone(served(batch(48), { ...PATIENT, head: (minute) => minute })),
    minutes: 70,
  },
  {
    name: 'a batch takes eighty minutes where work may wait for an hour: tickets',
    series: alone(served(batch(80), { ...PATIENT, head: (minute) => minute })),
    minutes: 120,
    tickets: [{ condition: 'oldest_item_too_old', starts: [74, 78], over: 94 }],
  },
  {
    name: 'overload: workers work, and the wait grows without end',
    series: withTwin(served(rising())),
    minutes: 70,
    pages: [{ condition: 'oldest_item_too_old', starts: [37, 42] }],
    tickets: [{ condition: 'oldest_item_too_old' }],
  },
  {
    name: 'overload of one slow worker: an item is taken behind which there is a long gap, and the wait grows again',
    series: withTwin(served(slow)),
    minutes: 90,
    pages: [{ condition: 'oldest_item_too_old', starts: [36, 40] }],
    tickets: [{ condition: 'oldest_item_too_old' }],
  },
  {
    name: 'an overload of a small fleet with a lull among what arrives: the wait falls for minutes and the queue grows, one page',
    series: withTwin(
      served(withLull, {
        depth: (minute) => 10 + Math.max(0, minute - 20),
        itemsQueued: (minute) => 10 + Math.max(0, minute - 20),
      }),
    ),
    minutes: 75,
    pages: [{ condition: 'oldest_item_too_old', starts: [37, 42] }],
    tickets: [{ condition: 'oldest_item_too_old' }],
  },
  {
    name: 'the same where its depth is the page',
    series: withTwin(
      served((minute) => valueAt(withLull, minute)! / 5, {
        depth: (minute) => 10 + Math.max(0, minute - 20),
        itemsQueued: (minute) => 10 + Math.max(0, minute - 20),
        depthCritical: 15,
        depthWarning: Infinity,
      }),
    ),
    minutes: 62,
    pages: [{ condition: 'queue_too_deep', starts: [39, 45] }],
    tickets: [{ condition: 'queue_too_deep' }],
  },
  {
    name: 'a backlog that a few more workers work off slowly: the page ends after ten minutes of it',
    series: withTwin(
      served(slowlyShorter, {
        depth: (minute) => (minute < 50 ? 100 + Math.max(0, minute - 20) : 130 - (minute - 50)),
        itemsQueued: (minute) => (minute < 50 ? 100 + Math.max(0, minute - 20) : 130 - (minute - 50)),
      }),
    ),
    minutes: 75,
    pages: [{ condition: 'oldest_item_too_old', starts: [37, 42], over: 67 }],
    tickets: [{ condition: 'oldest_item_too_old' }],
  },
  {
    name: 'a wait of seven minutes that is soon over',
    series: alone(served(rising(8))),
    minutes: 70,
  },
  {
    name: 'a long wait, and the API goes away: the page stays',
    series: alone(outage(served(rising()), 45, 65)),
    minutes: 80,
    pages: [
      { condition: 'oldest_item_too_old', starts: [37, 42] },
      { condition: 'not_readable', over: 69 },
    ],
    tickets: [{ condition: 'oldest_item_too_old' }],
  },
  {
    name: 'an environment with its own numbers waits for most of an hour every night',
    series: alone(served(rising(60), { ageWarning: 7200, ageCritical: Infinity, waitTarget: 7200 })),
    minutes: 130,
  },
  {
    name: 'a deep queue is a ticket',
    series: alone(served(60, { depth: 150, itemsQueued: 150 })),
    minutes: 60,
    tickets: [{ condition: 'queue_too_deep', starts: [5, 12] }],
  },
  {
    name: 'a deep queue is a page where its limit says so',
    series: alone(served(60, { depth: 150, itemsQueued: 150, depthCritical: 120 })),
    minutes: 60,
    pages: [{ condition: 'queue_too_deep', starts: [10, 16] }],
    tickets: [{ condition: 'queue_too_deep' }],
  },
  {
    name: 'a backlog that grows for an hour and stays below its limits',
    series: alone(served(60, { depth: (minute) => 20 + minute, itemsQueued: (minute) => 20 + minute })),
    minutes: 75,
  },
  {
    name: 'a queue that is too deep and waits too long: one page, and none when the wait is over before the depth is',
    series: alone({
      depthCritical: 60,
      depthWarning: 20,
      depth: (minute) => (minute < 10 ? 0 : minute < 50 ? (minute - 10) * 3 : Math.max(0, 120 - (minute - 50) * 4)),
      age: (minute) => (minute < 10 ? 0 : minute < 50 ? (minute - 10) * 30 : Math.max(0, 1200 - (minute - 50) * 120)),
      head: (minute) => (minute < 10 ? null : 600 + (minute - 10) * 30),
      polling: 0,
      itemsActive: 3,
      acknowledged: (minute) => minute,
      stopped: (minute) => minute,
    }),
    minutes: 90,
    pages: [{ condition: 'oldest_item_too_old', starts: [38, 44], over: 58 }],
    tickets: [{ condition: 'oldest_item_too_old' }],
  },
  {
    name: 'a burst that the workers drain within minutes',
    series: alone(
      served(during(20, 26, [0, (minute) => (minute - 20) * 40]), {
        depth: during(20, 26, [0, (minute) => 60 - (minute - 20) * 10]),
        itemsQueued: during(20, 26, [0, 30]),
      }),
    ),
    minutes: 60,
  },
  {
    name: 'one item that no poll hands out, in a quiet environment: its workers poll, and there is nothing else to take',
    series: alone({ age: ageFrom(10), depth: 1, itemsQueued: 1, head: 600, polling: 3, acknowledged: 40, stopped: 40 }),
    minutes: 60,
    pages: [{ condition: 'oldest_item_too_old', starts: [25, 28] }],
    tickets: [{ condition: 'oldest_item_too_old' }],
  },
  {
    name: 'the oldest item is passed over, others are served',
    series: alone({
      age: ageFrom(10),
      depth: 1,
      itemsQueued: 1,
      head: 600,
      polling: 3,
      itemsActive: 1,
      acknowledged: (minute) => minute * 2,
      stopped: (minute) => minute * 2,
    }),
    minutes: 60,
    pages: [{ condition: 'oldest_item_too_old', starts: [25, 28] }],
    tickets: [{ condition: 'oldest_item_too_old' }],
  },
  {
    name: 'items are claimed and never acknowledged, though some item is alive',
    series: alone({
      age: (minute) => 70 + (minute % 3) * 20,
      pending: 2,
      depth: 0,
      polling: 2,
      itemsActive: 1,
      acknowledged: 5,
    }),
    minutes: 40,
  },
  {
    name: 'a healthy backlog without a list: pending is never zero',
    series: alone({ ...served(90), ...NO_LIST, itemsQueued: null, pending: 1, acknowledged: null, stopped: null }),
    minutes: 60,
  },
  {
    name: 'hourly bursts are one ticket',
    series: alone(served(hourly, { ageWarning: Infinity })),
    minutes: 240,
  },
  {
    name: 'items wait for eight minutes, hour after hour, though nothing else is wrong',
    series: alone(served(step(60, 30, (minute) => 470 + (minute % 2) * 10))),
    minutes: 240,

    tickets: [{ condition: 'oldest_item_too_old' }],
  },
  {
    name: 'such a wait is over: the page ends within minutes',
    series: alone(served(during(60, 150, [30, 475]))),
    minutes: 240,

    tickets: [{ condition: 'oldest_item_too_old', over: 156 }],
  },
  {
    name: 'an overload of a quarter of an hour: its tickets end with it, and the budget adds none',
    series: alone(
      served((minute) => (minute < 20 || minute >= 45 ? 20 : minute < 38 ? (minute - 18) * 40 : (45 - minute) * 110)),
    ),
    minutes: 150,
    tickets: [{ condition: 'oldest_item_too_old', starts: [28, 36], over: 48 }],
  },
  {
    name: 'bursts every hour, long enough for a ticket each',
    series: alone(served(sawtooth(16))),
    minutes: 200,
    tickets: [{ condition: 'oldest_item_too_old', times: 3 }],
  },
  {
    name: 'a burst that is a ticket, and an hour later one that is a page',
    series: alone(served(step(70, sawtooth(16), sawtooth(26)))),
    minutes: 120,
    pages: [{ condition: 'oldest_item_too_old', starts: [98, 104], over: 115 }],
    tickets: [{ condition: 'oldest_item_too_old' }],
  },
  {
    name: 'an archived environment drains within minutes',
    series: alone(
      served(during(20, 26, [0, 200]), { archived: step(18, null, 1080), itemsActive: during(20, 27, [0, 3]) }),
    ),
    minutes: 50,
  },
  {
    name: 'an archived environment whose work nobody takes',
    series: alone({ ...deadStats(12), archived: step(11, null, 660) }),
    minutes: 60,
    tickets: [{ condition: 'archived_with_work', starts: [21.5, 24] }],
  },
  {
    name: 'an archived environment with a deep queue, a minimum of workers and items that nobody acknowledges',
    series: alone({
      ...deadStats(12),
      depth: (minute) => (minute < 12 ? 0 : 200),
      pending: (minute) => (minute < 12 ? 0 : 2),
      minWorkers: 2,
      archived: step(11, null, 660),
    }),
    minutes: 60,
    tickets: [{ condition: 'archived_with_work', starts: [21.5, 24] }],
  },
  {
    name: 'an archived environment whose work nobody takes, and the API does not say since when it waits',
    series: alone({
      ...deadStats(12),
      ...NO_LIST,
      age: null,
      head: null,
      ageUnknown: 1,
      archived: step(11, null, 660),
    }),
    minutes: 60,
    tickets: [{ condition: 'archived_with_work', starts: [21.5, 24] }, { condition: 'coverage_reduced' }],
  },
  {
    name: 'six environments were archived with work in them, and the workers of a seventh die: a page about the seventh',
    series: [
      ...exporter(),
      ...Array.from({ length: 6 }, (_, index) =>
        environment({ ...deadStats(10), archived: step(10, null, 600) }, { id: `e${index}`, name: `x${index}` }),
      ).flat(),
      ...environment(deadStats(14)),
    ],
    minutes: 40,
    pages: [{ condition: 'no_workers', starts: [16, 18.5] }],
    tickets: Array.from({ length: 6 }, (_, index) => ({
      condition: 'archived_with_work' as const,
      environment: `e${index}`,
    })),
  },
  {
    name: 'an archived environment in which a run does not end, and then does',
    series: alone({ itemsActive: during(0, 45, [0, 1]), polling: 0, archived: step(11, null, 660) }),
    minutes: 60,
    tickets: [{ condition: 'archived_with_work', starts: [20, 23], over: 50 }],
  },
  {
    name: 'nobody takes the work, and somebody archives the environment: the page ends',
    series: alone({ ...deadStats(10), archived: step(20, null, 1200) }),
    minutes: 60,
    pages: [{ condition: 'no_workers', starts: [12, 14.5], over: 24 }],
    tickets: [{ condition: 'archived_with_work', starts: [29, 33] }],
  },
  {
    name: 'four minutes over the target are nothing for the budget of a month',
    series: alone(served(during(60, 64, [30, 400]))),
    minutes: 100,
  },
];
