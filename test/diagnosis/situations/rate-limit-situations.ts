import { during, type Line, now, step } from '../support/lines.ts';
import { outage } from '../support/outage.ts';
import {
  alone,
  bareConnection,
  type EnvironmentLines,
  environment,
  exporter,
  lostScrapes,
  type Series,
} from '../support/series.ts';
import type { Situation } from '../support/situation.ts';
import { countsUntil, FROM, failing, fleetOf, page, TO } from '../support/unread-fleet.ts';

const counts = countsUntil(TO);
/** Counts what fails once in five minutes, the first time so many minutes after the beginning. */
const everyFiveMinutes =
  (first: number): Line =>
  (minute) =>
    Math.max(0, Math.floor((Math.min(minute, TO) - FROM + 4.5 - first) / 5));
/** Counts what fails once in ten minutes, the first time so many minutes after the beginning. */
const everyTen =
  (first: number): Line =>
  (minute) =>
    Math.max(0, Math.floor((Math.min(minute, TO) - FROM + 9.5 - first) / 10));
/** Until which minute nothing is asked, as a stamp that is there only meanwhile. */
const backoff = (until: (minute: number) => number): EnvironmentLines => {
  const line = during(FROM, TO, [null, (minute) => until(minute) * 60]);
  return { statsBackoff: line, listBackoff: line };
};
/** The API asks for a pause of hours, and the exporter asks again after five minutes. */
const PAUSED = backoff((minute) => FROM + 5 * (Math.floor((minute - FROM) / 5) + 1));
/** Its connection is paused, and no read of its own has failed. */
const WAITS: EnvironmentLines = { upStats: 1, upList: 1 };

/**
 * An exporter that starts while the API answers 429 and asks for pauses of so many minutes. All its reads have met one
 * before the first scrape; after that, each pause ends with one more for the first environment.
 */
const startsLimited = (
  { count, lists, pause, instance }: { count: number; lists: boolean; pause: number; instance?: string },
  own: EnvironmentLines = {},
): readonly Series[] => {
  const probes = (minute: number) => Math.floor((Math.min(minute, TO) - FROM) / pause);
  const later = (line: Line) => during(FROM, TO, [line, null]);
  const place = instance === undefined ? {} : { instance };
  return Array.from({ length: count }, (_, index) => {
    const lines: EnvironmentLines = {
      ...outage({}, FROM, TO),
      lastStats: later(now),
      lastList: later(now),
      watchedSince: FROM * 60 - 20,
      stats429: (minute) => 1 + (index === 0 ? probes(minute) : 0),
      list429: lists ? 1 : null,
      ...backoff((minute) => FROM + pause * (Math.floor((minute - FROM) / pause) + 1)),
      ...own,
    };
    return environment(lines, { id: `e${index}`, name: `n${index}`, ...place }).map((one) => ({
      ...one,
      line: during(FROM, 1e6, [null, one.line]),
    }));
  }).flat();
};
/** Counters of 429s that were met long ago, and reads that time out so seldom that none of them proves anything. */
const limitedLongAgo = (index: number): EnvironmentLines => ({
  ...failing('statsTimeout'),
  statsTimeout: everyTen(index),
  stats429: 50,
});
const SOME_LIMITED = alone(
  { stats429: (minute) => minute, lastStats: (minute) => Math.floor(minute) * 60 },
  { sent: (minute) => minute * 5 },
);

/** 429s, pauses that the API asks for, and outages beside them. */
/** Every six minutes the API asks for a pause of five, which meets one read, and in the sixth it answers. */
const pausedAgainAndAgain = (index: number): EnvironmentLines => {
  const since = (minute: number) => FROM + 6 * Math.floor((Math.min(minute, TO) - FROM) / 6);
  const isPaused = (minute: number) => minute >= FROM && minute < TO + 2 && minute - since(minute) < 5;
  return {
    ...WAITS,
    lastStats: (minute) => (isPaused(minute) ? since(minute) : minute) * 60,
    statsBackoff: (minute) => (isPaused(minute) ? (since(minute) + 5) * 60 : null),
    stats429: (minute) => (minute < FROM || index > 0 ? 0 : Math.floor((Math.min(minute, TO) - FROM) / 6) + 1),
  };
};

export const RATE_LIMIT_SITUATIONS: readonly Situation[] = [
  {
    name: '429s, and reads still succeed now and then',
    series: SOME_LIMITED,
    minutes: 40,
    tickets: [{ condition: 'rate_limited', environment: null }],
  },
  {
    name: 'the API asks for pauses of five minutes, one a minute after the other: one page, though no read of most environments fails',
    series: fleetOf(3, pausedAgainAndAgain),
    minutes: TO + 30,
    pages: [{ condition: 'rate_limited', environment: null, over: TO + 13 }],
  },
  {
    name: '429s now and then, and the exporter is gone for ten minutes',
    series: lostScrapes(SOME_LIMITED, [25, 35]),
    minutes: 60,

    tickets: [{ condition: 'rate_limited', environment: null }],
  },
  {
    name: '429s now and then, and Prometheus is away for eight minutes',
    series: SOME_LIMITED,
    minutes: 60,
    restart: [25, 33],
    tickets: [{ condition: 'rate_limited', environment: null }],
  },
  {
    name: '429s now and then, and the environment now belongs to the other connection: a ticket about that one',
    series: [
      ...exporter({ sent: (minute) => minute * 5 }),
      ...bareConnection({ sent: (minute) => minute * 5 }, 'other'),
      ...environment({
        info: step(FROM, 1, null),
        infoOther: step(FROM, null, 1),
        stats429: (minute) => Math.max(0, minute - FROM),
      }),
    ],
    minutes: 40,
    tickets: [{ condition: 'rate_limited', environment: null }],
  },
  {
    name: 'lists are rate-limited and never read, three environments: the ticket about the limit says it for all',
    series: [
      ...exporter({ sent: (minute) => minute * 12 }),
      ...['e0', 'e1', 'e2'].flatMap((id) =>
        environment({ upList: step(FROM, 1, 0), list429: (minute) => Math.max(0, minute - FROM) * 2 }, { id }),
      ),
    ],
    minutes: 60,
    tickets: [{ condition: 'rate_limited', environment: null }],
  },
  {
    name: 'a 429 storm in which each of seven environments is asked once in five minutes',
    series: fleetOf(7, (index) => ({ ...failing('stats429'), stats429: everyFiveMinutes(index / 2) })),
    minutes: 40,
    pages: [page('rate_limited')],
  },
  ...(
    [
      [1, true, 2],
      [1, false, 2],
      [2, true, 2],
      [2, false, 2],
      [7, true, 2],
      [7, false, 2],
      [1, true, 5],
      [2, false, 5],
      [7, true, 5],
    ] as const
  ).map(([count, lists, pause]) => ({
    name: `an exporter of ${count} environments starts while the API asks for pauses of ${pause} minutes${lists ? '' : ', and reads no lists'}`,
    series: [...exporter(), ...startsLimited({ count, lists, pause })],
    minutes: 45,
    pages: [page('rate_limited')],
  })),
  // Whichever replica Prometheus meets first.
  ...(
    [
      ['a', 'b'],
      ['b', 'a'],
    ] as const
  ).map(([metTwo, ahead]) => ({
    name: `two replicas start while the API asks for pauses of five minutes: ${metTwo} has met two 429s, the clock of ${ahead} is ahead`,
    series: [
      ...exporter({}, { instance: metTwo }),
      ...exporter({ time: (minute) => minute * 60 + 3600 }, { instance: ahead }),
      ...startsLimited({ count: 1, lists: false, pause: 5, instance: metTwo }, { stats429: 2 }),
      ...startsLimited(
        { count: 1, lists: false, pause: 5, instance: ahead },
        { stats429: 1, watchedSince: FROM * 60 + 3580 },
      ),
    ],
    minutes: 45,
    pages: [{ condition: 'rate_limited' as const, environment: null, starts: [FROM + 2, FROM + 4.5] as const }],
  })),
  {
    name: 'an exporter starts while the API answers 429 once and then fails: an outage',
    series: [
      ...exporter(),
      ...startsLimited(
        { count: 4, lists: true, pause: 2 },
        { stats429: 1, stats5xx: counts, statsBackoff: null, listBackoff: null },
      ),
    ],
    minutes: 45,
    pages: [page('api_unreachable')],
  },
  {
    name: 'an exporter met 429s at its start, which was twenty minutes before an outage',
    series: fleetOf(7, (index) => ({ ...limitedLongAgo(index), watchedSince: (FROM - 20) * 60 })),
    minutes: 40,
    pages: [page('api_unreachable')],
  },
  {
    name: 'an outage after an environment was added beside others of its name, which have met 429s long ago',
    series: [
      ...exporter(),
      ...Array.from({ length: 7 }, (_, index) =>
        environment(
          index === 6
            ? { ...limitedLongAgo(index), stats429: 0, watchedSince: (FROM - 3) * 60 }
            : limitedLongAgo(index),
          { id: `e${index}`, name: 'same' },
        ),
      ).flat(),
    ],
    minutes: 40,
    pages: [page('api_unreachable')],
  },
  {
    name: 'an outage minutes after the start of a replica, beside one that has met 429s long ago',
    series: [
      ...fleetOf(7, limitedLongAgo),
      ...exporter({}, { instance: 'b' }),
      ...Array.from({ length: 7 }, (_, index) =>
        environment(
          { ...limitedLongAgo(index), stats429: 0, watchedSince: (FROM - 3) * 60 },
          { id: `e${index}`, name: `n${index}`, instance: 'b' },
        ),
      ).flat(),
    ],
    minutes: 40,
    pages: [page('api_unreachable')],
  },
  {
    name: 'four environments meet 429s now and then and are read, and the reads of a fifth time out',
    series: fleetOf(5, (index) => (index < 4 ? { stats429: (minute) => minute } : failing('statsTimeout'))),
    minutes: 40,
    pages: [{ condition: 'not_readable', environment: 'e4', over: TO + 6 }],
  },
  {
    name: 'a 429 storm that hides everything',
    series: fleetOf(4, () => failing('stats429'), { sent: (minute) => minute * 16 }),
    minutes: 40,
    pages: [page('rate_limited')],
  },
  {
    name: 'after a 429 the API asks for hours, and one environment of four is asked once in five minutes',
    series: fleetOf(4, (index) => ({
      ...failing('stats429'),
      ...PAUSED,
      ...(index === 0 ? { stats429: everyFiveMinutes(0) } : { ...WAITS, stats429: 0 }),
    })),
    minutes: 40,
    pages: [page('rate_limited')],
  },
  ...(
    [
      ['its list', { upStats: 1, list429: everyFiveMinutes(0) }],
      [
        'its stats and its list in turn',
        { stats429: everyTen(0), list429: everyTen(5), upList: during(FROM + 5, TO, [1, 0]) },
      ],
    ] as const
  ).map(
    ([what, lines]): Situation => ({
      name: `after a 429 the API asks for hours, and the only environment is asked for ${what}`,
      series: fleetOf(1, () => ({ ...failing('stats429'), ...PAUSED, stats429: 0, ...lines })),
      minutes: 40,
      pages: [page('rate_limited')],
    }),
  ),
  {
    name: 'after a 429 the API asks for hours, and only discovery is asked for',
    series: fleetOf(2, () => ({ ...failing('stats429'), ...PAUSED, ...WAITS, stats429: 0 }), {
      discovery: during(FROM, TO, [1, 0]),
    }),
    minutes: 40,
    pages: [page('rate_limited')],
  },
  {
    name: 'a pause after a 429, and then the API does not answer: the page says that',
    series: fleetOf(4, () => ({
      ...failing('statsTimeout'),
      upStats: during(FROM + 1, TO, [1, 0]),
      upList: during(FROM + 1, TO, [1, 0]),
      ...backoff((minute) => (minute < FROM + 1 ? FROM + 1 : minute + 0.5)),
      statsTimeout: (minute) => Math.max(0, Math.min(minute, TO) - FROM - 1) * 2,
      stats429: step(FROM, 0, 1),
    })),
    minutes: 40,
    pages: [page('api_unreachable')],
  },
];
