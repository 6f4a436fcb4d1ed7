import { DEATH, deadStats, noWorkers } from '../support/dead-fleet.ts';
import { valueAt } from '../support/lines.ts';
import type { EnvironmentLines } from '../support/series.ts';
import { alone } from '../support/series.ts';
import type { Situation } from '../support/situation.ts';

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

/** Workers that take an item and die, again and again. */
export const CRASH_LOOP_SITUATIONS: readonly Situation[] = [
  {
    name: 'a crash loop: alive for 25 s, dead for five minutes',
    series: alone(LOOPING),
    minutes: 80,
    pages: [{ condition: 'no_workers', starts: [DEATH + 2, DEATH + 11] }],
  },
  {
    name: 'a crash loop in which for minutes one worker or another is alive, and no run finishes',
    series: alone({
      ...LOOPING,
      staleActive: (minute) => (isOverlapping(minute) ? 0 : valueAt(LOOPING.staleActive!, minute)),
      itemsActive: (minute) => (isOverlapping(minute) ? 1 : valueAt(LOOPING.itemsActive!, minute)),
    }),
    minutes: 80,
    pages: [{ condition: 'no_workers', starts: [DEATH + 2, DEATH + 11] }],
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
    pages: [{ condition: 'no_workers', starts: [DEATH + 2, DEATH + 11] }],
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
    pages: [
      { condition: 'no_workers', starts: [DEATH + 2, DEATH + 11], over: OVERLAP + 9 },
      // One worker is too few for what waits.
      { condition: 'oldest_item_too_old', starts: [OVERLAP + 12, OVERLAP + 19] },
    ],
  },
  {
    name: 'a fleet dies and comes back in a crash loop, one worker after the other: the page stays, though one of them mostly lives',
    series: alone(TWO_LOOPING),
    minutes: 80,
    pages: [noWorkers()],
  },
];
