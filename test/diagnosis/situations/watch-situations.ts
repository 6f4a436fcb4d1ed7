import { during, type Line, step } from '../support/lines.ts';
import { outage } from '../support/outage.ts';
import { alone, type EnvironmentLines, environment, exporter, lostScrapes, type Series } from '../support/series.ts';
import type { Heard, Situation } from '../support/situation.ts';
import { NOTHING_FINISHES } from './item-situations.ts';

const FROM = 10;
/** When the cause of a page is over. */
const TO = 60;
/** The exporter is away for eight minutes in the middle of it. */
const AWAY = [32, 40] as const;

const three = (lines: EnvironmentLines): readonly Series[] =>
  ['e1', 'e2', 'e3'].flatMap((id) => environment(lines, { id, name: id }));
const failures: Line = (minute) => Math.max(0, Math.min(minute, TO) - FROM) * 2;
const refused = exporter({ rejected: during(FROM, TO, [0, 1]) });
/** Too deep, and served, which the workers make up for at the end. */
const DEEP: EnvironmentLines = {
  depth: (minute) => (minute < TO ? 150 : Math.max(0, 150 - 15 * (minute - TO))),
  depthCritical: 120,
  depthWarning: Infinity,
  itemsActive: 2,
  acknowledged: (minute) => minute,
  stopped: (minute) => minute,
};

/** Each item waits for longer than the one before, up to half an hour, which only the list tells. */
const WITHHELD: EnvironmentLines = {
  polling: 0,
  itemsActive: 2,
  age: null,
  ageUnknown: 1,
  depth: during(FROM, TO, [0, (minute) => (minute - FROM) * 3]),
  itemsQueued: during(FROM, TO, [0, (minute) => (minute - FROM) * 3]),
  sinceQueued: during(FROM, TO, [null, (minute) => minute * 10 + 500]),
  acknowledged: (minute) => minute * 2,
  stopped: (minute) => minute * 2,
};
const LIST_AWAY = [AWAY[0], AWAY[1] + 1.5] as const;

interface Paged {
  readonly what: string;
  readonly series: readonly Series[];
  readonly page: Heard;
  readonly tickets?: readonly Heard[];
}

/** Pages whose cause lasts for fifty minutes. */
const PAGED: readonly Paged[] = [
  { what: 'a queue that is too deep', series: alone(DEEP), page: { condition: 'queue_too_deep' } },
  {
    what: 'runs none of which finishes',
    series: alone(NOTHING_FINISHES),
    page: { condition: 'runs_lost' },
    tickets: [{ condition: 'runs_lost' }],
  },
  {
    what: 'an outage of the API',
    series: [...exporter(), ...three({ ...outage({}, FROM, TO), statsTimeout: failures })],
    page: { condition: 'api_unreachable', environment: null },
  },
  {
    what: 'a rate limit',
    series: [...exporter(), ...three({ ...outage({}, FROM, TO), stats429: failures })],
    page: { condition: 'rate_limited', environment: null },
  },
  {
    what: 'a revoked API key',
    series: [...refused, ...three({ ...outage({}, FROM, TO), stats401: failures })],
    page: { condition: 'api_key_refused', environment: null },
  },
  {
    what: 'a revoked key of the only environment',
    series: [...refused, ...environment({ ...outage({}, FROM, TO), stats401: failures })],
    page: { condition: 'key_refused' },
  },
  {
    what: 'an environment that cannot be read',
    series: alone({ ...outage({}, FROM, TO), statsTimeout: failures }),
    page: { condition: 'not_readable' },
  },
];

/** An environment that cannot be read, and for some minutes neither can any other. */
const alsoAll = (id: string, [from, to]: readonly [number, number]): EnvironmentLines =>
  id === 'e1' ? outage({}, Math.min(FROM, from), Math.max(to, TO)) : outage({}, from, to);

/** Pages that go on although nobody, or nothing, can see their cause for a while. */
export const WATCH_SITUATIONS: readonly Situation[] = [
  ...PAGED.map(
    ({ what, series, page, tickets = [] }): Situation => ({
      name: `${what}, and the exporter is away for eight minutes: the page stays`,
      series: lostScrapes(series, AWAY),
      minutes: 75,
      pages: [{ ...page, ...(what.startsWith('runs') ? {} : { over: TO + 12 }) }],
      tickets,
    }),
  ),
  {
    name: 'the API withholds ages, work waits, and the exporter is back with its list some time after its statistics: the page stays',
    series: lostScrapes(alone(WITHHELD), AWAY).map((one) =>
      /oldest_item_timestamp/.test(one.name) ? { ...one, line: during(...LIST_AWAY, [one.line, null]) } : one,
    ),
    minutes: 75,
    pages: [{ condition: 'oldest_item_too_old', over: TO + 5 }],
    tickets: [{ condition: 'oldest_item_too_old' }, { condition: 'queue_too_deep' }],
  },
  {
    name: 'an outage of the API that is over while the exporter is away: the page ends soon after it is back',
    series: lostScrapes([...exporter(), ...three({ ...outage({}, FROM, 35), statsTimeout: failures })], AWAY),
    minutes: 60,
    pages: [{ condition: 'api_unreachable', environment: null, starts: [FROM + 2, FROM + 4.5], over: AWAY[1] + 7.5 }],
  },
  {
    name: 'the exporter is updated in the middle of an outage of the API, and comes back under another name',
    series: (['a', 'b'] as const).flatMap((instance) => {
      const own = [
        ...exporter({}, { instance }),
        ...['e1', 'e2', 'e3'].flatMap((id) =>
          environment({ ...outage({}, FROM, TO), statsTimeout: failures }, { id, name: id, instance }),
        ),
      ];
      const line = (one: Series): Line =>
        instance === 'a' ? during(AWAY[0], 1e6, [one.line, null]) : step(36, null, one.line);
      return own.map((one) => ({ ...one, line: line(one) }));
    }),
    minutes: 75,
    pages: [{ condition: 'api_unreachable', environment: null, starts: [FROM + 2, FROM + 4.5], over: TO + 6.5 }],
  },
  ...[12, 25].map(
    (minutes): Situation => ({
      name: `a queue that is too deep, and the API cannot be read for ${minutes} minutes: the page stays`,
      series: alone(outage(DEEP, AWAY[0], AWAY[0] + minutes)),
      minutes: 75,
      pages: [
        { condition: 'queue_too_deep', over: TO + 12 },
        { condition: 'not_readable', over: AWAY[0] + minutes + 6.5 },
      ],
    }),
  ),
  {
    name: 'all environments cannot be read, and one stays so: one page',
    series: [
      ...exporter(),
      ...['e1', 'e2', 'e3', 'e4'].flatMap((id) => environment(alsoAll(id, [FROM, 30]), { id, name: id })),
    ],
    minutes: 75,
    pages: [{ condition: 'api_unreachable', environment: null, starts: [FROM + 2, FROM + 4.5], over: TO + 6.5 }],
  },
  {
    name: 'an environment cannot be read, and for ten minutes of it the others cannot, either: a page each',
    series: [
      ...exporter(),
      ...['e1', 'e2', 'e3', 'e4'].flatMap((id) => environment(alsoAll(id, [30, 40]), { id, name: id })),
    ],
    minutes: 75,
    pages: [
      { condition: 'not_readable', environment: 'e1', starts: [FROM + 2, FROM + 6.5], over: TO + 6.5 },
      { condition: 'api_unreachable', environment: null, starts: [32, 34.5], over: 46.5 },
    ],
  },
  {
    name: 'the key of the only environment is refused for five minutes and accepted for three, again and again: one page',
    series: [
      ...exporter({ rejected: (minute) => (isRefused(minute) ? 1 : 0) }),
      ...environment({
        upStats: (minute) => (isRefused(minute) ? 0 : 1),
        lastStats: (minute) => (isRefused(minute) ? minute - ((minute - FROM) % 8) : minute) * 60,
        stats401: failures,
      }),
    ],
    minutes: 75,
    pages: [{ condition: 'key_refused', over: TO + 6.5 }],
  },
];

function isRefused(minute: number): boolean {
  return minute >= FROM && minute < TO && (minute - FROM) % 8 < 5;
}
