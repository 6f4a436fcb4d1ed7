import { deadStats } from '../support/dead-fleet.ts';
import { during, type Line } from '../support/lines.ts';
import { outage } from '../support/outage.ts';
import {
  bareConnection,
  type EnvironmentLines,
  environment,
  exporter,
  lostScrapes,
  type Series,
} from '../support/series.ts';
import type { Heard, Situation } from '../support/situation.ts';

const FROM = 10;
const THEN = 20;
const TO = 40;

type Reason = 'stats401' | 'stats403' | 'stats429' | 'stats5xx' | 'statsTimeout';
type Spell = readonly [reason: Reason, from: number, to: number];

/** Reads that fail twice a minute: for one reason, and then perhaps for another, without a pause. */
function failing(...spells: readonly Spell[]): EnvironmentLines {
  const counts =
    (from: number, to: number): Line =>
    (minute) =>
      Math.max(0, Math.min(minute, to) - from) * 2;
  return {
    ...outage({}, spells[0]![1], spells.at(-1)![2]),
    ...Object.fromEntries(spells.map(([reason, from, to]) => [reason, counts(from, to)])),
  };
}

/** Environments of one connection, by its name and a number. */
const on = (connection: string, count: number, lines: (index: number) => EnvironmentLines): readonly Series[] =>
  Array.from({ length: count }, (_, index) =>
    environment(lines(index), { id: `${connection}${index}`, name: `${connection}${index}`, connection }),
  ).flat();

/** The keys of these environments are refused between two minutes, each by itself. */
const keys = (count: number, from: number, to: number): readonly Series[] =>
  Array.from({ length: count }, (_, index) =>
    bareConnection({ rejected: during(from, to, [0, 1]) }, 'a').map((one) => ({
      ...one,
      labels: { ...one.labels, credential: `a${index}` },
    })),
  ).flat();

const apiKey = (connection: string): readonly Series[] =>
  bareConnection({ rejected: during(FROM, TO, [0, 1]) }, connection);

const about = (condition: Heard['condition'], from: number, over?: number): Heard => ({
  ...{ condition, environment: null, starts: [from + 2, from + 4.5] },
  ...(over === undefined ? {} : { over }),
});
const rejected = about('api_key_refused', FROM);

/** Six environments, each with a key of its own; those of some are refused, and then all reads fail, or some. */
const refusedAndThen = (
  refused: number,
  then: (index: number, isRefused: boolean) => readonly Spell[],
): readonly Series[] => [
  ...exporter({ rejected: null }),
  ...keys(refused, FROM, TO),
  ...on('a', 6, (index) => {
    const all = then(index, index < refused);
    return all.length === 0 ? {} : failing(...all);
  }),
];

/** What is wrong with one connection, while another is well. */
const WAYS = [
  ['does not answer', 'statsTimeout', 'api_unreachable'],
  ['refuses its key', 'stats401', 'api_key_refused'],
  ['limits its requests', 'stats429', 'rate_limited'],
] as const;

const LATE = FROM + 45;
/** Refused for five minutes, each for a little longer than the one before, and then unread for long. */
const outlasted = (index: number): EnvironmentLines =>
  failing(['stats401', FROM, FROM + 5 + index / 2], ['stats5xx', FROM + 5 + index / 2, LATE]);
/** A key is refused, and the API fails for longer than that is remembered: what is told then has one page, too. */
const OUTLASTED: readonly Situation[] = [
  {
    name: 'the API key is refused, and then the API fails for half an hour: one page',
    series: [
      ...exporter({ rejected: null }),
      ...bareConnection({ rejected: during(FROM, FROM + 22, [0, 1]) }, 'a'),
      ...on('a', 6, outlasted),
    ],
    minutes: LATE + 15,
    pages: [
      // It goes on until what it hides can be read, and its evidence says why that cannot be.
      { ...rejected, over: LATE + 6.5 },
    ],
  },
  {
    name: 'keys of two of six environments are refused, and then the API fails for these for half an hour: one page',
    series: [
      ...exporter({ rejected: null }),
      ...keys(2, FROM, FROM + 22),
      ...on('a', 6, (index) => (index < 2 ? outlasted(index) : {})),
    ],
    minutes: LATE + 15,
    pages: [{ ...rejected, over: LATE + 6.5 }],
  },
];

/** Several connections, several keys of one, and shards: one page for each cause, and none for another's. */
export const CONNECTION_SITUATIONS: readonly Situation[] = [
  ...WAYS.map(
    ([what, reason, condition]): Situation => ({
      name: `the API of one of two connections ${what}, and a fleet of the other dies meanwhile: a page each`,
      series: [
        ...exporter({ rejected: null }),
        ...(condition === 'api_key_refused' ? apiKey('a') : []),
        ...on('a', 3, () => failing([reason, FROM, TO])),
        ...on('b', 3, (index) => (index === 0 ? deadStats(THEN, TO) : {})),
      ],
      minutes: 60,
      pages: [
        about(condition, FROM, TO + 6.5),
        { condition: 'no_workers', environment: 'b0', starts: [THEN + 2, THEN + 4.5], over: TO + 6 },
      ],
    }),
  ),
  {
    name: 'three connections fail at once, each in its own way: three pages',
    series: [
      ...exporter({ rejected: null }),
      ...apiKey('b'),
      ...on('a', 3, () => failing(['stats5xx', FROM, TO])),
      ...on('b', 3, () => failing(['stats401', FROM, TO])),
      ...on('c', 3, () => failing(['stats429', FROM, TO])),
    ],
    minutes: 60,
    pages: WAYS.map(([, , condition]) => about(condition, FROM, TO + 6.5)),
  },
  {
    name: 'the API limits one of two connections until nothing is seen, and some reads of the other: a page and a ticket',
    series: [
      ...exporter({ rejected: null }),
      ...['a', 'b'].flatMap((connection) => bareConnection({ sent: (minute) => minute * 12 }, connection)),
      ...on('a', 3, () => failing(['stats429', FROM, TO])),
      ...on('b', 3, () => ({ stats429: (minute) => Math.max(0, Math.min(minute, TO) - FROM) * 0.5 })),
    ],
    minutes: 75,
    pages: [about('rate_limited', FROM, TO + 6.5)],
    tickets: [{ condition: 'rate_limited', environment: null, starts: [FROM + 5, FROM + 14], over: TO + 14 }],
  },
  {
    name: 'the API limits some reads of one connection, and no list of the other is read: tickets about either',
    series: [
      ...exporter({ rejected: null }),
      ...['a', 'b'].flatMap((connection) => bareConnection({ sent: (minute) => minute * 120 }, connection)),
      ...on('a', 2, () => ({ stats429: (minute) => Math.max(0, Math.min(minute, TO) - FROM) * 20 })),
      // Fewer than one request in twenty.
      ...on('b', 2, () => ({
        upList: during(FROM, TO, [1, 0]),
        list429: (minute) => Math.max(0, Math.min(minute, TO) - FROM),
      })),
    ],
    minutes: 75,
    tickets: [
      { condition: 'rate_limited', environment: null },
      { condition: 'coverage_reduced', environment: 'b0' },
      { condition: 'coverage_reduced', environment: 'b1' },
    ],
  },
  {
    name: 'an outage goes on with 429s: its page says so, and no ticket beside it',
    series: [
      ...exporter(),
      ...bareConnection({ sent: (minute) => minute * 6 }, 'a'),
      ...on('a', 3, () => failing(['stats5xx', FROM, THEN], ['stats429', THEN, TO])),
    ],
    minutes: 75,
    pages: [about('api_unreachable', FROM, TO + 6.5)],
  },
  {
    name: 'the only environment of a connection meets 429s, and then its key is refused: a page each, without a pause',
    series: [
      ...exporter(),
      ...bareConnection({ rejected: during(THEN, TO, [0, 1]) }, 'a'),
      ...on('a', 1, () => failing(['stats429', FROM, THEN], ['stats401', THEN, TO])),
    ],
    minutes: 60,
    pages: [
      about('rate_limited', FROM, THEN + 6),
      { condition: 'key_refused', environment: 'a0', starts: [THEN + 1, THEN + 5.5], over: TO + 6.5 },
    ],
  },
  {
    name: 'keys of two of six environments are refused, and ten minutes later nothing can be read: the outage is told at once',
    series: refusedAndThen(2, (_, isRefused) =>
      isRefused
        ? [
            ['stats401', FROM, THEN],
            ['stats5xx', THEN, TO],
          ]
        : [['stats5xx', THEN, TO]],
    ),
    minutes: 60,
    pages: [rejected, about('api_unreachable', THEN, TO + 6.5)],
  },
  {
    name: 'keys of two of six environments are refused, and then the API fails for the others: a page each, and none after the repair',
    series: refusedAndThen(2, (_, isRefused) => [isRefused ? ['stats401', FROM, TO] : ['stats5xx', THEN, TO]]),
    minutes: 60,
    pages: [{ ...rejected, over: TO + 6.5 }, about('api_unreachable', THEN, TO + 6.5)],
  },
  {
    name: 'keys of two of six environments are refused, and then all requests are limited',
    series: refusedAndThen(2, (_, isRefused) =>
      isRefused
        ? [
            ['stats401', FROM, THEN],
            ['stats429', THEN, TO],
          ]
        : [['stats429', THEN, TO]],
    ),
    minutes: 60,
    pages: [rejected, about('rate_limited', THEN, TO + 6.5)],
  },
  {
    name: 'keys of two of six environments are refused, and then the API fails for one other: it has a page of its own',
    series: refusedAndThen(2, (index, isRefused) =>
      isRefused ? [['stats401', FROM, TO]] : index === 5 ? [['stats5xx', THEN, TO]] : [],
    ),
    minutes: 60,
    pages: [
      { ...rejected, over: TO + 6.5 },
      { condition: 'not_readable', environment: 'a5', starts: [THEN + 2, THEN + 6.5], over: TO + 6.5 },
    ],
  },
  {
    name: 'the key of one of six environments is refused, and then all requests are limited: the page says so',
    series: refusedAndThen(1, (_, isRefused) =>
      isRefused
        ? [
            ['stats401', FROM - 5, THEN],
            ['stats429', THEN, TO],
          ]
        : [['stats429', THEN, TO]],
    ),
    minutes: 60,
    pages: [{ condition: 'key_refused', environment: 'a0' }, about('rate_limited', THEN, TO + 6.5)],
  },
  ...OUTLASTED,
  {
    name: 'the API fails for a minute, and from then on it refuses the key: one page, about the key',
    series: [
      ...exporter({ rejected: null }),
      ...apiKey('a'),
      ...on('a', 6, () => failing(['stats5xx', FROM, FROM + 1], ['stats401', FROM + 1, TO])),
    ],
    minutes: 60,
    pages: [{ ...rejected, over: TO + 6.5 }],
  },
  {
    name: 'a key is refused, and one of three environments is unread a minute before the others: one page, and none after the repair',
    series: [
      ...exporter({ rejected: null }),
      ...apiKey('a'),
      ...on('a', 3, (index) => failing(['stats401', index === 0 ? FROM : FROM + 1, TO])),
    ],
    minutes: 60,
    pages: [{ ...rejected, starts: [FROM + 3, FROM + 5.5], over: TO + 6.5 }],
  },
  {
    name: 'a shard with a dead fleet and with an environment that cannot be read goes missing: their pages go on, and are no second ones',
    series: [
      ...lostScrapes(
        [
          ...exporter({}, { shard: '0/2' }),
          ...environment(deadStats(FROM, 50), { id: 'dead', name: 'dead' }),
          ...environment(failing(['statsTimeout', FROM, 50]), { id: 'unread', name: 'unread' }),
        ],
        [THEN, 40],
      ),
      ...exporter({}, { instance: 'b', shard: '1/2' }),
      ...environment({}, { id: 'well', name: 'well', instance: 'b' }),
    ],
    minutes: 75,
    pages: [
      { condition: 'no_workers', environment: 'dead', over: 56 },
      { condition: 'not_readable', environment: 'unread', over: 56.5 },
    ],
  },
];
