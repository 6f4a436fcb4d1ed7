import { DEATH, deadStats } from '../support/dead-fleet.ts';
import { during, type Line, step } from '../support/lines.ts';
import { alone, type EnvironmentLines, environment, exporter } from '../support/series.ts';
import type { Heard, Situation } from '../support/situation.ts';

const OTHERS = [...'klmnopqr'];

/** Healthy environments that look between two minutes as if they had no workers: an item waits, and none is seen. */
const seenAlone = (from: number, to: number): EnvironmentLines => ({
  polling: during(from, to, [2, 0]),
  depth: during(from, to, [0, 1]),
  age: during(from, to, [0, (minute) => (minute - from) * 60]),
});

/** Workers for four minutes of nine, and work only then. */
const scaledToZero = (offset: number): EnvironmentLines => {
  const isUp: (minute: number) => boolean = (minute) => (minute + offset) % 9 < 4;
  const polling: Line = (minute) => (isUp(minute) ? 1 : 0);
  return { polling, acknowledged: (minute) => Math.floor((minute + offset) / 9) };
};

/** No workers until four minutes after work has come. */
const scaledFromZero = (from: number): EnvironmentLines => ({
  polling: step(from + 4, 0, 1),
  depth: during(from, from + 4, [0, 1]),
  age: during(from, from + 4, [0, (minute) => (minute - from) * 60]),
  head: during(from, from + 4, [null, from * 60]),
  itemsQueued: during(from, from + 4, [0, 1]),
  acknowledged: step(from + 4, 0, 1),
});

interface Beside {
  readonly name: string;
  readonly dead: readonly string[];
  readonly diesAt?: number;
  readonly others: (index: number) => EnvironmentLines;
  readonly until?: number;
}

/** What healthy environments show while a few others are without workers. */
const BESIDE: readonly Beside[] = [
  {
    name: 'three fleets are dead when eight busy ones are seen in a moment in which none of their workers shows',
    dead: [...'abc'],
    others: () => seenAlone(DEATH + 2.5, DEATH + 3.5),
  },
  {
    name: 'three fleets are dead, and busy ones look so one after the other',
    dead: [...'abc'],
    others: (index) => seenAlone(DEATH + 1.5 + index * 0.5, DEATH + 3 + index * 0.5),
  },
  {
    name: 'a fleet dies while eight others are deployed',
    dead: ['a'],
    others: () => seenAlone(DEATH + 2, DEATH + 4),
  },
  {
    name: 'five fleets have been dead for a while when eight others are deployed',
    dead: [...'abcde'],
    others: () => seenAlone(DEATH + 15, DEATH + 17),
  },
  {
    name: 'five fleets have been dead for a while, and the deployment of eight others takes three and a half minutes',
    dead: [...'abcde'],
    others: () => seenAlone(DEATH + 15, DEATH + 18.5),
  },
  {
    name: 'a fleet dies while eight others scale from zero, which takes four minutes',
    dead: ['a'],
    others: (index) => scaledFromZero(DEATH + 0.5 + index / 4),
  },
  {
    name: 'a fleet dies among eight that scale to zero',
    dead: ['a'],
    diesAt: 46,
    others: (index) => scaledToZero(index / 4),
    until: 70,
  },
];

/** Healthy environments that look as if they had no workers, beside those that have none: they are not counted among those that fail together. */
export const LOOK_ALIKE_SITUATIONS: readonly Situation[] = [
  ...BESIDE.map(({ name, dead, diesAt = DEATH, others, until = DEATH + 30 }): Situation => {
    return {
      name,
      series: [
        ...exporter(),
        ...dead.flatMap((id) => environment(deadStats(diesAt), { id, name: id })),
        ...OTHERS.flatMap((id, index) => environment(others(index), { id, name: id })),
      ],
      minutes: until,
      pages:
        dead.length < 3
          ? dead.map((id): Heard => ({ condition: 'no_workers', environment: id, starts: [diesAt + 2, diesAt + 6.5] }))
          : [{ condition: 'fleets_failing', environment: null, starts: [diesAt + 2, diesAt + 6.5] }],
    };
  }),
  {
    name: 'two items that no poll hands out, in an environment in which little else happens: a page about the wait',
    series: alone({
      polling: 1,
      depth: step(DEATH, 0, 2),
      age: step(DEATH, 0, (minute) => (minute - DEATH) * 60),
      head: step(DEATH, null, DEATH * 60),
      itemsQueued: step(DEATH, 0, 2),
      sinceQueued: step(DEATH, null, DEATH * 60),
      acknowledged: 5,
      stopped: 5,
    }),
    minutes: 50,
    pages: [{ condition: 'oldest_item_too_old', starts: [DEATH + 15, DEATH + 18.5] }],
    tickets: [{ condition: 'oldest_item_too_old', starts: [DEATH + 5, DEATH + 12] }],
  },
  {
    name: 'eight fleets die of which nobody knows how many workers poll: one page',
    series: [
      ...exporter(),
      ...OTHERS.flatMap((id, index) =>
        environment({ ...deadStats(DEATH + (index % 4) * 0.5), polling: null }, { id, name: id }),
      ),
    ],
    minutes: 30,
    pages: [{ condition: 'fleets_failing', environment: null, starts: [DEATH + 2, DEATH + 5] }],
  },
];
