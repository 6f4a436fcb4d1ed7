import { ageFrom, during, type Line, now, step, valueAt } from '../support/lines.ts';
import { alone, lostScrapes, replicas, withTwin } from '../support/rule-case.ts';
import { type EnvironmentLines, environment, exporter, NO_LIST, type Series } from '../support/series.ts';
import type { Situation } from '../support/situation.ts';

/** The fleet dies at minute 10; one item a minute arrives, and nobody takes it until the repair. */
export const DEATH = 10;
const head: Line = (minute) => (minute >= DEATH ? DEATH * 60 : null);

/** A dead fleet as stats show it. */
export function deadStats(from: number, to = 1e6): EnvironmentLines {
  const dead = (minute: number) => minute >= from && minute < to;
  return {
    polling: (minute) => (dead(minute) ? 0 : 2),
    depth: (minute) => (dead(minute) ? 1 + Math.floor(minute - from) : 0),
    age: (minute) => (dead(minute) ? (minute - from) * 60 : 0),
    head: (minute) => (dead(minute) ? from * 60 : null),
    itemsQueued: (minute) => (dead(minute) ? 1 + Math.floor(minute - from) : 0),
    sinceQueued: (minute) => (dead(minute) ? from * 60 : null),
    acknowledged: (minute) => Math.floor(dead(minute) ? from : minute),
    stopped: (minute) => Math.floor(dead(minute) ? from : minute),
  };
}

/** The same with the drain after the repair: the backlog shrinks by four items a minute. */
function drained(from: number, repair: number): EnvironmentLines {
  const backlog = 1 + Math.floor(repair - from);
  const left = (minute: number) => Math.max(0, backlog - Math.floor((minute - repair) * 4));
  const oldest = (minute: number) => (left(minute) === 0 ? 0 : (repair - from) * 60 * (left(minute) / backlog));
  const before = deadStats(from, repair);
  const after = (key: keyof EnvironmentLines, line: Line): Line => step(repair, before[key]!, line);
  return {
    ...before,
    polling: after('polling', (minute) => (left(minute) > 0 ? 0 : 2)),
    depth: after('depth', left),
    age: after('age', oldest),
    head: after('head', (minute) => (left(minute) === 0 ? null : minute * 60 - oldest(minute))),
    itemsQueued: after('itemsQueued', left),
    sinceQueued: after('sinceQueued', (minute) => (left(minute) === 0 ? null : minute * 60 - oldest(minute))),
    itemsActive: step(repair, 0, (minute) => (left(minute) > 0 ? 2 : 0)),
    acknowledged: after('acknowledged', (minute) => from + (minute - repair) * 4),
    stopped: after('stopped', (minute) => from + (minute - repair) * 4),
  };
}

const SILENT_CLOCKS = { time: now };
/** Prometheus' clock is ten minutes off: every stamp of exporter and API is moved, and so is the exporter's own time. */
export function shifted(lines: EnvironmentLines, seconds: number) {
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
  return [...exporter({ ...SILENT_CLOCKS, time: move(now) }), ...environment({ ...lines, ...moved })];
}

const noWorkers = (by = 14.5, over?: number) => ({
  alert: 'NoWorkers' as const,
  starts: [DEATH + 2, by] as const,
  ...(over === undefined ? {} : { over }),
});

/** Stats of a worker that is always busy, from a minute on: whenever a run ends, it takes the oldest of three items. */
function oneBusyWorker(runMinutes: number, from: number): EnvironmentLines {
  const since = (minute: number) => (minute - from) % runMinutes;
  const busy = (inside: (minute: number) => number | null, outside: number | null): Line => step(from, outside, inside);
  return {
    polling: busy((minute) => (since(minute) < 0.5 ? 1 : 0), 1),
    depth: busy(() => 3, 0),
    age: busy((minute) => since(minute) * 60, 0),
    head: busy((minute) => (minute - since(minute)) * 60, null),
  };
}

/** Such a worker that cannot keep up: what it takes has waited for three minutes longer each time. */
function oneOverloadedWorker(runMinutes: number, from: number): EnvironmentLines {
  const busy = oneBusyWorker(runMinutes, from);
  const behind = (minute: number) => Math.floor((minute - from) / runMinutes) * 180;
  return {
    ...busy,
    depth: (minute) => 3 + behind(minute) / 180,
    age: (minute) => valueAt(busy.age!, minute)! + behind(minute),
    head: (minute) => valueAt(busy.head!, minute)! - behind(minute),
  };
}

/** Lines that change at minutes: those that any of them names, in order. */
function later(phases: readonly EnvironmentLines[], at: readonly number[]): EnvironmentLines {
  const keys = (['polling', 'depth', 'age', 'head'] as const).filter((key) => phases.every((one) => key in one));
  const line = (key: (typeof keys)[number]): Line =>
    phases.slice(1).reduce<Line>((before, phase, index) => step(at[index]!, before, phase[key]!), phases[0]![key]!);
  return Object.fromEntries(keys.map((key) => [key, line(key)]));
}

/** Alive for 25 s in every five and a half minutes; each time it takes an item, which lapses five minutes later. */
const LOOP_MINUTES = 5.5;
const phase = (minute: number, begins = DEATH) => (minute < begins ? -1 : (minute - begins) % LOOP_MINUTES);
const LOOPING: EnvironmentLines = {
  polling: (minute) => (phase(minute) < 0 ? 2 : phase(minute) < 1 ? 1 : 0),
  depth: (minute) => (minute < DEATH ? 0 : 5 + Math.floor((minute - DEATH) / 3)),
  age: (minute) => (minute < DEATH ? 0 : Math.min((minute - DEATH) * 60, 700 + (minute - DEATH) * 20)),
  head: (minute) => (minute < DEATH ? null : 600 + Math.floor((minute - DEATH) / LOOP_MINUTES) * 60),
  itemsActive: (minute) => (phase(minute) >= 0.5 && phase(minute) < 5 ? 1 : 0),
  staleActive: (minute) => (phase(minute) >= 2.5 && phase(minute) < 5 ? 1 : 0),
  acknowledged: (minute) => 10 + Math.max(0, Math.floor((minute - DEATH) / LOOP_MINUTES)),
  stopped: 10,
  lapsed: (minute) => Math.max(0, Math.floor((minute - DEATH - 5) / LOOP_MINUTES)),
};

/** From when on, for ten minutes. */
const OVERLAP = DEATH + 5 * LOOP_MINUTES;
const isOverlapping = (minute: number) => minute >= OVERLAP && minute < OVERLAP + 10;
/** Nobody works for ten minutes, and then two such workers, the second one two minutes after the first. */
const LOOPS_FROM = DEATH + 10;
const looping = (is: (phase: number) => boolean) => (minute: number) =>
  [LOOPS_FROM, LOOPS_FROM + 2].filter((begins) => is(phase(minute, begins))).length;
const TWO_LOOPING: EnvironmentLines = {
  ...deadStats(DEATH),
  polling: (minute) => (minute < DEATH ? 2 : looping((at) => at >= 0 && at < 1)(minute)),
  depth: (minute) =>
    (minute < DEATH ? 0 : 5 + Math.floor((minute - DEATH) / 3)) - looping((at) => at >= 0.5 && at < 5)(minute),
  itemsActive: looping((at) => at >= 0.5 && at < 5),
  staleActive: looping((at) => at >= 2.5 && at < 5),
  acknowledged: (minute) =>
    [LOOPS_FROM, LOOPS_FROM + 2].reduce(
      (sum, begins) => sum + Math.max(0, Math.floor((minute - begins) / LOOP_MINUTES) + 1),
      Math.min(minute, DEATH),
    ),
};

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
    pages: [{ alert: 'NoWorkers', starts: [DEATH + 5, DEATH + 7.5] }],
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
    pages: [{ alert: 'NoWorkers', starts: [DEATH + 5, DEATH + 7.5], over: 36.5 }],
  },
  {
    name: 'a crash loop: alive for 25 s, dead for five minutes',
    series: alone(LOOPING),
    minutes: 80,
    pages: [{ alert: 'NoWorkers', starts: [DEATH + 2, DEATH + 11] }],
  },
  {
    name: 'a crash loop in which for minutes one worker or another is alive, and no run finishes',
    series: alone({
      ...LOOPING,
      staleActive: (minute) => (isOverlapping(minute) ? 0 : valueAt(LOOPING.staleActive!, minute)),
      itemsActive: (minute) => (isOverlapping(minute) ? 1 : valueAt(LOOPING.itemsActive!, minute)),
    }),
    minutes: 80,
    pages: [{ alert: 'NoWorkers', starts: [DEATH + 2, DEATH + 11] }],
  },
  {
    name: 'the same, and now and then a short run finishes: the page stays',
    series: alone({
      ...LOOPING,
      staleActive: (minute) => (isOverlapping(minute) ? 0 : valueAt(LOOPING.staleActive!, minute)),
      itemsActive: (minute) => (isOverlapping(minute) ? 1 : valueAt(LOOPING.itemsActive!, minute)),
      stopped: (minute) => 10 + Math.max(0, Math.floor((minute - DEATH) / 6)),
      lapsed: (minute) => Math.max(0, Math.floor((2 * (minute - DEATH - 5)) / LOOP_MINUTES)),
    }),
    minutes: 80,
    pages: [{ alert: 'NoWorkers', starts: [DEATH + 2, DEATH + 11] }],
  },
  {
    name: 'a crash loop in which one worker lives, and finishes what it takes',
    series: alone({
      ...LOOPING,
      staleActive: (minute) => (minute >= OVERLAP ? 0 : valueAt(LOOPING.staleActive!, minute)),
      itemsActive: (minute) => (minute >= OVERLAP ? 1 : valueAt(LOOPING.itemsActive!, minute)),
      stopped: (minute) => 10 + Math.max(0, Math.floor(minute - OVERLAP)),
      lapsed: (minute) => Math.floor(Math.max(0, Math.min(minute, OVERLAP) - DEATH - 5) / LOOP_MINUTES),
    }),
    minutes: OVERLAP + 20,
    pages: [{ alert: 'NoWorkers', starts: [DEATH + 2, DEATH + 11], over: OVERLAP + 9 }],
  },
  {
    name: 'a fleet dies and comes back in a crash loop, one worker after the other: the page stays, though one of them mostly lives',
    series: alone(TWO_LOOPING),
    minutes: 80,
    pages: [noWorkers()],
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
    pages: [{ alert: 'NoWorkers', starts: [DEATH + 4, DEATH + 8] }],
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
    pages: [{ alert: 'NoWorkers', starts: [DEATH + 8, DEATH + 13] }],
    tickets: [{ alert: 'CoverageReduced' }],
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
      tickets: [{ alert: 'CoverageReduced', starts: [30, 41] }],
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
    pages: [{ alert: 'NoWorkers', starts: [DEATH + 4, DEATH + 8] }],
    tickets: [{ alert: 'ItemsNotVisible' }],
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
    pages: [noWorkers(), { alert: 'EnvironmentNotVisible', starts: [22, 26], over: 54 }],
  },
  {
    name: 'a restart of the exporter in the middle of the page',
    series: lostScrapes(alone(deadStats(DEATH)), [20, 21.5]),
    minutes: 60,
    pages: [noWorkers()],
  },
  {
    name: 'without a list, nobody polls and work waits, but not past its limit: busy or dead, nobody can tell',
    series: alone({
      ...NO_LIST,
      itemsQueued: null,
      polling: step(DEATH, 2, 0),
      depth: step(DEATH, 0, 2),
      age: step(DEATH, 0, 200),
      head: (minute) => (minute < DEATH ? null : minute * 60 - 200),
    }),
    minutes: 30,
    tickets: [{ alert: 'NoWorkers', starts: [DEATH + 8, DEATH + 11] }],
  },
  {
    name: 'without a list, one worker whose runs get longer: five minutes, seven, nine',
    series: alone({
      ...NO_LIST,
      itemsQueued: null,
      ...later([oneBusyWorker(5, 20), oneBusyWorker(7, 50), oneBusyWorker(9, 85)], [50, 85]),
    }),
    minutes: 150,
    tickets: [{ alert: 'WaitBudgetBurn' }],
  },
  {
    name: 'without a list, one worker with runs of seven minutes has more and more to do: too much work, not no worker',
    series: alone({
      ...NO_LIST,
      itemsQueued: null,
      ...later([oneBusyWorker(5, 20), oneOverloadedWorker(7, 50)], [50]),
    }),
    minutes: 120,
    pages: [{ alert: 'OldestItemTooOld', starts: [81, 86] }],
    tickets: [{ alert: 'OldestItemTooOld', starts: [60, 70] }],
  },
  {
    name: 'without a list, one worker with runs of seven minutes is seen for an hour and dies',
    series: alone({
      ...NO_LIST,
      itemsQueued: null,
      ...later([oneBusyWorker(5, 20), oneBusyWorker(7, 50), deadStats(78)], [50, 78]),
    }),
    minutes: 120,
    pages: [{ alert: 'NoWorkers', starts: [84, 90] }],
  },
  {
    name: 'without a list, an outage of the workers, and another an hour later',
    series: alone({ ...NO_LIST, itemsQueued: null, ...later([drained(DEATH, 40), deadStats(80)], [80]) }),
    minutes: 110,
    pages: [{ alert: 'NoWorkers', times: 2, starts: [80, 87.5] }],
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
  {
    name: 'thresholds are off: nobody waits for this environment',
    series: alone({ ...deadStats(DEATH), ageWarning: Infinity, ageCritical: Infinity, waitTarget: Infinity }),
    minutes: 60,
  },
  {
    name: 'six environments lose their workers at once: one page',
    series: [...exporter(), ...[...'abcdef'].flatMap((id) => environment(deadStats(DEATH), { id, name: id }))],
    minutes: 30,
    pages: [{ alert: 'NoWorkersAnywhere', environment: null, starts: [DEATH + 2, 14.5] }],
    muted: [...'abcdef'].map((environment) => ({
      alert: 'NoWorkers' as const,
      environment,
      severity: 'critical' as const,
      by: 'NoWorkersAnywhere' as const,
    })),
  },
  {
    name: 'eight environments lose their workers and come back within a minute of each other',
    series: [
      ...exporter(),
      ...[...'abcdefgh'].flatMap((id, index) =>
        environment(deadStats(DEATH + (index % 3) * 0.5, 25 + (index % 3) * 0.5), { id, name: id }),
      ),
    ],
    minutes: 40,
    pages: [{ alert: 'NoWorkersAnywhere', environment: null, starts: [DEATH + 2, 14.5], over: 35 }],
    muted: [...'abcdefgh'].map((environment) => ({
      alert: 'NoWorkers' as const,
      environment,
      severity: 'critical' as const,
      by: 'NoWorkersAnywhere' as const,
    })),
  },
  ...([1, 2] as const).flatMap((minutes): Situation[] => [
    {
      name: `six environments lose their workers, and of five this is seen ${minutes} min late: one page`,
      series: [
        ...exporter(),
        ...environment(deadStats(DEATH), { id: 'a', name: 'a' }),
        ...[...'bcdef'].flatMap((id) =>
          environment(deadStats(DEATH), { id, name: id }).map((one) => late(one, minutes)),
        ),
      ],
      minutes: 30,
      pages: [{ alert: 'NoWorkersAnywhere', environment: null, starts: [DEATH + 2, 14.5] }],
      muted: [...'abcdef'].map((environment) => ({
        alert: 'NoWorkers' as const,
        environment,
        severity: 'critical' as const,
        by: 'NoWorkersAnywhere' as const,
      })),
    },
  ]),
  {
    name: 'ten environments lose their workers at once, and work arrives in one of them after the other: one page',
    series: [
      ...exporter(),
      ...[...'abcdefghij'].flatMap((id, index) =>
        environment({ ...deadStats(DEATH + index), polling: step(DEATH, 2, 0) }, { id, name: id }),
      ),
    ],
    minutes: 40,
    pages: [{ alert: 'NoWorkersAnywhere', environment: null, starts: [DEATH + 2, 14.5] }],
    muted: [...'abcdefghij'].map((environment) => ({
      alert: 'NoWorkers' as const,
      environment,
      severity: 'critical' as const,
      by: 'NoWorkersAnywhere' as const,
    })),
  },
  {
    name: 'ten environments are scaled to zero in the evening',
    series: [
      ...exporter(),
      ...[...'abcdefghij'].flatMap((id, index) =>
        environment({ polling: step(DEATH + (index % 4), 2, 0) }, { id, name: id }),
      ),
    ],
    minutes: 40,
  },
  {
    name: 'five environments without workers are five pages',
    series: [...exporter(), ...[...'abcde'].flatMap((id) => environment(deadStats(DEATH), { id, name: id }))],
    minutes: 18,
    pages: [...'abcde'].map((environment) => ({ alert: 'NoWorkers', environment, starts: [DEATH + 2, 14.5] })),
  },
];

/** What reads and scrapes showed some minutes ago. */
function late(one: Series, minutes: number): Series {
  return { ...one, line: (minute) => valueAt(one.line, Math.max(0, minute - minutes)) };
}

/** The API cannot be read between two minutes: values are held for 90 s, then they disappear. */
export function outage(lines: EnvironmentLines, from: number, to: number): EnvironmentLines {
  const observed = [
    ...['depth', 'pending', 'age', 'polling', 'head', 'truncated', 'itemsStarting', 'itemsActive', 'itemsStopping'],
    ...['itemsQueued', 'itemsOther', 'staleStarting', 'staleActive', 'staleStopping', 'sinceQueued', 'ageUnknown'],
  ] as (keyof EnvironmentLines)[];
  const shown: EnvironmentLines = { ...environmentDefaults(), ...lines };
  const hidden = Object.fromEntries(
    observed.flatMap((key) => (shown[key] === undefined ? [] : [[key, during(from + 1.5, to, [shown[key], null])]])),
  );
  const frozen: Line = (minute) => (minute < to ? Math.min(minute, from) * 60 : minute * 60);
  const up = during(from, to, [1, 0]);
  return { ...lines, ...hidden, lastStats: frozen, lastList: frozen, upStats: up, upList: up };
}

function environmentDefaults(): EnvironmentLines {
  return {
    ...{ depth: 0, pending: 0, age: 0, polling: 2, truncated: 0, itemsStarting: 0, itemsActive: 0, itemsStopping: 0 },
    ...{ itemsQueued: 0, itemsOther: 0, staleStarting: 0, staleActive: 0, staleStopping: 0 },
  };
}
