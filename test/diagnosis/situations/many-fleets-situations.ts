import { DEATH, deadStats } from '../support/dead-fleet.ts';
import { step, valueAt } from '../support/lines.ts';
import { outage } from '../support/outage.ts';
import { environment, exporter, type Series } from '../support/series.ts';
import type { Heard, Situation } from '../support/situation.ts';

const six = [...'abcdef'];
const dead = (id: string, from: number, to?: number) => environment(deadStats(from, to), { id, name: id });
const ONE_PAGE: Heard = { condition: 'fleets_failing', environment: null };
/** Six fleets that die some minutes apart, and how many of them have a page of their own before there is one for all. */
const STAGGERS = [
  { minutes: 0, own: 0 },
  { minutes: 1, own: 0 },
  { minutes: 3, own: 2 },
  { minutes: 10, own: 6 },
] as const;

/** What reads and scrapes showed some minutes ago. */
function late(one: Series, minutes: number): Series {
  return /success/.test(one.name)
    ? one
    : { ...one, line: (minute) => valueAt(one.line, Math.max(0, minute - minutes)) };
}

/** Several fleets die: who is told, and how often. */
export const MANY_FLEETS_SITUATIONS: readonly Situation[] = [
  {
    name: 'six environments lose their workers at once: one page',
    series: [...exporter(), ...six.flatMap((id) => dead(id, DEATH))],
    minutes: 30,
    pages: [{ ...ONE_PAGE, starts: [DEATH + 2, 14.5] }],
  },
  {
    name: 'eight environments lose their workers and come back within a minute of each other',
    series: [
      ...exporter(),
      ...[...'abcdefgh'].flatMap((id, index) => dead(id, DEATH + (index % 3) * 0.5, 25 + (index % 3) * 0.5)),
    ],
    minutes: 40,
    pages: [{ ...ONE_PAGE, starts: [DEATH + 2, 14.5], over: 35 }],
  },
  ...([1, 2] as const).flatMap((minutes): Situation[] => [
    {
      name: `six environments lose their workers, and of five this is seen ${minutes} min late: one page`,
      series: [
        ...exporter(),
        ...dead('a', DEATH),
        ...[...'bcdef'].flatMap((id) => dead(id, DEATH).map((one) => late(one, minutes))),
      ],
      minutes: 30,
      pages: [{ ...ONE_PAGE, starts: [DEATH + 2, 14.5] }],
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
    pages: [{ ...ONE_PAGE, starts: [DEATH + 2, 14.5] }],
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
    name: 'two environments without workers are two pages',
    series: [...exporter(), ...[...'ab'].flatMap((id) => dead(id, DEATH))],
    minutes: 18,
    pages: [...'ab'].map((environment) => ({ condition: 'no_workers', environment, starts: [DEATH + 2, 14.5] })),
  },
  ...STAGGERS.map(({ minutes, own }): Situation => {
    const at = (index: number) => DEATH + index * minutes;
    return {
      name: `six fleets die ${minutes} min apart: nobody is told twice`,
      series: [...exporter(), ...six.flatMap((id, index) => dead(id, at(index), at(5) + 15))],
      minutes: at(5) + 25,
      pages: [
        ...six.slice(0, own).map(
          (environment, index): Heard => ({
            condition: 'no_workers',
            environment,
            starts: [at(index) + 2, at(index) + 4.5],
            over: at(5) + 21,
          }),
        ),
        ...(own === 6 ? [] : [{ ...ONE_PAGE, starts: [at(own) + 1.5, at(own) + 5.5], over: at(5) + 21 } as const]),
      ],
    };
  }),
  {
    name: 'six fleets die, five come back, and one stays dead: the page stays, and nobody is told again',
    series: [...exporter(), ...six.flatMap((id, index) => dead(id, DEATH, index === 0 ? 1e6 : 20))],
    minutes: 40,
    pages: [{ ...ONE_PAGE, starts: [DEATH + 2, 14.5] }],
  },
  {
    name: 'a seventh fleet dies an hour after six that are still dead: it has a page of its own',
    series: [...exporter(), ...six.flatMap((id) => dead(id, DEATH)), ...dead('g', 60)],
    minutes: 70,
    pages: [
      { ...ONE_PAGE, starts: [DEATH + 2, 14.5] },
      { condition: 'no_workers', environment: 'g', starts: [62, 64.5] },
    ],
  },
  {
    name: 'after six fleets one dies now and then: each has a page of its own',
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
      { condition: 'no_workers', environment: 'g', starts: [32, 34.5] },
      { condition: 'no_workers', environment: 'h', starts: [57, 59.5] },
      { condition: 'no_workers', environment: 'i', starts: [112, 114.5] },
    ],
  },
  {
    name: 'nine fleets die four minutes apart: once three of them did, there is one page for those that follow',
    series: [...exporter(), ...[...'abcdefghi'].flatMap((id, index) => dead(id, DEATH + 4 * index))],
    minutes: 55,
    pages: [
      ...[...'ab'].map((environment): Heard => ({ condition: 'no_workers', environment })),
      { ...ONE_PAGE, starts: [DEATH + 10, DEATH + 12.5] },
    ],
  },
  {
    name: 'six fleets are dead, and the API cannot be read for a while: the page stays',
    series: [...exporter(), ...six.flatMap((id) => environment(outage(deadStats(DEATH), 20, 40), { id, name: id }))],
    minutes: 50,
    pages: [
      { ...ONE_PAGE, starts: [DEATH + 2, 14.5] },
      { condition: 'api_unreachable', environment: null, starts: [22, 24.5], over: 46 },
    ],
  },
  {
    name: 'three dead fleets on each of two connections: a page each',
    series: [
      ...exporter(),
      ...six.flatMap((id, index) =>
        environment(deadStats(DEATH), { id, name: id, connection: index < 3 ? 'default' : 'other' }),
      ),
    ],
    minutes: 30,
    pages: [{ ...ONE_PAGE, times: 2, starts: [DEATH + 2, 14.5] }],
  },
];
