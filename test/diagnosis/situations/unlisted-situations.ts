import { DEATH, deadStats, drained } from '../support/dead-fleet.ts';
import { type Line, step, valueAt } from '../support/lines.ts';
import { alone, type EnvironmentLines, NO_LIST } from '../support/series.ts';
import type { Situation } from '../support/situation.ts';

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

/** Nobody reads a list, so that the stats alone tell busy workers from dead ones. */
export const UNLISTED_SITUATIONS: readonly Situation[] = [
  {
    name: 'without a list, nobody polls and work waits, but not past its limit: busy or dead, nobody can tell, and nobody needs to',
    series: alone({
      ...NO_LIST,
      itemsQueued: null,
      polling: step(DEATH, 2, 0),
      depth: step(DEATH, 0, 2),
      age: step(DEATH, 0, 200),
      head: (minute) => (minute < DEATH ? null : minute * 60 - 200),
    }),
    minutes: 30,
  },
  {
    name: 'without a list, one worker whose runs get longer: five minutes, seven, nine',
    series: alone({
      ...NO_LIST,
      itemsQueued: null,
      ...later([oneBusyWorker(5, 20), oneBusyWorker(7, 50), oneBusyWorker(9, 85)], [50, 85]),
    }),
    minutes: 150,
  },
  {
    name: 'without a list, one worker with runs of seven minutes has more and more to do: too much work, not no worker',
    series: alone({
      ...NO_LIST,
      itemsQueued: null,
      ...later([oneBusyWorker(5, 20), oneOverloadedWorker(7, 50)], [50]),
    }),
    minutes: 120,
    pages: [{ condition: 'oldest_item_too_old', starts: [81, 86] }],
    tickets: [{ condition: 'oldest_item_too_old', starts: [60, 70] }],
  },
  {
    name: 'without a list, one worker with runs of seven minutes is seen for an hour and dies',
    series: alone({
      ...NO_LIST,
      itemsQueued: null,
      ...later([oneBusyWorker(5, 20), oneBusyWorker(7, 50), deadStats(78)], [50, 78]),
    }),
    minutes: 120,
    pages: [{ condition: 'no_workers', starts: [84, 90] }],
  },
  {
    name: 'without a list, an outage of the workers, and another an hour later',
    series: alone({ ...NO_LIST, itemsQueued: null, ...later([drained(DEATH, 40), deadStats(80)], [80]) }),
    minutes: 110,
    pages: [{ condition: 'no_workers', times: 2, starts: [80, 87.5] }],
  },
];
